"""The seller: the `edin` command against the stack, and the simulated channels that it sells in."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Failed(Exception):
    """Something didn't come about, in words for a person."""


def until(what: str, holds: Callable[[], Any], seconds: float = 60.0, every: float = 0.1) -> Any:
    """What `holds` returns as soon as that is true; fails with `what` after `seconds`."""
    end = time.monotonic() + seconds
    seen: Any = None
    while time.monotonic() < end:
        seen = holds()
        if seen:
            return seen
        time.sleep(every)
    raise Failed(f"{what}: not within {seconds:.0f} s; last seen: {seen!r}")


def call(method: str, url: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """Status and body of one HTTP call; `body` goes as JSON."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers=headers or {})
    if data is not None and not request.has_header("Content-type"):
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


class Edin:
    """The `edin` command, working on a stack."""

    def __init__(self, binary: Path, stack: str, environment: dict[str, str]) -> None:
        self.binary, self.stack, self.environment = binary, stack, environment

    def __call__(self, *arguments: str, told: str = "") -> str:
        """What the command prints; it must end well. `told` goes to its standard input."""
        done = self._run(arguments, told)
        if done.returncode != 0:
            raise Failed(f"edin {' '.join(arguments)} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def whatever(self, *arguments: str) -> str:
        """What the command prints, also if it ends badly because it finds something wrong."""
        return self._run(arguments).stdout

    def _run(self, arguments: tuple[str, ...], told: str = "") -> subprocess.CompletedProcess[str]:
        command = [str(self.binary), "--stack", self.stack, *arguments]
        return subprocess.run(command, env=self.environment, input=told, capture_output=True, text=True, timeout=300)

    def lines(self, *arguments: str) -> list[dict[str, Any]]:
        """The JSON objects that the command prints, one a line."""
        return [json.loads(line) for line in self(*arguments).splitlines() if line.startswith("{")]


class Channels:
    """The simulated channels, as a process of their own. Use it as a context manager: it is ended by its pid."""

    def __init__(self, binary: Path, folder: Path) -> None:
        self.folder = folder
        log = open(folder / "channels.log", "w")
        self.process = subprocess.Popen([str(binary), "simulate", "--out", str(folder)], stdout=log, stderr=log)
        places = folder / "channels.json"
        until("the simulated channels start", places.exists, 30)
        self.control = until("channels.json is whole", lambda: self._read(places), 5)["control"]

    @staticmethod
    def _read(places: Path) -> dict[str, Any] | None:
        try:
            return json.loads(places.read_text())
        except json.JSONDecodeError:
            return None

    def imports(self) -> list[str]:
        """The files that the seller imports."""
        return [str(self.folder / "connections.toml"), str(self.folder / "catalogue.csv")]

    def paste(self, connection: str, **addresses: str) -> None:
        """Pastes addresses into a connection's cabinet: `hook`, which it calls, or `list`, which it pulls."""
        status, body = call("PUT", f"{self.control}/cabinet/{connection}", addresses)
        if status != 204:
            raise Failed(f"the cabinet of {connection} took no address: {status} {body!r}")

    def buy(self, connection: str, sku: str, units: int = 1) -> str:
        """The order of a buyer who buys there."""
        status, body = call("POST", f"{self.control}/buy", {"connection": connection, "sku": sku, "units": units})
        if status != 200:
            raise Failed(f"nobody could buy {sku} at {connection}: {status} {body!r}")
        return json.loads(body)["order"]

    def pull(self) -> bool:
        """Whether Kaspi got a price list that it could read."""
        return call("POST", f"{self.control}/step/kaspi-main")[0] == 204

    def shown(self, connection: str, sku: str) -> int | None:
        """What buyers see there."""
        status, body = call("GET", f"{self.control}/shown/{connection}/{sku}")
        if status != 200:
            raise Failed(f"{connection} can not tell what it shows of {sku}: {status} {body!r}")
        return json.loads(body)["shown"]

    def violations(self) -> list[str]:
        """What the channels refused or would have punished."""
        return json.loads(call("GET", f"{self.control}/journal")[1])["violations"]

    def __enter__(self) -> Channels:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGINT)
            self.process.wait(20)
