"""The SAM template, translated and read."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "infra" / "template.yaml"

Template = dict[str, Any]

STACK = "${AWS::StackName}"
# A role's policy of this name holds what the function's code calls; the other one what AWS does in its name.
CODE_POLICY = "code"


class _NoManagedPolicies:
    """SAM would look managed policies up in IAM; the template uses none."""

    def load(self) -> dict[str, str]:
        return {}


def translated(source: Path = SOURCE) -> Template:
    """The template as CloudFormation gets it. Code that is built from a folder stands as if it were uploaded."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")
    template = yaml_parse(source.read_text())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    result: Template = transform(template, {}, _NoManagedPolicies())
    return result


def of_type(template: Template, kind: str) -> dict[str, Any]:
    """The resources of a type, by their logical ids."""
    return {name: resource for name, resource in template["Resources"].items() if resource["Type"] == kind}


def properties(template: Template, name: str | None) -> dict[str, Any]:
    """A resource's properties; none of a resource that isn't there."""
    found: dict[str, Any] = template["Resources"].get(name, {}).get("Properties", {})
    return found


def target(value: Any) -> str | None:
    """The logical id that a Ref or a GetAtt names."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            return name
        case {"Fn::GetAtt": str(path)}:
            return path.partition(".")[0]
    return None


def listed(value: Any) -> list[Any]:
    """What stands for a list of one as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def texts(value: Any) -> Iterator[str]:
    """Every text in a value, however deep; keys too."""
    match value:
        case str():
            yield value
        case dict():
            for key, inner in value.items():
                yield key
                yield from texts(inner)
        case list():
            for inner in value:
                yield from texts(inner)


def substituted(value: Any) -> str:
    """A text, or the text of a Sub."""
    match value:
        case (str() as text) | {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), *_]}:
            return text
    return ""


def resolved(template: Template, value: Any, parameters: dict[str, str]) -> Any:
    """What CloudFormation makes of a text or of its parts, with these parameters; an empty text of what isn't there."""
    match value:
        case {"Ref": str(name)}:
            return parameters.get(name, "")
        case {"Fn::FindInMap": [str(name), first, second]}:
            entry = template["Mappings"].get(name, {}).get(resolved(template, first, parameters), {})
            return entry.get(resolved(template, second, parameters), "")
        case {"Fn::Split": [str(separator), text]}:
            return resolved(template, text, parameters).split(separator)
        case {"Fn::Join": [str(separator), parts]}:
            return separator.join(resolved(template, parts, parameters))
    return substituted(value)


def functions(template: Template) -> dict[str, dict[str, Any]]:
    """The properties of all functions, by logical id."""
    return {name: function["Properties"] for name, function in of_type(template, "AWS::Lambda::Function").items()}


def short_name(function: dict[str, Any]) -> str:
    """A function's name without the stack's: the name of its crate."""
    return substituted(function.get("FunctionName")).removeprefix(f"{STACK}-")


def environment(function: dict[str, Any]) -> dict[str, Any]:
    """A function's environment variables."""
    variables: dict[str, Any] = function.get("Environment", {}).get("Variables", {})
    return variables


def policies(template: Template) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every policy document that says who may do what: the resource that has it, its name, the document."""
    for name, resource in template["Resources"].items():
        for inline in resource.get("Properties", {}).get("Policies", []):
            yield name, inline["PolicyName"], inline["PolicyDocument"]
        for key in ("PolicyDocument", "KeyPolicy", "ResourcePolicy"):
            if document := resource.get("Properties", {}).get(key):
                yield name, key, document


def allowed(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The statements that allow something. What a statement denies, it may deny widely."""
    return (statement for statement in listed(document["Statement"]) if statement["Effect"] == "Allow")


def declared_actions(template: Template) -> dict[str, dict[str, set[str]]]:
    """What each function's role lets its own code call: `{"webhook": {"sqs": {"SendMessage"}}}`.

    IAM's names, not the API's: `SendMessageBatch` needs `SendMessage`, and `TransactWriteItems` the rights of the
    writes in it. What AWS does in a function's name (its log, its event source, its key) is left out. Takes a source
    or a translation.
    """
    declared: dict[str, dict[str, set[str]]] = {}
    for resource in template["Resources"].values():
        if resource["Type"] in ("AWS::Lambda::Function", "AWS::Serverless::Function"):
            actions = declared.setdefault(short_name(resource["Properties"]), defaultdict(set))
            for role, policy, document in policies(template):
                if role == target(resource["Properties"].get("Role")) and policy == CODE_POLICY:
                    for statement in allowed(document):
                        for action in listed(statement["Action"]):
                            service, _, name = action.partition(":")
                            actions[service].add(name)
    return {function: dict(actions) for function, actions in declared.items()}
