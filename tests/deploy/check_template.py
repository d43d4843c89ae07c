"""Holds infra/template.yaml against cfn-lint and against this project's own rules.

    check_template.py              checks the template; ends non-zero and says why if it breaks a rule
    check_template.py --self-test  breaks the template in memory, in many ways, and checks that each is noticed

The rules look at the translated template, which is what CloudFormation gets. `declared_actions` tells other checks what
each function's role lets its code do.
"""

from __future__ import annotations

import argparse
import copy
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from breaches import BREACHES
from template import (
    ROOT,
    SOURCE,
    STACK,
    Template,
    allowed,
    declared_actions,
    environment,
    functions,
    listed,
    of_type,
    policies,
    properties,
    resolved,
    short_name,
    substituted,
    target,
    texts,
    translated,
)

__all__ = ["declared_actions", "translated"]

Rule = Callable[[Template], Iterator[str]]

# Queues hide a message for so many times the function's timeout: AWS recommends six, for a throttled function. In a
# FIFO queue a hidden message holds up its whole group, so less is better there.
HIDDEN_TIMES = {"standard": 6, "fifo": 2}
DEAD_LETTER_DAYS = 14

# Wildcards that are there for a reason, by resource and text.
LATER = "connections are made after the deployment, and each has a folder of secrets"
WILDCARDS: dict[tuple[str, str], str] = {
    ("CustomersKey", "kms:*"): "a key's policy must leave it manageable, and leaves it to IAM who may use it",
    ("CustomersKey", "*"): "in a key's policy, this can only mean that key",
    ("PushRole", f"parameter/edin/{STACK}/*"): LATER,
    ("PollRole", f"parameter/edin/{STACK}/*"): LATER,
    ("ReconcileRole", f"parameter/edin/{STACK}/*"): LATER,
    ("FeedRole", f"parameter/edin/{STACK}/*/feed_password"): LATER,
}

# Alarms of something that happened, and why the end of its period is no end: one that told so would be a false all-clear.
EVENTS: dict[str, str] = {
    "Oversold": "what was sold and isn't there still isn't",
    "Refused": "the channel still shows another number",
    "ApiFailures": "a push is missing until it is sent again, or Kaspi has its old price list",
    "FeedErrors": "Kaspi has its old price list until the next pull",
}

# What the `edin` command and the tests look up.
OUTPUTS = {
    "AlertTopic",
    "ApiId",
    "ApiUrl",
    "CustomersTable",
    "Dashboard",
    "DeferredDeadQueue",
    "DeferredQueue",
    "InboxDeadQueue",
    "InboxQueue",
    "PollDeadQueue",
    "PollFunction",
    "PollQueue",
    "ProjectFunction",
    "PushDeadQueue",
    "PushQueue",
    "ReconcileDeadQueue",
    "ReconcileFunction",
    "ReconcileQueue",
    "Secrets",
    "StockTable",
    "StreamDeadQueue",
    "WebhookFunction",
}

# What AWS takes as an alarm's description.
DESCRIPTION_CHARACTERS = 1024
RUNBOOK = ROOT / "infra" / "RUNBOOK.md"

PATH_PART = re.compile(r"(\{[\w.-]+\+?\}|[a-zA-Z0-9._-]+)")
# Parts of an access log's line that may hold a path or what proves a caller.
TELLING = re.compile(r"\$context\.(?:path|protocolPath|requestOverride|authorizer)\S*")
SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)
# The one setting with such a name: it holds a path.
SECRETS_PATH = "EDIN_SECRETS"
# What a function asks of its environment through shared code.
ASKED_THROUGH = {
    r"\.store\(\)": {"EDIN_STOCK_TABLE", "EDIN_CUSTOMERS_TABLE"},
    r"\.secrets\(\)": {"EDIN_SECRETS"},
    r"\.metrics\(\)": {"EDIN_STACK"},
}


def main() -> int:
    """Checks, says what is wrong, and returns the exit status."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--self-test", action="store_true", help="check that breaches are noticed")
    template = translated()
    return self_test(template) if arguments.parse_args().self_test else check(template)


def check(template: Template) -> int:
    """Says every breach; 1 if there is any."""
    breaches = [*linted(template), *broken_rules(template)]
    for breach in breaches:
        print(breach, file=sys.stderr)
    if not breaches:
        count = len(template["Resources"])
        print(f"{SOURCE.relative_to(ROOT)}: {count} resources, {len(RULES)} rules and cfn-lint: clean")
    return min(len(breaches), 1)


def self_test(template: Template) -> int:
    """Breaks the template in every way there is, and says what went unnoticed; 1 if anything did."""
    unnoticed = [f"the template breaks a rule as it is: {breach}" for breach in broken_rules(template)]
    for rule, what, do in BREACHES:
        broken = copy.deepcopy(template)
        do(broken)
        if not any(breach.startswith(f"{rule}: ") for breach in broken_rules(broken)):
            unnoticed.append(f"{rule} did not notice: {what}")
    tried = {rule for rule, _, _ in BREACHES}
    unnoticed += [f"{rule.__name__} is never tried" for rule in RULES if rule.__name__ not in tried]
    print("\n".join(unnoticed) or f"all of {len(BREACHES)} ways to break the template are noticed")
    return min(len(unnoticed), 1)


def linted(template: Template) -> Iterator[str]:
    """What cfn-lint says of the source and of the translation: it sees other mistakes in each."""
    with tempfile.TemporaryDirectory() as folder:
        translation = Path(folder) / "translated.json"
        translation.write_text(json.dumps(template, indent=1))
        for file in (SOURCE, translation):
            command = [str(Path(sys.executable).with_name("cfn-lint")), "--format", "parseable", str(file)]
            result = subprocess.run(command, capture_output=True, text=True, check=False)
            said = (result.stdout + result.stderr).splitlines()
            if result.returncode and not said:
                said = [f"{file}: ended with {result.returncode}"]
            yield from (f"cfn-lint: {line}" for line in said)


def broken_rules(template: Template) -> Iterator[str]:
    """Every breach of a rule, with the rule's name."""
    for rule in RULES:
        for breach in rule(template):
            yield f"{rule.__name__}: {breach}"


# --------------------------------------------------------------------------------------------------------------- Rights


def no_wildcards(template: Template) -> Iterator[str]:
    """Actions, resources and those who may use them are named, those apart that are listed above."""
    used = set()
    for name, _, document in policies(template):
        for statement in allowed(document):
            if left_open := statement.keys() & {"NotAction", "NotResource", "NotPrincipal"}:
                yield f"{name} allows all but something ({', '.join(left_open)})"
            for text in texts([statement.get(key) for key in ("Action", "Resource", "Principal")]):
                if "*" in text or "?" in text:
                    excuse = next((key for key in WILDCARDS if key[0] == name and _ends(text, key[1])), None)
                    used.add(excuse)
                    if excuse is None:
                        yield f"{name} allows {text}, which isn't on the list of wildcards with a reason"
    for resource, text in WILDCARDS.keys() - used:
        yield f"{resource} has no {text} any more: take it off the list"


def _ends(text: str, excused: str) -> bool:
    return text == excused or text.endswith(f":{excused}")


def one_role_each(template: Template) -> Iterator[str]:
    """Every function has a role that nobody else has, with policies that can be read here."""
    roles = of_type(template, "AWS::IAM::Role")
    taken = Counter(target(function.get("Role")) for function in functions(template).values())
    for name, function in functions(template).items():
        role = target(function.get("Role"))
        if role not in roles:
            yield f"{name} has no role in the template"
            continue
        if taken[role] > 1:
            yield f"{name} shares {role} with another function"
        if properties(template, role).get("ManagedPolicyArns"):
            yield f"{role} has policies that AWS writes; name the actions instead"
        trusted = set(texts(properties(template, role)["AssumeRolePolicyDocument"]["Statement"]))
        if {text for text in trusted if text.endswith(".amazonaws.com")} != {"lambda.amazonaws.com"}:
            yield f"{role} can be taken by others than Lambda"


def no_secrets_in_settings(template: Template) -> Iterator[str]:
    """No environment variable holds a secret, and the template resolves none."""
    for name, function in functions(template).items():
        for variable, value in environment(function).items():
            if variable == SECRETS_PATH:
                if not substituted(value).startswith("/"):
                    yield f"{name}: {variable} is a path of parameters, and {value} is none"
            elif SECRET_NAME.search(variable) or (isinstance(value, str) and SECRET_NAME.search(value)):
                yield f"{name}: {variable} looks like a secret; secrets are parameters below {SECRETS_PATH}"
            elif template["Parameters"].get(target(value) or "", {}).get("NoEcho"):
                yield f"{name}: {variable} is a parameter that is not shown, so it is a secret"
    for text in texts(template):
        if "{{resolve:" in text:
            yield f"{text} would be resolved into the deployment, where anyone who may describe it reads it"


# -------------------------------------------------------------------------------------------------------------- Sources


def sources(template: Template) -> Iterator[tuple[str, dict[str, Any], str, str]]:
    """Every event source mapping: its id, its properties, its function, and the resource that it reads."""
    for name, mapping in of_type(template, "AWS::Lambda::EventSourceMapping").items():
        source = mapping["Properties"]
        yield name, source, target(source["FunctionName"]) or "", target(source["EventSourceArn"]) or ""


def sources_fail_in_parts(template: Template) -> Iterator[str]:
    """A batch fails item by item; records of a stream are bisected, bounded, filtered and set aside in the end."""
    for name, source, _, origin in sources(template):
        if source.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{name} doesn't report which items failed"
        if properties(template, origin).get("StreamSpecification"):
            yield from (f"{name} {lack}" for lack in _stream_lacks(template, source))


def _stream_lacks(template: Template, source: dict[str, Any]) -> Iterator[str]:
    if not source.get("BisectBatchOnFunctionError"):
        yield "doesn't bisect a batch that fails"
    if source.get("MaximumRetryAttempts", -1) < 0:
        yield "tries a record for ever that fails"
    if not source.get("FilterCriteria", {}).get("Filters"):
        yield "wakes its function for every record: it has no filter"
    failures = source.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    if target(failures) not in of_type(template, "AWS::SQS::Queue"):
        yield "loses what it gives up: it has no queue for failures"


def sources_are_bounded(template: Template) -> Iterator[str]:
    """A queue wakes its function so many times at once and no more: together they'd take all that the account may run."""
    for name, source, _, origin in sources(template):
        bounded = isinstance(source.get("ScalingConfig", {}).get("MaximumConcurrency"), int)
        if origin in of_type(template, "AWS::SQS::Queue") and not bounded:
            yield f"{name} has no MaximumConcurrency"


def queues_redrive(template: Template) -> Iterator[str]:
    """A queue that wakes a function has a dead-letter queue of its kind, and hides messages long enough."""
    queues = of_type(template, "AWS::SQS::Queue")
    for _, _, function, name in sources(template):
        if name in queues:
            queue = properties(template, name)
            dead = target(queue.get("RedrivePolicy", {}).get("deadLetterTargetArn"))
            if dead not in queues:
                yield f"{name} has no dead-letter queue: a message that can't be taken comes again for ever"
            elif queue.get("FifoQueue") != properties(template, dead).get("FifoQueue"):
                yield f"{name} and {dead} are not of the same kind"
            times = HIDDEN_TIMES["fifo" if queue.get("FifoQueue") else "standard"]
            least = times * properties(template, function).get("Timeout", 3)
            if queue.get("VisibilityTimeout", 30) < least:
                yield f"{name} hides a message for less than {least} s, {times} times what {function} may take"


def dead_letters(template: Template) -> set[str]:
    """The queues that take what failed."""
    redriven = (queue["Properties"].get("RedrivePolicy", {}) for queue in of_type(template, "AWS::SQS::Queue").values())
    given_up = (source.get("DestinationConfig", {}).get("OnFailure", {}) for _, source, _, _ in sources(template))
    found = [target(policy.get("deadLetterTargetArn")) for policy in redriven]
    found += [target(failure.get("Destination")) for failure in given_up]
    return {queue for queue in found if queue}


def dead_letters_alarm(template: Template) -> Iterator[str]:
    """Every dead-letter queue keeps messages long enough, admits only its own, and tells somebody."""
    for queue in sorted(dead_letters(template)):
        settings = properties(template, queue)
        if settings.get("MessageRetentionPeriod", 345_600) < DEAD_LETTER_DAYS * 86_400:
            yield f"{queue} keeps messages for less than {DEAD_LETTER_DAYS} days"
        if settings.get("RedriveAllowPolicy", {}).get("redrivePermission") not in ("byQueue", "denyAll"):
            yield f"{queue} takes dead letters of any queue"
        alarms = of_type(template, "AWS::CloudWatch::Alarm").values()
        if not any(_watches(alarm["Properties"], queue) for alarm in alarms):
            yield f"{queue} fills without an alarm"


def _watches(alarm: dict[str, Any], queue: str) -> bool:
    visible = alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible" and alarm.get("Threshold") == 1
    named = any(target(dimension["Value"]) == queue for dimension in alarm.get("Dimensions", []))
    return visible and named and bool(alarm.get("AlarmActions"))


# --------------------------------------------------------------------------------------------------- Schedules and HTTP


def schedules_are_ours(template: Template) -> Iterator[str]:
    """A schedule bears the stack's name: two stacks would share one of the same name, and delete it for each other."""
    for name, schedule in of_type(template, "AWS::Scheduler::Schedule").items():
        if not substituted(schedule["Properties"].get("Name")).startswith(STACK):
            yield f"{name} has a name that doesn't begin with the stack's"
        attempts = schedule["Properties"]["Target"].get("RetryPolicy", {}).get("MaximumRetryAttempts")
        if attempts != 0:
            yield f"{name} is tried again, beside the next one that does the same"


def routes_suit_aws(template: Template) -> Iterator[str]:
    """AWS takes no route like `/feeds/{file}.xml`; nothing before the deployment says so."""
    for name, route in of_type(template, "AWS::ApiGatewayV2::Route").items():
        _, _, path = route["Properties"]["RouteKey"].partition(" ")
        for part in path.strip("/").split("/"):
            if not PATH_PART.fullmatch(part):
                yield f"{name}: AWS refuses the path part {part}"


def access_log_tells_no_token(template: Template) -> Iterator[str]:
    """The access log says the route and not the path, which holds what lets a caller in."""
    for name, stage in of_type(template, "AWS::ApiGatewayV2::Stage").items():
        log = stage["Properties"].get("AccessLogSettings", {})
        if target(log.get("DestinationArn")) not in of_type(template, "AWS::Logs::LogGroup"):
            yield f"{name} has no access log"
        for told in TELLING.findall(str(log.get("Format"))):
            yield f"{name} writes {told} into its access log"
        settings = stage["Properties"].get("DefaultRouteSettings", {})
        if not {"ThrottlingRateLimit", "ThrottlingBurstLimit"} <= settings.keys():
            yield f"{name} isn't throttled"


# --------------------------------------------------------------------------------------------------------- What is kept


def kept(resource: dict[str, Any]) -> bool:
    """Whether a resource outlives its stack and its replacement."""
    return resource.get("DeletionPolicy") == resource.get("UpdateReplacePolicy") == "Retain"


def tables_are_kept(template: Template) -> Iterator[str]:
    """Tables and the key that opens them outlive everything; tables can be restored, and forget what expires."""
    for name, table in of_type(template, "AWS::DynamoDB::Table").items():
        settings = table["Properties"]
        if not kept(table) or not settings.get("DeletionProtectionEnabled"):
            yield f"{name} can be deleted by a deployment"
        if "TableName" in settings:
            yield f"{name} has a name of its own: kept, it stands in the way of the next deployment"
        if not settings.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
            yield f"{name} can't be restored to a point in time"
        if settings.get("TimeToLiveSpecification") != {"AttributeName": "expires_at", "Enabled": True}:
            yield f"{name} keeps what has expired"
        if settings.get("BillingMode") != "PAY_PER_REQUEST":
            yield f"{name} isn't on demand"
    for name, key in of_type(template, "AWS::KMS::Key").items():
        if not kept(key):
            yield f"{name} can be deleted by a deployment, and what it encrypts with it"
        if not key["Properties"].get("EnableKeyRotation"):
            yield f"{name} is never rotated"


def logs_are_bounded(template: Template) -> Iterator[str]:
    """Every function writes to a log group of its own that forgets, and to no other."""
    for name, group in of_type(template, "AWS::Logs::LogGroup").items():
        if "RetentionInDays" not in group["Properties"]:
            yield f"{name} keeps logs for ever"
    for name, function in functions(template).items():
        group = target(function.get("LoggingConfig", {}).get("LogGroup"))
        if group not in of_type(template, "AWS::Logs::LogGroup"):
            yield f"{name} has no log group in the template, so one is made that keeps logs for ever"
        role = target(function.get("Role"))
        for owner, _, document in policies(template):
            for statement in allowed(document):
                writes = any(action.startswith("logs:") for action in listed(statement.get("Action")))
                if owner == role and writes and [target(one) for one in listed(statement["Resource"])] != [group]:
                    yield f"{role} may write to other logs than {group}"


# -------------------------------------------------------------------------------------------------- What others rely on


def functions_get_their_settings(template: Template) -> Iterator[str]:
    """What a function's code asks of its environment is set."""
    for name, function in functions(template).items():
        code = "".join(
            file.read_text() for file in sorted((ROOT / "functions" / short_name(function) / "src").rglob("*.rs"))
        )
        if not code:
            yield f"{name} is called {short_name(function)}, and there is no function of that name"
        asked = set(re.findall(r'"(EDIN_[A-Z_]+)"', code))
        for call, settings in ASKED_THROUGH.items():
            asked |= settings if re.search(call, code) else set()
        for setting in sorted(asked - environment(function).keys()):
            yield f"{name} asks for {setting}, and it isn't set"


def alarms_reach_somebody(template: Template) -> Iterator[str]:
    """An alarm bears the stack's name, and is told when it comes and, unless it is of an event, when it goes."""
    alarms = of_type(template, "AWS::CloudWatch::Alarm")
    for name, alarm in alarms.items():
        settings = alarm["Properties"]
        if not substituted(settings.get("AlarmName")).startswith(f"{STACK}-"):
            yield f"{name} doesn't bear the stack's name"
        if not _reaches_the_topic(settings.get("AlarmActions")):
            yield f"{name} has no AlarmActions"
        if name in EVENTS and settings.get("OKActions"):
            yield f"{name} has OKActions, and tells that it is over when it isn't: {EVENTS[name]}"
        if name not in EVENTS and not _reaches_the_topic(settings.get("OKActions")):
            yield f"{name} has no OKActions"
    for name in EVENTS.keys() - alarms.keys():
        yield f"there is no {name} any more: take it off the list of events"


def _reaches_the_topic(actions: Any) -> bool:
    return [target(action) for action in listed(actions)] == ["AlertTopic"]


def alarms_speak(template: Template) -> Iterator[str]:
    """In every language of a deployment, an alarm says what it means and names a section that the runbook has."""
    languages: list[str] = template["Parameters"]["Language"]["AllowedValues"]
    for key, told in template["Mappings"]["AlarmTexts"].items():
        if told.keys() != set(languages):
            yield f"{key} is told in {', '.join(told)}, and languages are {', '.join(languages)}"
    sections = set(re.findall(r"^## (.+)$", RUNBOOK.read_text(), re.MULTILINE))
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        description = alarm["Properties"].get("AlarmDescription")
        said = {language: resolved(template, description, {"Language": language}) for language in languages}
        if len(set(said.values())) < len(said):
            yield f"{name} says the same in two languages"
        if len({_section(text) for text in said.values()}) > 1:
            yield f"{name} names one section in one language and another in the next"
        for language, text in said.items():
            yield from (f"{name} {flaw}, in {language}" for flaw in _flaws(text, sections))


def _flaws(text: str, sections: set[str]) -> Iterator[str]:
    if _section(text) is None:
        yield "says nothing, or names no section of the runbook"
    elif _section(text) not in sections:
        yield f"names a section that the runbook hasn't: {_section(text)}"
    if "{" in text:
        yield "has a gap in its text that nothing is put into"
    if len(text) > DESCRIPTION_CHARACTERS:
        yield f"says more than {DESCRIPTION_CHARACTERS} characters"


def _section(text: str) -> str | None:
    found = re.search(r"\S Runbook: (.+)\.$", text)
    return found[1] if found else None


def dashboard_can_be_read(template: Template) -> Iterator[str]:
    """A dashboard's body is JSON, which nothing else checks before the deployment."""
    for name, dashboard in of_type(template, "AWS::CloudWatch::Dashboard").items():
        try:
            json.loads(re.sub(r"\$\{[^}]+\}", "x", substituted(dashboard["Properties"]["DashboardBody"])))
        except ValueError as error:
            yield f"{name} is no JSON: {error}"


def outputs_are_there(template: Template) -> Iterator[str]:
    """What the `edin` command looks up."""
    for lacking in sorted(OUTPUTS - template["Outputs"].keys()):
        yield f"the output {lacking} is missing"


RULES: list[Rule] = [
    no_wildcards,
    one_role_each,
    no_secrets_in_settings,
    sources_fail_in_parts,
    sources_are_bounded,
    queues_redrive,
    dead_letters_alarm,
    schedules_are_ours,
    routes_suit_aws,
    access_log_tells_no_token,
    tables_are_kept,
    logs_are_bounded,
    functions_get_their_settings,
    alarms_reach_somebody,
    alarms_speak,
    dashboard_can_be_read,
    outputs_are_there,
]


if __name__ == "__main__":
    sys.exit(main())
