"""An AWS on this machine: ministack on a free port, roles enforced, gone without a trace afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

import boto3

REGION = "eu-central-1"
# The server takes its own key for the root user's; roles that functions run under get keys of their own.
ROOT_KEY = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
SERVICES = "s3,sqs,sns,dynamodb,lambda,iam,sts,logs,ssm,events,cloudwatch,cloudformation,kms,apigateway,scheduler"
START_SECONDS = 30.0
STOP_SECONDS = 10.0
# Mends the server where it departs from AWS.
SITE = Path(__file__).with_name("site")
# What a person has configured for the real AWS must not reach the programs under test.
OF_THE_PERSON = (
    "AWS_DEFAULT_PROFILE",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)


class LocalAws:
    """A running ministack. Use it as a context manager: `with LocalAws() as aws: aws.client("sqs")`."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="edin-aws-"))
        self._port = _free_port()
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> LocalAws:
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    @property
    def url(self) -> str:
        """Where all services are reached."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def log(self) -> str:
        """What the server has written so far."""
        return self._log_file.read_text(errors="replace") if self._log_file.exists() else ""

    def client(self, service: str, **keys: str) -> Any:
        """A boto3 client of the root user; or of others, by `aws_access_key_id` and so on."""
        given = {name.lower(): value for name, value in ROOT_KEY.items()} | keys
        session: Any = boto3.session.Session(region_name=REGION)
        return session.client(service, endpoint_url=self.url, **given)

    def environment(self, **more: str) -> dict[str, str]:
        """The environment for programs that shall find this AWS by the usual configuration, and no other one."""
        kept = {name: value for name, value in os.environ.items() if name not in OF_THE_PERSON}
        return (
            kept
            | ROOT_KEY
            | {
                "AWS_ENDPOINT_URL": self.url,
                "AWS_REGION": REGION,
                "AWS_DEFAULT_REGION": REGION,
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
                "AWS_EC2_METADATA_DISABLED": "true",
                "NO_PROXY": "127.0.0.1,localhost",
                "SAM_CLI_TELEMETRY": "0",
            }
            | more
        )

    def api_url(self, api_id: str) -> str:
        """Where an HTTP API is reached; its own address leads into the real AWS."""
        return f"{self.url}/_aws/execute-api/{api_id}/$default"

    def processes(self, function: str) -> list[int]:
        """The processes that run a function just now."""
        wanted = f"AWS_LAMBDA_FUNCTION_NAME={function}\0".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if wanted in (folder / "environ").read_bytes() + b"\0" and b"bootstrap" in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
        return found

    @property
    def _log_file(self) -> Path:
        return self._folder / "log"

    def _start(self) -> None:
        temporary = self._folder / "tmp"
        temporary.mkdir()
        with self._log_file.open("wb") as log:
            self._server = subprocess.Popen(
                [str(Path(sys.executable).with_name("ministack"))],
                env=self._settings(temporary),
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                # A group of its own, so that the functions' processes end with it.
                start_new_session=True,
            )
        self._await_health()

    def _settings(self, temporary: Path) -> dict[str, str]:
        return self.environment(
            AUTH="true",
            BIND_HOST="127.0.0.1",
            GATEWAY_PORT=str(self._port),
            IOT_MTLS_ENABLED="0",
            MINISTACK_HOST="127.0.0.1",
            MINISTACK_REGION=REGION,
            PYTHONPATH=str(SITE),
            SERVICES=SERVICES,
            SFTP_ENABLED="0",
            STATE_DIR=str(self._folder / "state"),
            # Unpacked functions stay here (`ministack-provided-code-<port>`), and go with the folder.
            TMPDIR=str(temporary),
        )

    def _await_health(self) -> None:
        assert self._server is not None
        deadline = time.monotonic() + START_SECONDS
        while not _answers(f"{self.url}/_ministack/health"):
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"ministack did not start:\n{self.log[-4000:]}")
            time.sleep(0.05)

    def _stop(self) -> None:
        if self._server is not None:
            self._server.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._server.wait(STOP_SECONDS)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._server.pid, signal.SIGKILL)
            self._server.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=1):
            return True
    except (urllib.error.URLError, OSError):
        return False
