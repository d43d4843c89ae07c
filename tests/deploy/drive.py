"""Deploys the template to a local AWS with the README's commands, and drives the bundle from outside.

Every check is told with the time that it took; the first that fails ends the run. `--lag N` measures N sales instead of
checking; `--built` takes the functions as they were built last.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import check_template
import rights
import sizes
from lag import measure
from local_aws import LocalAws
from scenarios import SCENARIOS, World
from seller import Channels, Edin, Failed
from template import Template, translated

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "infra" / "template.yaml"
# Not where a person's own `sam build` goes: what lies here is quickly built, and changed while it is tested.
BUILD = Path(os.environ["CARGO_TARGET_DIR"]) / "deploy"
STACK = "edin-test"

# The functions as they are deployed, less what makes the compiler take long: what is tested is the same code.
QUICK = {
    "CARGO_PROFILE_RELEASE_LTO": "off",
    "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "16",
    "CARGO_PROFILE_RELEASE_OPT_LEVEL": "1",
}

# Buyers are on this machine here, and nobody wants to wait for a whole polling minute.
PARAMETERS = {
    "Architecture": "x86_64",
    "PollEverySeconds": "5",
    "HookNetworks": "ozon=195.34.21.0/24,127.0.0.0/8;yandex_market=127.0.0.0/8",
}


def step(what: str, work: Callable[[], Any]) -> Any:
    """Does `work` and tells how long it took."""
    began = time.monotonic()
    done = work()
    print(f"ok  {time.monotonic() - began:7.2f} s  {what}", flush=True)
    return done


def tool(*command: str, environment: dict[str, str] | None = None) -> str:
    """What a tool prints; it must end well."""
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done.stdout


def quiet() -> dict[str, str]:
    """The environment for tools that need no AWS."""
    return {**os.environ, "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "eu-central-1"}


def deploy(environment: dict[str, str], **changed: str) -> None:
    """The README's command."""
    parameters = [f"{name}={value}" for name, value in {**PARAMETERS, **changed}.items()]
    tool(
        "sam", "deploy", "-t", str(BUILD / "template.yaml"), "--stack-name", STACK, "--resolve-s3", "--capabilities", "CAPABILITY_IAM",
        "--no-confirm-changeset", "--no-progressbar", "--parameter-overrides", *parameters,
        environment=environment,
    )  # fmt: skip


def build() -> None:
    """Builds the functions as the README says, and the command."""
    environment = quiet() | QUICK
    architecture = f"Architecture={PARAMETERS['Architecture']}"
    template = str(TEMPLATE.relative_to(ROOT))
    tool("sam", "build", "-t", template, "-b", str(BUILD), "--parameter-overrides", architecture, environment=environment)


def hold(status: int) -> None:
    """A check that has said itself what is wrong."""
    if status:
        raise Failed("the template breaks its rules")


def hold_rights(template: Template) -> None:
    """Each role allows just what its function's code can do."""
    found = rights.problems(template, BUILD)
    if found:
        raise Failed("\n".join(found))


def hold_sizes(note: bool) -> None:
    """No function grew by much; or what they are is noted."""
    if note:
        sizes.note(BUILD)
    found = sizes.problems(BUILD)
    if found:
        raise Failed("\n".join(found))


def command() -> Path:
    """The `edin` command, as the tests build it: by itself it would be built with other features, and all below it once more."""
    tool("cargo", "build", "--quiet", "--locked", "--workspace", "--tests")
    return Path(os.environ["CARGO_TARGET_DIR"]) / "debug" / "edin"


def open_world(aws: LocalAws, edin: Path, channels: Channels) -> World:
    """A seller with a deployed bundle, who has imported what is sold and pasted the addresses."""
    step("sam deploy", lambda: deploy(aws.environment()))
    stack = aws.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    seller = Edin(edin, STACK, aws.environment())
    world = World(aws, STACK, BUILD, outputs, channels, seller, lambda **changed: deploy(aws.environment(), **changed))
    step("edin import", lambda: seller("import", *channels.imports()))
    world.paste_addresses()
    world.hurry()
    return world


def drive(world: World, sales: int | None, only: str) -> None:
    """Goes through the scenarios, or measures so many sales."""
    try:
        if sales:
            print(json.dumps(measure(world, sales), indent=2))
            return
        for scenario in SCENARIOS:
            if re.search(only, str(scenario.__doc__)):
                step(str(scenario.__doc__), lambda: scenario(world))
    except Failed:
        print(world.last_words(), file=sys.stderr)
        raise


def main() -> int:
    """Ends with 1 after the first failure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lag", type=int, metavar="N", help="measure N sales from post to acknowledgement")
    parser.add_argument("--only", metavar="PATTERN", help="go only through scenarios whose sentence matches this")
    parser.add_argument("--built", action="store_true", help="take the functions as they were built last")
    parser.add_argument("--note-sizes", action="store_true", help="note the functions' sizes as they are now")
    wanted = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="edin-deploy-"))
    began = time.monotonic()
    try:
        template = translated()
        step("template and translation: cfn-lint and our own rules", lambda: hold(check_template.check(template)))
        step("each rule notices what breaks it", lambda: hold(check_template.self_test(template)))
        step("sam validate --lint", lambda: tool("sam", "validate", "--lint", "-t", str(TEMPLATE), environment=quiet()))
        if not wanted.built:
            step("sam build", build)
        step("each role allows just what its function's code can do", lambda: hold_rights(template))
        step("no function grew by more than a tenth", lambda: hold_sizes(wanted.note_sizes))
        edin = step("cargo build", command)
        with LocalAws() as aws, Channels(edin, folder) as channels:
            drive(open_world(aws, edin, channels), wanted.lag, wanted.only or "")
        print(f"all of it passed in {time.monotonic() - began:.0f} s")
        return 0
    except Failed as failed:
        print(f"FAILED: {failed}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
