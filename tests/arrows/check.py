"""Holds the arrows of the house: which room may know which, and that no two rooms know each other.

A room is a crate, or a module beside others in a folder. What a module says with `use` or by a path from `crate`, `super` or
`self` is what it knows; its own tests may know more. Between crates, `Cargo.toml` says it.

Run it from anywhere: `python3 tests/arrows/check.py`. It prints what is wrong, a line each, and fails if there is anything.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# The crates that a crate of `shared` may know. Functions may know all of `shared`, and none another function.
SHARED = {"edin-domain": set(), "edin-channels": {"edin-domain"}, "edin-store": {"edin-domain"}}
SHARED["edin-platform"] = {"edin-domain", "edin-channels", "edin-store"}
SHARED["edin-trade"] = {"edin-domain", "edin-channels", "edin-store", "edin-platform"}
SHARED["edin-catalogue"] = SHARED["edin-look"] = {*SHARED}

# The crates of `infra` that a crate of `infra` may know, besides `shared` and the functions: each those before it. The stand-ins
# know the domain alone, or they would repeat what a channel's folder gets wrong.
INFRA = {"edin-local": set(), "judge": {"simulators"}, "edin-demo": {"edin-local", "judge", "simulators"}, "edin": {"edin-local", "edin-demo"}}
STAND_INS = "simulators"

# In the channels: no folder names another one, and the kit names none.
KIT = "kit"

Graph = dict[str, set[str]]


def without_tests(code: str) -> str:
    """A file as far as it isn't its own tests, without comments and texts."""
    code = re.split(r"#\[cfg\(test\)\]\s*(?:#\[[^\]]*\]\s*)*mod \w+ \{", code)[0]
    code = re.sub(r"//[^\n]*", "", code)
    return re.sub(r'"(?:\\.|[^"\\])*"', '""', code)


def named(code: str) -> Iterator[list[str]]:
    """The paths that a file names, of `use {a::{b, c}}` each by itself."""
    for statement in re.findall(r"\buse ([^;]+);", code):
        yield from spread(re.sub(r"\s+", "", re.sub(r"\bas \w+", "", statement)))
    for path in re.findall(r"\b((?:crate|super|self)(?:::\w+)+)", re.sub(r"\buse [^;]+;", "", code)):
        yield path.split("::")


def spread(path: str) -> Iterator[list[str]]:
    """`a::{b,c::d}` as `a::b` and `a::c::d`."""
    head, brace, rest = path.partition("{")
    if not brace:
        yield [part for part in path.split("::") if part]
        return
    depth, part = 0, ""
    for letter in rest.removesuffix("}") + ",":
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            for inner in spread(part) if part else ():
                yield [name for name in head.split("::") if name] + inner
            part = ""
        else:
            part += letter


class Crate:
    """A crate's modules, by their path from its root."""

    def __init__(self, folder: Path) -> None:
        self.files = {self.path(folder, file): file for file in sorted(folder.rglob("*.rs")) if not self.is_test(file)}

    @staticmethod
    def is_test(file: Path) -> bool:
        return file.name == "tests.rs" or "tests" in file.parts[-2:-1]

    @staticmethod
    def path(folder: Path, file: Path) -> tuple[str, ...]:
        parts = file.relative_to(folder).with_suffix("").parts
        return parts[:-1] if parts[-1] in ("mod", "lib", "main") else parts

    def arrows(self) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Which module knows which."""
        for module, file in self.files.items():
            for path in named(without_tests(file.read_text())):
                target = self.target(module, path)
                if target and target != module:
                    yield module, target

    def target(self, module: tuple[str, ...], path: list[str]) -> tuple[str, ...] | None:
        """The module that a path leads to: as far as it goes through modules."""
        match path[0]:
            case "crate":
                at, rest = (), path[1:]
            case "self":
                at, rest = module, path[1:]
            case "super":
                ups = len(path) - len([part for part in path if part != "super"])
                at, rest = module[: len(module) - ups], path[ups:]
            case _:
                at, rest = module, path
                if (*module, path[0]) not in self.files:
                    return None
        for name in rest:
            if (*at, name) not in self.files:
                break
            at = (*at, name)
        return at

    def rooms(self) -> dict[tuple[str, ...], Graph]:
        """By folder, which of its rooms know which of their neighbours."""
        rooms: dict[tuple[str, ...], Graph] = {}
        for module, target in self.arrows():
            depth = next((n for n, (a, b) in enumerate(zip(module, target)) if a != b), None)
            if depth is not None:
                rooms.setdefault(module[:depth], {}).setdefault(module[depth], set()).add(target[depth])
        return rooms


def circles(graph: Graph) -> Iterator[tuple[str, str]]:
    """Rooms that know each other, by however many others between them."""
    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        ahead = [start]
        while ahead:
            for following in graph.get(ahead.pop(), set()) - seen:
                seen.add(following)
                ahead.append(following)
        return seen

    for room in sorted(graph):
        for other in sorted(reached(room)):
            if room < other and room in reached(other):
                yield room, other


def circles_of(name: str, folder: Path) -> Iterator[str]:
    for parent, graph in Crate(folder).rooms().items():
        for one, other in circles(graph):
            yield f"{name}: {'::'.join((*parent, one))} and {other} know each other"


def channels(folder: Path) -> Iterator[str]:
    """What channels know of each other: nothing."""
    graph = Crate(folder).rooms().get((), {})
    for channel, known in sorted(graph.items()):
        for other in sorted(known - {KIT}):
            yield f"channels: {channel} knows {other}; no channel names another one, and the kit names none"


def crates() -> dict[str, tuple[Path, set[str]]]:
    """The crates, each with its folder and the crates of this workspace that it is built on."""
    found = {}
    for manifest in sorted(ROOT.glob("*/*/Cargo.toml")):
        read = tomllib.loads(manifest.read_text())
        if "package" in read:
            found[read["package"]["name"]] = (manifest.parent, set(read.get("dependencies", {})))
    return {name: (folder, uses & found.keys()) for name, (folder, uses) in found.items()}


def may_know(name: str, found: dict[str, tuple[Path, set[str]]]) -> set[str]:
    """The crates that a crate may be built on. Tests may know whatever they test."""
    if name == STAND_INS:
        return {"edin-domain"}
    match found[name][0].parent.name:
        case "shared":
            return SHARED.get(name, set())
        case "functions":
            return {*SHARED}
        case "infra":
            functions = {other for other, (folder, _) in found.items() if folder.parent.name == "functions"}
            return {*SHARED} | functions | INFRA.get(name, set())
        case _:
            return {*found}


def between_crates(found: dict[str, tuple[Path, set[str]]]) -> Iterator[str]:
    for name, (folder, uses) in found.items():
        room = folder.parent.name
        for other in sorted(uses - may_know(name, found)):
            yield f"{name} is built on {other}, which it may not know"
        if room != "tests":
            for other in sorted(other for other in uses if found[other][0].parent.name == "tests"):
                yield f"{name} is built on {other}, which is for tests alone"


def main() -> int:
    found = crates()
    wrong = list(between_crates(found))
    for name, (folder, _) in found.items():
        wrong += circles_of(name, folder / "src")
    wrong += channels(ROOT / "shared/channels/src")
    print("\n".join(wrong) or "all arrows point one way")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
