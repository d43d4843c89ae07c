"""Ways to break the template, for the self-test: the rule that must notice, what is done, and how."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from template import STACK, Template, properties

Breach = tuple[str, str, Callable[[Template], Any]]


def _without(name: str, setting: str) -> Callable[[Template], Any]:
    return lambda template: properties(template, name).pop(setting)


def _with(name: str, **settings: Any) -> Callable[[Template], Any]:
    return lambda template: properties(template, name).update(settings)


def _without_resource(name: str) -> Callable[[Template], Any]:
    return lambda template: template["Resources"].pop(name)


def _of_resource(name: str, attribute: str, value: str | None) -> Callable[[Template], Any]:
    return lambda template: template["Resources"][name].update({attribute: value})


def _with_variable(function: str, name: str, value: Any) -> Callable[[Template], Any]:
    return lambda template: properties(template, function)["Environment"]["Variables"].update({name: value})


def _without_variable(function: str, name: str) -> Callable[[Template], Any]:
    return lambda template: properties(template, function)["Environment"]["Variables"].pop(name)


def _allowing(role: str, action: str, resource: Any) -> Callable[[Template], Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return lambda template: properties(template, role)["Policies"][0]["PolicyDocument"]["Statement"].append(statement)


def _saying(alarm: str, language: str, text: str) -> Callable[[Template], Any]:
    return lambda template: template["Mappings"]["AlarmTexts"][alarm].update({language: text})


def _without_language(alarm: str, language: str) -> Callable[[Template], Any]:
    return lambda template: template["Mappings"]["AlarmTexts"][alarm].pop(language)


def _one_more_language(template: Template) -> None:
    template["Parameters"]["Language"]["AllowedValues"].append("uz")


def _share_a_role(template: Template) -> None:
    properties(template, "PollFunction")["Role"] = properties(template, "PushFunction")["Role"]


def _trust_others(template: Template) -> None:
    other = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    properties(template, "PollRole")["AssumeRolePolicyDocument"]["Statement"].append(other)


def _log_the_path(template: Template) -> None:
    properties(template, "Stage")["AccessLogSettings"]["Format"] = '{"path":"$context.path"}'


def _open_to_anybody(template: Template) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:::inbox"}
    document = {"PolicyDocument": {"Statement": [statement]}}
    template["Resources"]["Open"] = {"Type": "AWS::SQS::QueuePolicy", "Properties": document}


STOCK = {"Fn::GetAtt": ["StockTable", "Arn"]}
QUEUES = {"Fn::Sub": "arn:aws:sqs:eu-central-1:000000000000:${AWS::StackName}-*"}
SECRETS = {"Fn::Sub": f"arn:aws:ssm:eu-central-1:000000000000:parameter/edin/{STACK}/*"}
RESOLVED = "{{resolve:ssm-secure:/edin/shop/ozon-shop/api_key}}"

BREACHES: list[Breach] = [
    ("no_wildcards", "all actions", _allowing("IntakeRole", "dynamodb:*", STOCK)),
    ("no_wildcards", "all resources", _allowing("IntakeRole", "dynamodb:GetItem", "*")),
    ("no_wildcards", "all queues", _allowing("PollRole", "sqs:SendMessage", QUEUES)),
    ("no_wildcards", "a wildcard excused elsewhere", _allowing("WebhookRole", "ssm:GetParametersByPath", SECRETS)),
    ("no_wildcards", "a queue open to anybody", _open_to_anybody),
    ("no_wildcards", "an excuse for nothing", _with("PushRole", Policies=[])),
    ("one_role_each", "one role for two", _share_a_role),
    ("one_role_each", "no role", _without("PollFunction", "Role")),
    ("one_role_each", "a managed policy", _with("PollRole", ManagedPolicyArns=["arn:aws:iam::aws:policy/Some"])),
    ("one_role_each", "a role for others", _trust_others),
    ("no_secrets_in_settings", "a secret by its name", _with_variable("PushFunction", "OZON_API_KEY", "x")),
    ("no_secrets_in_settings", "a secret resolved", _with_variable("PushFunction", "OZON", RESOLVED)),
    ("no_secrets_in_settings", "secrets themselves", _with_variable("PushFunction", "EDIN_SECRETS", "ozon=x")),
    ("sources_fail_in_parts", "a batch fails whole", _without("IntakeFunctionInbox", "FunctionResponseTypes")),
    ("sources_fail_in_parts", "no bisecting", _without("FanoutFunctionStock", "BisectBatchOnFunctionError")),
    ("sources_fail_in_parts", "no bound of retries", _without("ProjectFunctionStock", "MaximumRetryAttempts")),
    ("sources_fail_in_parts", "no filter", _without("FanoutFunctionStock", "FilterCriteria")),
    ("sources_fail_in_parts", "no queue for failures", _without("ProjectFunctionStock", "DestinationConfig")),
    ("sources_are_bounded", "a queue", _without("IntakeFunctionInbox", "ScalingConfig")),
    ("sources_are_bounded", "a FIFO queue", _without("PushFunctionPushes", "ScalingConfig")),
    ("sources_are_bounded", "a bound of nothing", _with("FanoutFunctionDeferred", ScalingConfig={})),
    ("queues_redrive", "no redrive", _without("InboxQueue", "RedrivePolicy")),
    ("queues_redrive", "hidden too short", _with("PushQueue", VisibilityTimeout=120)),
    ("dead_letters_alarm", "no alarm", _without_resource("StreamDeadLetters")),
    ("dead_letters_alarm", "kept for days", _without("InboxDeadQueue", "MessageRetentionPeriod")),
    ("dead_letters_alarm", "open to any queue", _without("PushDeadQueue", "RedriveAllowPolicy")),
    ("schedules_are_ours", "a name without the stack", _with("PollNewest", Name="poll-newest")),
    ("routes_suit_aws", "a part that AWS refuses", _with("FeedRoute", RouteKey="GET /feeds/{connection}.xml")),
    ("access_log_tells_no_token", "the path", _log_the_path),
    ("access_log_tells_no_token", "no throttling", _without("Stage", "DefaultRouteSettings")),
    ("tables_are_kept", "a table deleted", _of_resource("StockTable", "DeletionPolicy", None)),
    ("tables_are_kept", "a table replaced", _of_resource("CustomersTable", "UpdateReplacePolicy", "Delete")),
    ("tables_are_kept", "no recovery", _without("CustomersTable", "PointInTimeRecoverySpecification")),
    ("tables_are_kept", "nothing expires", _without("StockTable", "TimeToLiveSpecification")),
    ("tables_are_kept", "a key deleted", _of_resource("CustomersKey", "DeletionPolicy", "Delete")),
    ("logs_are_bounded", "logs for ever", _without("FeedLogs", "RetentionInDays")),
    ("logs_are_bounded", "no log group", _without("FeedFunction", "LoggingConfig")),
    ("logs_are_bounded", "another's logs", _allowing("FeedRole", "logs:PutLogEvents", {"Ref": "PushLogs"})),
    ("functions_get_their_settings", "one forgotten", _without_variable("FanoutFunction", "EDIN_PUSH_QUEUE")),
    ("alarms_reach_somebody", "told to nobody", _without("Oversold", "AlarmActions")),
    ("alarms_reach_somebody", "a false all-clear", _with("Oversold", OKActions=[{"Ref": "AlertTopic"}])),
    ("alarms_reach_somebody", "no all-clear", _without("NothingReconciled", "OKActions")),
    ("alarms_reach_somebody", "an event that isn't there", _without_resource("FeedErrors")),
    ("alarms_reach_somebody", "a name without the stack", _with("Oversold", AlarmName="oversold")),
    ("alarms_speak", "no description", _without("Drift", "AlarmDescription")),
    ("alarms_speak", "one language for all", _with("Drift", AlarmDescription="It grows. Runbook: Drift grows.")),
    ("alarms_speak", "a language forgotten", _without_language("Drift", "kk")),
    ("alarms_speak", "a language more", _one_more_language),
    ("alarms_speak", "nothing to say", _saying("Drift", "ru", "")),
    ("alarms_speak", "no section", _saying("Drift", "ru", "Другой остаток.")),
    ("alarms_speak", "a section alone", _saying("Drift", "ru", "Runbook: Drift grows.")),
    ("alarms_speak", "a section that isn't there", _saying("Drift", "ru", "Другой остаток. Runbook: Drift.")),
    ("alarms_speak", "another's section", _saying("Drift", "ru", "Другой остаток. Runbook: A key expires.")),
    ("alarms_speak", "a gap", _saying("FunctionErrors", "ru", "Ошибка {функции}. Runbook: A function fails.")),
    ("alarms_speak", "a long story", _saying("Drift", "ru", f"{'Другой остаток. ' * 99} Runbook: Drift grows.")),
    ("dashboard_can_be_read", "no JSON", _with("Overview", DashboardBody={"Fn::Sub": '{"widgets": [,]}'})),
    ("outputs_are_there", "one missing", lambda template: template["Outputs"].pop("ApiUrl")),
]
