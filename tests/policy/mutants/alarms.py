"""Weakenings of alarms, of the topic that they speak to, and of what RDS says."""

from collections.abc import Callable, Iterator

from .change import ON, Change, Json, Template, add, drop, hurry, new, put, ref, twin

_P = "Properties/"
_CPU, _ERRORS, _API = "DatabaseDatabaseCpu", "FunctionsLambdaErrors", "ApiApiErrors"
_STAT = _P + "Metrics/0/MetricStat/"
_SUSTAINED, _RELEASE = "ReleasesApiAlarmsErrorsSustained", "ReleasesApiAlarmsErrors"
_TOPIC: Json = {"Ref": "AlertsTopicCF7C81C9"}
_STRANGER = "arn:aws:sns:us-east-1:999999999999:flux-prod-alerts"


def _hears(protocol: str, endpoint: str) -> Callable[[Template], None]:
    """Let somebody else hear alerts."""
    properties: Json = {"Protocol": protocol, "Endpoint": endpoint, "TopicArn": _TOPIC}
    return new("Ear", {"Type": "AWS::SNS::Subscription", "Properties": properties})


def _swapped(name: str) -> Callable[[Template], None]:
    """Call the second series by the third's name, and the other way round."""

    def apply(template: Template) -> None:
        put(name, _P + "Metrics/1/Id", "invocations")(template)
        put(name, _P + "Metrics/2/Id", "failures")(template)

    return apply


_MONITORING = (
    ("an alarm also tells another account", add(_CPU, _P + "AlarmActions", _STRANGER)),
    ("an alarm's end is told elsewhere", add(_CPU, _P + "OKActions", _STRANGER)),
    ("an alarm without data is told elsewhere", put(_CPU, _P + "InsufficientDataActions", [_STRANGER])),
    ("an alarm ends the database's host", add(_CPU, _P + "AlarmActions", "arn:aws:automate:us-east-1:ec2:terminate")),
    ("an alarm sees a unit that no data has", put(_CPU, _STAT + "Unit", "Bytes")),
    ("an alarm reads another account's metric", put(_CPU, _P + "Metrics/0/AccountId", "999999999999")),
    (
        "an alarm does not look at little traffic",
        put("ApiApiLatency", _P + "EvaluateLowSampleCountPercentile", "ignore"),
    ),
    ("an alarm's threshold moves along", put(_CPU, _P + "ThresholdMetricId", "m1")),
    (
        "an alarm adds what it should take the most of",
        put("CacheCacheCpu", _P + "Metrics/0/Expression", "SUM(METRICS())"),
    ),
    ("an alarm reckons with what it does not read", put(_ERRORS, _P + "Metrics/1/Id", "api2")),
    ("an alarm's series have no valid name", put(_CPU, _P + "Metrics/0/Id", "*")),
    ("an alarm's series have different periods", put(_API, _P + "Metrics/1/MetricStat/Period", 60)),
    ("an alarm's formula has another period", put(_API, _P + "Metrics/0/Period", 86400)),
    ("an alarm's period is no whole minute", put(_CPU, _STAT + "Period", 299)),
    ("the database's memory may fall to a tenth", put("DatabaseDatabaseMemory", _P + "Threshold", "343597383")),
    ("a missing backup is missed every hour", put("BackupsBackupMissing", _STAT + "Period", 3600)),
    ("the dashboard is not to be read", put("Dashboard", _P + "DashboardBody", "AWS/RDS AWS/SQS AWS/Lambda")),
    (
        "a dashboard runs a stranger's function",
        new(
            "Board",
            {
                "Type": "AWS::CloudWatch::Dashboard",
                "Properties": {
                    "DashboardBody": '{"widgets":[{"type":"custom","properties":'
                    '{"endpoint":"arn:aws:lambda:us-east-1:333333333333:function:show"}}]}',
                    "Tags": [
                        {"Key": "Application", "Value": "flux"},
                        {"Key": "Environment", "Value": "prod"},
                        {"Key": "Layer", "Value": "monitoring"},
                    ],
                },
            },
        ),
    ),
    ("another account's queue hears alerts", _hears("sqs", "arn:aws:sqs:us-east-1:999999999999:ears")),
    (
        "our own account's function hears alerts",
        _hears("lambda", "arn:aws:lambda:us-east-1:333333333333:function:ears"),
    ),
    ("a web site hears alerts", _hears("https", "https://collect.example.com/")),
    ("another company hears alerts", _hears("email", "ops@flux.app.example.com")),
    ("a telephone hears alerts", _hears("sms", "+15551234567")),
    (
        "the topic itself names who hears it",
        put("AlertsTopic", _P + "Subscription", [{"Protocol": "email", "Endpoint": "ears@example.com"}]),
    ),
    ("alerts are sent by no known means", put("AlertsTopicopsfluxapp", _P + "Protocol", "mail")),
    ("alerts are heard in another region", put("AlertsTopicopsfluxapp", _P + "Region", "eu-west-1")),
    ("alerts are in order, and reach nobody", put("AlertsTopic", _P + "FifoTopic", ON)),
    (
        "alerts are held back",
        put("AlertsTopic", _P + "DataProtectionPolicy", {"Name": "all", "Statement": [{"Principal": ["*"]}]}),
    ),
    (
        "a second policy names the topic by text",
        new(
            "Open",
            {
                "Type": "AWS::SNS::TopicPolicy",
                "Properties": {
                    "Topics": ["arn:aws:sns:us-east-1:333333333333:flux-prod-alerts"],
                    "PolicyDocument": {
                        "Statement": [
                            {"Effect": "Allow", "Principal": "*", "Action": "sns:Subscribe", "Resource": "*"},
                        ]
                    },
                },
            },
        ),
    ),
    ("failovers of the database are not told", drop("DatabaseEventsInstance", _P + "EventCategories/3")),
    ("low storage is misspelled", put("DatabaseEventsInstance", _P + "EventCategories/4", "low-storage")),
    ("RDS speaks before it may", hurry("DatabaseEventsInstance", "AlertsTopicPolicy")),
    ("a subscription is not tagged", drop("DatabaseEventsParameters", _P + "Tags")),
    ("there is a second topic", twin("AlertsTopic", "Second", (_P + "TopicName", "flux-prod-other"))),
)


_COMPUTE = (
    ("what breaks little need break a thousand times", put(_SUSTAINED, _P + "Threshold", 2400)),
    (
        "what breaks little may break for ever",
        put(_SUSTAINED, _P + "Metrics/0/Expression", "failures - 4 * invocations"),
    ),
    ("what breaks little is looked for by the hour", put(_SUSTAINED, _P + "EvaluationPeriods", 12)),
    (
        "what breaks little is another function",
        put(
            "ReleasesApiAlarmsServerErrorsSustained",
            _P + "Metrics/1/MetricStat/Metric/Dimensions/1/Value",
            ref("FunctionsSyncFunction"),
        ),
    ),
    ("what breaks little has another name", put(_SUSTAINED, _P + "AlarmName", "flux-prod-api-release-little")),
    ("a rate is upside down", _swapped(_RELEASE)),
    ("people's errors are upside down", _swapped("ReleasesUsersHurt")),
    ("a release alarm sees a unit that no data has", put(_RELEASE, _P + "Metrics/1/MetricStat/Unit", "Seconds")),
    ("a release alarm says nothing", drop(_RELEASE, _P + "AlarmDescription")),
)


def _mutants() -> Iterator[Change]:
    for stack, changes in (("Monitoring", _MONITORING), ("Compute", _COMPUTE)):
        for what, apply in changes:
            yield Change(layer="monitoring", stack=stack, what=what, apply=apply)


MUTANTS = tuple(_mutants())
