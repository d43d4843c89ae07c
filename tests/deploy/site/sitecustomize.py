"""Mends ministack where it departs from AWS and the tests would notice. Python reads this file whenever it starts."""

from __future__ import annotations

import json
import os
import socketserver
import sys
from typing import Any

# IAM has no actions for batches: AWS asks for the right to the single call.
SINGLE = {
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}


def authorize_as_aws() -> None:
    """Has roles checked against the action and the parameter that AWS would check."""
    from ministack.core import iam_actions

    action_of, resource_of = iam_actions.extract_iam_action, iam_actions.extract_resource_arn

    def action(*request: Any) -> str | None:
        found: str | None = action_of(*request)
        return SINGLE.get(found, found) if found else None

    def resource(*request: Any) -> str:
        service, _, _, _, body, _, region, account = request
        if service == "ssm" and (name := _parameter(body)):
            return f"arn:aws:ssm:{region}:{account}:parameter/{name.lstrip('/')}"
        found: str = resource_of(*request)
        return found

    iam_actions.extract_iam_action, iam_actions.extract_resource_arn = action, resource


def _parameter(body: bytes) -> str | None:
    """What GetParameters or GetParametersByPath asks for. The functions never ask for two parameters at once."""
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return None
    names = request.get("Names") or [request.get("Path")]
    return names[0] if len(names) == 1 else None


def keep_certificates() -> None:
    """Lets functions look for certificates themselves where this machine has none at AWS's path."""
    from ministack.services import lambda_svc

    environment_of = lambda_svc._provided_worker_env

    def environment(*function: Any) -> dict[str, str]:
        found: dict[str, str] = environment_of(*function)
        if not os.path.exists(found.get("SSL_CERT_FILE", "")):
            found.pop("SSL_CERT_FILE", None)
        return found

    lambda_svc._provided_worker_env = environment


# An answer's head and body are written apart, which costs 40 ms each with Nagle's algorithm; AWS has no such pause.
socketserver.StreamRequestHandler.disable_nagle_algorithm = True
# Programs that the server starts read this file too, and need no more of it.
if any(argument.endswith("/ministack") for argument in sys.orig_argv):
    authorize_as_aws()
    keep_certificates()
