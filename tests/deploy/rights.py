"""The AWS calls that a function's code can make, found in its binary, against the rights that its role has.

A client's operation that no code reaches isn't linked; of one that is, the binary holds the name of its serializer. So this
is what the function *can* do, not what it happened to do while somebody looked. On which table or queue it does it shows
when it is driven: the local AWS enforces the roles.
"""

from __future__ import annotations

import re
from pathlib import Path

from template import Template, declared_actions

# IAM's actions for each call; of a transaction's, those that the function's writes need.
ACTIONS: dict[str, set[str]] = {
    "BatchGetItem": {"dynamodb:BatchGetItem"},
    "BatchWriteItem": {"dynamodb:BatchWriteItem"},
    "GetItem": {"dynamodb:GetItem"},
    "PutItem": {"dynamodb:PutItem"},
    "Query": {"dynamodb:Query"},
    "TransactWriteItems": {"dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
    "UpdateItem": {"dynamodb:UpdateItem"},
    "GetQueueAttributes": {"sqs:GetQueueAttributes"},
    "SendMessageBatch": {"sqs:SendMessage"},
    "GetParameters": {"ssm:GetParameters"},
    "GetParametersByPath": {"ssm:GetParametersByPath"},
}

# Linked in every function by the SDK's search for credentials; a function in Lambda has its own from the environment.
CREDENTIALS = {"AssumeRole", "AssumeRoleWithWebIdentity", "GetRoleCredentials", "CreateToken"}

SERIALIZER = re.compile(rb"[A-Za-z]+?RequestSerializer")


def calls(binary: Path) -> tuple[set[str], set[str]]:
    """The calls that the binary can make: those that are known, and the words around those that aren't."""
    known, unknown = set(), set()
    names = sorted({*ACTIONS, *CREDENTIALS}, key=len, reverse=True)
    for match in SERIALIZER.finditer(binary.read_bytes()):
        words = match.group().removesuffix(b"RequestSerializer").decode()
        if words.endswith("Shared"):
            continue
        name = next((name for name in names if words.endswith(name)), None)
        known.add(name) if name else unknown.add(words[-60:])
    return known - CREDENTIALS, unknown


def problems(template: Template, build: Path) -> list[str]:
    """Where what the roles allow and what the code can do differ, in words for a person."""
    found = []
    for function, services in declared_actions(template).items():
        able, unknown = calls(build / f"{function.capitalize()}Function" / "bootstrap")
        needed = set().union(*(ACTIONS[name] for name in able))
        allowed = {f"{service}:{action}" for service, actions in services.items() for action in actions}
        found += [f"{function}: its code can call {name}, which this check doesn't know" for name in sorted(unknown)]
        found += [f"{function}: its code needs {action}, its role lacks it" for action in sorted(needed - allowed)]
        found += [f"{function}: its role allows {action}, its code never does it" for action in sorted(allowed - needed)]
    return found
