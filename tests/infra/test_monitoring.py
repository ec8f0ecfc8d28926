import json
import re
from collections import Counter
from typing import cast

import pytest
from aws_cdk.assertions import Match

from flux_core.vocabulary import VOCABULARY
from flux_infra.config import Severity
from flux_infra.constructs.alarm_words import describe_alarm
from flux_infra.constructs.names import topic_arn
from flux_infra.environments import PROD
from flux_infra.monitoring.objectives import OBJECTIVES
from flux_infra.monitoring.schedules import hours_between
from ops.dashboard.body import Body, GraphWidget
from tests.infra.alarms import ALARM, COMPOSITE, spoken_alarms
from tests.infra.templates import PROJECT, Resource, Templates, properties, resources, whole

TOPIC = "AWS::SNS::Topic"

type Json = dict[str, object]


# The topic


def test_alerts_are_encrypted_and_have_the_names_that_other_layers_expect(environment: Templates) -> None:
    (key_id,) = resources(environment.monitoring, "AWS::KMS::Key")
    assert {
        f"arn:aws:sns:{environment.config.region}:{environment.config.account}:{topic['TopicName']}"
        for topic in properties(environment.monitoring, TOPIC)
    } == {topic_arn(environment.config, severity) for severity in Severity}
    environment.monitoring.all_resources_properties(TOPIC, {"KmsMasterKeyId": {"Fn::GetAtt": [key_id, "Arn"]}})
    environment.monitoring.has_resource_properties("AWS::KMS::Key", {"EnableKeyRotation": True})


def test_alarms_of_this_environment_may_use_the_alerts_key(environment: Templates) -> None:
    environment.monitoring.has_resource_properties(
        "AWS::KMS::Key",
        {
            "KeyPolicy": Match.object_like(
                {
                    "Statement": Match.array_with(
                        [
                            {
                                "Effect": "Allow",
                                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                                "Resource": "*",
                                "Condition": _only_our_alarms(environment),
                            }
                        ]
                    )
                }
            )
        },
    )


@pytest.mark.parametrize("severity", Severity)
def test_a_topic_takes_messages_from_our_alarms_and_never_in_the_clear(
    environment: Templates, severity: Severity
) -> None:
    policy = resources(environment.monitoring, "AWS::SNS::TopicPolicy")[environment.topic_policy(severity)]
    document = cast("dict[str, list[Json]]", cast("Json", policy["Properties"])["PolicyDocument"])
    denied, allowed, *_databases = document["Statement"]

    assert (denied["Effect"], denied["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert allowed["Effect"] == "Allow"
    assert allowed["Action"] == "sns:Publish"
    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allowed["Resource"] == {"Ref": environment.topic(severity)}
    assert allowed["Condition"] == _only_our_alarms(environment)


def test_operators_hear_of_alarms_by_e_mail(environment: Templates) -> None:
    for severity, email in (
        (Severity.PAGE, environment.config.page_email),
        (Severity.TICKET, environment.config.ticket_email),
    ):
        environment.monitoring.has_resource_properties(
            "AWS::SNS::Subscription",
            {"Protocol": "email", "Endpoint": email, "TopicArn": {"Ref": environment.topic(severity)}},
        )


# Every alarm


def test_every_alarm_that_speaks_says_when_it_begins_and_when_it_is_over_to_one_topic(environment: Templates) -> None:
    topics = [{"Ref": environment.topic(severity)} for severity in Severity]
    for name, alarm in spoken_alarms(environment).items():
        assert alarm["AlarmActions"] == alarm["OKActions"], name
        assert [action in topics for action in cast("list[Json]", alarm["AlarmActions"])] == [True], name


def test_an_alarm_pages_only_for_what_hurts_users_now(prod: Templates) -> None:
    page = {"Ref": prod.topic(Severity.PAGE)}
    assert {name for name, alarm in spoken_alarms(prod).items() if alarm["AlarmActions"] == [page]} == {
        "database-storage",
        "forecast-age",
        "forecasts-on-time-fast",
        "journey-fast",
        "journey-slow",
        "model-errors",
        "nightly-tick-failed",
        "people-availability-fast",
        "people-availability-slow",
        "people-latency-fast",
        "people-latency-slow",
        "pos-sync-age",
        "probe-missing",
        "sales-freshness-fast",
        "sales-freshness-slow",
        "webhook-availability-fast",
        "webhook-availability-slow",
    }


def test_every_alarm_says_whom_it_hurts_what_to_do_first_and_where_to_read_on(environment: Templates) -> None:
    name, region = environment.config.name, environment.config.region
    branch = {"staging": "staging"}.get(name, "main")
    alarms = [alarm for layer in (environment.ml, environment.compute) for alarm in properties(layer, ALARM)]
    for alarm in [*alarms, *spoken_alarms(environment).values()]:
        said = re.fullmatch(
            r"(?P<impact>.+) First: (?P<first>.+) Runbook: (?P<runbook>\S+) Dashboard: (?P<dashboard>\S+)",
            str(alarm["AlarmDescription"]),
        )
        assert said, alarm["AlarmName"]
        assert len(said["impact"].split()) >= 5, alarm["AlarmName"]
        assert len(said["first"].split()) >= 5, alarm["AlarmName"]
        root = f"https://github.com/flux-app/flux-platform/blob/{branch}/"
        assert (PROJECT / said["runbook"].removeprefix(root)).is_file(), alarm["AlarmName"]
        assert said["dashboard"] == (
            f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#dashboards/dashboard/flux-{name}"
        )


def test_what_an_alarm_says_is_no_longer_than_cloudwatch_takes() -> None:
    with pytest.raises(ValueError, match="CloudWatch takes 1024"):
        describe_alarm(PROD, impact="x" * 900, first="Look.", runbook="an-alarm-fires")


def test_silence_is_no_alarm_but_of_what_comes_by_the_clock(environment: Templates) -> None:
    silent = {str(alarm["AlarmName"]): alarm["TreatMissingData"] for alarm in properties(environment.monitoring, ALARM)}
    missing = {name for name in silent if name.endswith("-missing")}
    assert {silent.pop(name) for name in missing} <= {"breaching"}
    assert set(silent.values()) == {"notBreaching"}


def test_an_alarm_on_silence_waits_until_it_could_have_heard_something(environment: Templates) -> None:
    waits = {
        str(alarm["AlarmName"]).partition(f"{environment.config.name}-")[2]: alarm.get("WarmUpConfiguration")
        for alarm in properties(environment.monitoring, ALARM)
        if alarm["TreatMissingData"] == "breaching" or "WarmUpConfiguration" in alarm
    }
    minutes = {
        "probe-missing": 10,
        "sync-missing": 60,
        "quarter-hourly-tick-missing": 120,
        "census-missing": 1_560,
        "secret-age-missing": 1_560,
        "backup-missing": 2_880,
    }
    assert waits == {
        name: {
            "OnlyStartEvaluatingAfterWarmUpPeriodEnds": True,
            "WarmUpPeriodDurationInMinutes": minutes.get(name, 1_500),
        }
        for name in waits
    }


def test_alarm_names_are_unique_in_the_environment(environment: Templates) -> None:
    names = Counter(
        str(alarm["AlarmName"])
        for _, layer in environment.layers()
        for kind in (ALARM, COMPOSITE)
        for alarm in properties(layer, kind)
    )
    assert all(name.startswith(f"flux-{environment.config.name}-") for name in names)
    assert names.most_common(1)[0][1] == 1


def test_the_alarms_that_open_tickets_are_these(prod: Templates) -> None:
    ticket = {"Ref": prod.topic(Severity.TICKET)}
    functions = ("api", "authorizer", "forecast", "migrate", "release-gate", "sync", "webhook")
    assert {name for name, alarm in spoken_alarms(prod).items() if alarm["AlarmActions"] == [ticket]} == {
        *(f"{objective.name}-budget" for objective in OBJECTIVES),
        *(f"{function}-{kind}" for function in functions for kind in ("errors", "near-timeout", "throttles")),
        *(f"{function}-near-concurrency" for function in ("api", "authorizer", "webhook")),
        "backup-copy-failed",
        "backup-failed",
        "backup-missing",
        "cache-cpu",
        "cache-memory",
        "census-missing",
        "census-tick-failed",
        "census-tick-missing",
        "connections-revoked",
        "connections-silent",
        "database-connections",
        "database-cpu",
        "database-growth",
        "database-latency",
        "database-memory",
        "database-transactions",
        "forecast-dead-letters",
        "forecast-more-dead-letters",
        "model-latency",
        "nat-drops",
        "nat-ports",
        "nightly-tick-missing",
        "page-not-delivered",
        "pos-sync-dead-letters",
        "pos-sync-more-dead-letters",
        "quarter-hourly-tick-failed",
        "quarter-hourly-tick-missing",
        "probe-broken",
        "rotation-errors",
        "secret-age",
        "secret-age-missing",
        "site-errors",
        "square-errors",
        "square-latency",
        "sync-missing",
        "ticket-not-delivered",
    }


# Each subject


def test_every_schedule_is_watched_for_ticks_that_fail_and_where_data_are_kept_for_ticks_that_never_come(
    environment: Templates,
) -> None:
    """FailedInvocations and InvocationsFailedToBeSentToDlq: "Monitoring Amazon EventBridge", EventBridge User Guide."""
    rules = resources(environment.compute, "AWS::Events::Rule")
    alarms = {str(alarm["AlarmName"]): json.dumps(alarm) for alarm in properties(environment.monitoring, ALARM)}
    failed = [text for name, text in alarms.items() if name.endswith("-tick-failed")]
    missing = [text for name, text in alarms.items() if name.endswith("-tick-missing")]

    assert len(failed) == len(rules) == 3
    assert len(missing) == (0 if environment.config.ephemeral else len(rules))
    for text in failed:
        assert "FailedInvocations" in text
        assert "InvocationsFailedToBeSentToDlq" in text
    for logical_id in rules:
        assert sum(logical_id in text for text in failed) == 1
        assert sum(logical_id in text for text in missing) == len(missing) / len(rules)


@pytest.mark.parametrize(
    ("expression", "hours"),
    [
        ("cron(0/15 * * * ? *)", 1),
        ("cron(30 * * * ? *)", 1),
        ("cron(0 2 * * ? *)", 24),
        ("cron(0 6 ? * MON *)", None),
        ("cron(0 6 1 * ? *)", None),
        ("rate(5 minutes)", None),
    ],
)
def test_how_long_silence_may_last_is_read_from_the_schedule(expression: str, hours: int | None) -> None:
    assert hours_between(expression) == hours


def test_no_alarm_looks_back_further_than_cloudwatch_does(environment: Templates) -> None:
    """PutMetricAlarm, EvaluationPeriods: a day, or seven where a period is an hour or more."""
    for layer_alarms in (properties(layer, ALARM) for _, layer in environment.layers()):
        for alarm in layer_alarms:
            metrics = cast("list[Resource]", alarm.get("Metrics", []))
            stats = [cast("Resource", each["MetricStat"])["Period"] for each in metrics if "MetricStat" in each]
            periods = [cast("int", each) for each in ([alarm["Period"]] if "Period" in alarm else stats)]
            limit = 7 * 86_400 if min(periods) >= 3_600 else 86_400
            assert max(periods) * cast("int", alarm["EvaluationPeriods"]) <= limit, alarm["AlarmName"]


def test_every_function_that_serves_is_watched_for_errors_by_number_and_share(environment: Templates) -> None:
    functions = properties(environment.compute, "AWS::Lambda::Function")
    serving = [function for function in functions if function["Handler"] != "rotation.handler.handler"]
    alarms = [alarm for name, alarm in spoken_alarms(environment).items() if "-errors" in name and "Metrics" in alarm]
    shares = [alarm for alarm in alarms if "_invocations" in json.dumps(alarm["Metrics"])]

    assert len(shares) == len(serving)
    for alarm in shares:
        (expression,) = (str(m["Expression"]) for m in _metrics(alarm) if "Expression" in m)
        assert re.fullmatch(r"IF\((\w+)_errors >= 5, 100 \* \1_errors / \1_invocations, 0\)", expression)
        assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "GreaterThanThreshold")


def test_every_dead_letter_queue_is_watched_by_what_is_in_it(environment: Templates) -> None:
    queues = resources(environment.compute, "AWS::SQS::Queue")
    dead_letter_queues = {
        str(cast("list[str]", target["Fn::GetAtt"])[0])
        for queue in queues.values()
        if (policy := cast("dict[str, Json]", queue["Properties"]).get("RedrivePolicy"))
        and (target := cast("Json", policy["deadLetterTargetArn"]))
    }
    watched = set()
    for alarm in properties(environment.monitoring, ALARM):
        metric = _metric(alarm)
        if metric.get("MetricName") == "ApproximateNumberOfMessagesVisible":
            assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
            watched.add(_queue_named(environment, _dimension(metric, "QueueName")))

    assert dead_letter_queues
    assert watched == dead_letter_queues


def test_forecasts_that_wait_two_hours_raise_the_alarm_while_there_is_time_before_five(
    environment: Templates,
) -> None:
    assert _alarm(environment, "forecast-age")["Threshold"] == 7_200
    assert _alarm(environment, "pos-sync-age")["Threshold"] == 900


def test_the_database_alarms_before_its_connections_run_out(environment: Templates) -> None:
    threshold = cast("int", _alarm(environment, "database-connections")["Threshold"])
    budget = environment.config.database.connection_budget

    assert budget * 0.85 < threshold < budget


@pytest.mark.parametrize("subject", ["database-memory", "database-storage"])
def test_the_database_alarms_when_little_is_left(environment: Templates, subject: str) -> None:
    assert _alarm(environment, subject)["ComparisonOperator"] == "LessThanThreshold"


def test_the_database_alarms_grow_with_the_database(dev: Templates, prod: Templates) -> None:
    for subject in ("database-memory", "database-storage", "database-connections"):
        assert cast("int", _alarm(dev, subject)["Threshold"]) < cast("int", _alarm(prod, subject)["Threshold"])


def test_every_nat_gateway_is_watched(environment: Templates) -> None:
    gateways = resources(environment.network, "AWS::EC2::NatGateway")
    for subject in ("nat-drops", "nat-ports"):
        watched = json.dumps(_alarm(environment, subject)["Metrics"])
        assert [f"Ref{gateway}" in watched for gateway in gateways] == [True] * environment.config.network.nat_gateways


def test_the_networks_dashboard_asks_the_flow_logs_what_was_rejected(prod: Templates) -> None:
    (log_group,) = (
        str(group["LogGroupName"])
        for group in properties(prod.network, "AWS::Logs::LogGroup")
        if "flow-logs" in str(group.get("LogGroupName"))
    )
    (asked,) = (
        cast("Json", widget["properties"])["query"]
        for widget in cast("list[Json]", _boards(prod)["-network"]["widgets"])
        if widget["type"] == "log"
    )
    assert str(asked).startswith(f"SOURCE '{log_group}' | filter action = \"REJECT\"")


def test_every_node_of_the_cache_is_watched(environment: Templates) -> None:
    (group,) = properties(environment.data, "AWS::ElastiCache::ReplicationGroup")
    nodes = [m for m in _metrics(_alarm(environment, "cache-cpu")) if "MetricStat" in m]
    names = [_dimension(cast("Json", cast("Json", m["MetricStat"])["Metric"]), "CacheClusterId") for m in nodes]

    assert [cast("dict[str, list[list[object]]]", name)["Fn::Join"][1][-1] for name in names] == [
        f"-{number:03}" for number in range(1, cast("int", group["NumCacheClusters"]) + 1)
    ]


def test_the_model_is_watched_by_its_endpoint_and_variant(environment: Templates) -> None:
    for subject in ("model-errors", "model-latency"):
        metric = _metric(_alarm(environment, subject))
        assert _dimension(metric, "EndpointName") == environment.stage.ml.endpoint.name
        assert _dimension(metric, "VariantName") == environment.stage.ml.endpoint.variant


# The dashboards


def test_the_first_dashboard_shows_every_alarm_that_speaks_first(environment: Templates) -> None:
    first = cast("list[Json]", _boards(environment)[""]["widgets"])[0]

    assert first["type"] == "alarm"
    assert len(cast("list[str]", cast("Json", first["properties"])["alarms"])) == len(spoken_alarms(environment))


def test_the_first_dashboard_is_of_objectives_and_business_and_each_layer_has_its_own(prod: Templates) -> None:
    assert {part: _headings(board) for part, board in _boards(prod).items()} == {
        "": ["Objectives", "Business", "Deliveries"],
        "-frontend": ["Site", "Journey"],
        "-api": ["API"],
        "-compute": ["Functions", "Queues", "Square", "Schedules", "Rotations"],
        "-data": ["Database", "Cache", "Backups"],
        "-ml": ["Model"],
        "-network": ["Network"],
        "-releases": ["Releases"],
    }


def test_where_nobody_was_promised_anything_one_dashboard_shows_everything(dev: Templates, local: Templates) -> None:
    (everything,) = _boards(dev).values()
    parts = {heading for board in _boards(local).values() for heading in _headings(board)}
    assert set(_headings(everything)) == parts - {"Objectives", "Backups", "Journey"}


def test_no_graph_of_a_dashboard_sticks_out_of_cloudwatchs_grid(prod: Templates) -> None:
    widgets = [widget for board in _boards(prod).values() for widget in cast("list[Json]", board["widgets"])]
    assert all(cast("int", widget["x"]) + cast("int", widget["width"]) <= 24 for widget in widgets)


def test_every_dashboard_can_be_drawn_as_a_picture(environment: Templates) -> None:
    for board in _boards(environment).values():
        widgets = Body.model_validate_json(json.dumps(board)).widgets
        graphs = [widget.properties for widget in widgets if isinstance(widget, GraphWidget)]
        assert {graph.view for graph in graphs} <= {"timeSeries", "singleValue"}
        assert all(0 < len(graph.drawn) <= 500 for graph in graphs)  # what one GetMetricData may ask for


def test_what_the_dashboard_shows_of_business_is_in_the_functions_vocabulary(prod: Templates) -> None:
    body = json.dumps(_boards(prod)[""])
    shown = set(re.findall(r'"Flux", "(\w+)", "Environment", "prod", "service", "(\w+)"', body))
    assert len(shown) > 10
    assert shown <= {(metric.name, metric.service) for metric in VOCABULARY}


def _boards(environment: Templates) -> dict[str, Json]:
    """Each dashboard's body by its name after `flux-<environment>`."""
    return {
        str(board["DashboardName"]).removeprefix(f"flux-{environment.config.name}"): _body(board)
        for board in properties(environment.monitoring, "AWS::CloudWatch::Dashboard")
    }


def _headings(board: Json) -> list[str]:
    shown = [
        cast("Json", each["properties"]) for each in cast("list[Json]", board["widgets"]) if each["type"] == "text"
    ]
    return [str(text["markdown"]).removeprefix("## ") for text in shown if str(text["markdown"]).startswith("## ")]


def _only_our_alarms(environment: Templates) -> Json:
    config = environment.config
    return {
        "StringEquals": {"aws:SourceAccount": config.account},
        "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{config.region}:{config.account}:alarm:flux-{config.name}-*"},
    }


def _alarm(environment: Templates, subject: str) -> Resource:
    """The alarm that measures it, whichever speaks for it."""
    names = [f"flux-{environment.config.name}-{subject}{end}" for end in ("", "-measured")]
    (alarm,) = (a for a in properties(environment.monitoring, ALARM) if a["AlarmName"] in names)
    return alarm


def _metrics(alarm: Resource) -> list[Json]:
    return cast("list[Json]", alarm.get("Metrics", []))


def _metric(alarm: Resource) -> Json:
    """Return the alarm's metric if it watches a single one, else nothing."""
    metrics = _metrics(alarm)
    return cast("Json", cast("Json", metrics[0]["MetricStat"])["Metric"]) if len(metrics) == 1 else {}


def _dimension(metric: Json, name: str) -> object:
    (value,) = (d["Value"] for d in cast("list[Json]", metric["Dimensions"]) if d["Name"] == name)
    return value


def _queue_named(environment: Templates, reference: object) -> str:
    """Follow a reference to a queue's name into the compute layer, to the queue's logical id."""
    output = cast("dict[str, dict[str, str]]", reference)["Fn::GetStackOutput"]["OutputName"]
    outputs = cast("dict[str, dict[str, dict[str, list[str]]]]", whole(environment.compute)["Outputs"])
    return outputs[output]["Value"]["Fn::GetAtt"][0]


def _body(dashboard: Resource) -> Json:
    """Return the dashboard's body with references as plain words."""
    body = dashboard["DashboardBody"]
    parts = [body] if isinstance(body, str) else cast("dict[str, list[list[object]]]", body)["Fn::Join"][1]
    return cast("Json", json.loads("".join(part if isinstance(part, str) else "reference" for part in parts)))


def test_a_queues_age_counts_what_its_worker_postpones(environment: Templates) -> None:
    for queue in ("forecast", "pos-sync"):
        metrics = _metrics(_alarm(environment, f"{queue}-age"))
        (expression,) = (str(m["Expression"]) for m in metrics if "Expression" in m)
        named = [cast("Json", cast("Json", m["MetricStat"])["Metric"]) for m in metrics if "MetricStat" in m]
        assert {metric["MetricName"] for metric in named} == {
            "ApproximateAgeOfOldestMessage",
            "PostponedMessageAge",
        }
        assert all(str(m["Id"]) in expression for m in metrics if "MetricStat" in m)
        (postponed,) = (metric for metric in named if metric["Namespace"] == "Flux")
        assert (_dimension(postponed, "Environment"), _dimension(postponed, "Queue")) == (
            environment.config.name,
            queue,
        )
