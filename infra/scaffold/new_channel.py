"""Makes the two folders of a new channel, and puts its name into the two registries: `just new-channel NAME "Title"`.

The folders are copies of those beside this script, in which `new_channel` is the channel's name, `new-channel` the same as connections
are named, `NewChannel` its type and `New Channel` its title. They compile, and fail until what is marked with `fill in:` is filled in.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = Path(__file__).resolve().parent

# Where each copy goes, and the registry there that names all folders.
PLACES = [("channel", ROOT / "shared/channels/src", "channels!"), ("stand", ROOT / "infra/simulators/src", "stands!")]

# What no module can be called: Rust's words of every edition.
WORDS = """abstract as async await become box break const continue crate do dyn else enum extern false final fn for gen if impl
in let loop macro match mod move mut override priv pub ref return self static struct super trait true try type typeof unsafe
unsized use virtual where while yield""".split()


def wrong_name(name: str) -> str | None:
    """Why a channel can't be called so."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", name):
        return "a name takes a small letter, then at most 31 small letters, digits and underscores"
    if "__" in name or name.endswith("_"):
        return "a name's underscores stand one by one, and none at its end"
    if name in WORDS:
        return "it is a word of Rust"
    taken = [path for _, folder, _ in PLACES for path in (folder / name, folder / f"{name}.rs") if path.exists()]
    if taken:
        return f"{taken[0].relative_to(ROOT)} is there already"
    return "the files that it would stand in use that word already" if is_used(name) or is_used(type_of(name)) else None


def is_used(word: str) -> bool:
    """Whether a registry or a template has a word of its own that is the same."""
    files = [folder / "lib.rs" for _, folder, _ in PLACES] + list(TEMPLATES.glob("*/*.rs"))
    return any(re.search(rf"\b{word}\b", file.read_text()) for file in files)


def type_of(name: str) -> str:
    return name.title().replace("_", "")


def wrong_title(title: str) -> str | None:
    """Why people can't call it so."""
    is_plain = title == title.strip() and title.isprintable() and not set(title) & set('"\\{}|<>[]`')
    return None if title and is_plain else "a title is one line of words, without quotes, brackets and signs of a table"


def registered(registry: str, macro: str, name: str) -> str:
    """A `lib.rs` whose registry names one more channel."""
    line = re.compile(rf"^({macro} {{ .+) }}$", re.MULTILINE)
    changed, count = line.subn(rf"\1, {name} }}", registry)
    if count != 1:
        raise SystemExit(f"no line of lib.rs is `{macro} {{ … }}`")
    return changed


def copies(name: str, title: str) -> dict[Path, str]:
    """What is written, by its place."""
    words = {"new_channel": name, "new-channel": name.replace("_", "-"), "NewChannel": type_of(name), "New Channel": title}
    files = {}
    for template, folder, macro in PLACES:
        registry = folder / "lib.rs"
        files[registry] = registered(registry.read_text(), macro, name)
        for file in sorted(path for path in (TEMPLATES / template).rglob("*") if path.is_file()):
            text = re.sub("|".join(words), lambda found: words[found[0]], file.read_text())
            files[folder / name / file.relative_to(TEMPLATES / template)] = text
    return files


def main(arguments: list[str]) -> int:
    match arguments:
        case [name, title]:
            wrong = wrong_name(name) or wrong_title(title)
        case _:
            wrong = 'say what to call it: just new-channel NAME "Title"'
    if wrong:
        print(wrong, file=sys.stderr)
        return 1
    for file, text in copies(name, title).items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    print(f"What to look up stands behind `fill in:` in shared/channels/src/{name} and infra/simulators/src/{name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
