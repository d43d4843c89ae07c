"""The functions' sizes, held against what they were: what a function links is what it starts with, and nobody looks at it otherwise.

`sizes.json` has the bytes of each binary as this check builds them. One that grew by more than a tenth fails: either something
was linked that it has no use for, or it is worth it; then `drive.py --note-sizes` notes what they are now.
"""

from __future__ import annotations

import json
from pathlib import Path

NOTED = Path(__file__).with_name("sizes.json")
# So much more than was noted is too much.
GROWTH = 0.10


def built(build: Path) -> dict[str, int]:
    """The bytes of each function's binary, by the function's name."""
    binaries = sorted(build.glob("*Function/bootstrap"))
    return {binary.parent.name.removesuffix("Function").lower(): binary.stat().st_size for binary in binaries}


def note(build: Path) -> None:
    """Notes what they are now."""
    NOTED.write_text(json.dumps(built(build), indent=2) + "\n")


def problems(build: Path) -> list[str]:
    """Which functions grew too much, or aren't noted, in words for a person."""
    noted, now = json.loads(NOTED.read_text()), built(build)
    found = [f"{name}: its size isn't noted in {NOTED.name}" for name in sorted(now.keys() - noted.keys())]
    found += [f"{name}: it is noted in {NOTED.name}, and there is none" for name in sorted(noted.keys() - now.keys())]
    for name in sorted(now.keys() & noted.keys()):
        if now[name] > noted[name] * (1 + GROWTH):
            found.append(f"{name}: {now[name]:,} bytes, and {noted[name]:,} were noted: more than a tenth more")
    return found
