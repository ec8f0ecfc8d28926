"""Objectives, the alarms that are made from them, and that one cause pages once."""

from collections.abc import Callable, Mapping
from typing import cast

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk.assertions import Match

from flux_core.vocabulary import VOCABULARY
from flux_infra.config import Severity
from flux_infra.constructs.alarm_limits import within_limits
from flux_infra.monitoring.causes import CAUSES, Cause, paging_alarms
from flux_infra.monitoring.objectives import FLUX, OBJECTIVES, PEOPLE, WEBHOOKS, Measure
from local_aws.alarms import CompositeAlarm, State
from local_aws.values import Properties
from tests.infra.alarms import ALARM, alarms_by_id, spoken_alarms, subject_of
from tests.infra.templates import Json, Resource, Templates, properties

# Who waits for what was promised to them.
PROMISED = ("local", "staging", "prod")


@pytest.fixture(params=PROMISED)
def promised(request: pytest.FixtureRequest, synthesized: Callable[[str], Templates]) -> Templates:
    return synthesized(str(request.param))


@pytest.mark.parametrize(
    ("burn", "rate", "windows", "severity"),
    [
        ("fast", 14.4, {"1h": 3_600, "5m": 300}, Severity.PAGE),
        ("slow", 6, {"6h": 21_600, "30m": 1_800}, Severity.PAGE),
        ("budget", 1, {"3d": 259_200, "6h": 21_600}, Severity.TICKET),
    ],
)
def test_a_budget_that_is_spent_too_fast_in_a_long_and_a_short_window_is_told(
    promised: Templates, burn: str, rate: float, windows: dict[str, int], severity: Severity
) -> None:
    """The Site Reliability Workbook, "Alerting on SLOs", table 5-8."""
    measured = {subject_of(promised, alarm): alarm for alarm in properties(promised.monitoring, ALARM)}
    for objective in OBJECTIVES:
        if objective.name == "forecasts-on-time" or (objective.name, burn) == ("people-latency", "fast"):
            continue
        spoken = spoken_alarms(promised)[f"{objective.name}-{burn}"]
        parts = {name: measured[f"{objective.name}-{burn}-{name}"] for name in windows}
        assert spoken["AlarmActions"] == [{"Ref": promised.topic(severity)}]
        assert str(spoken["AlarmRule"]).count(" AND ") == 1
        for name, part in parts.items():
            assert (part["Threshold"], part["ComparisonOperator"]) == (rate, "GreaterThanThreshold")
            metrics = [
                cast("Resource", m["MetricStat"]) for m in cast("list[Resource]", part["Metrics"]) if "MetricStat" in m
            ]
            assert {metric["Period"] for metric in metrics} == {windows[name]}


def test_when_most_answers_of_ten_minutes_are_late_somebody_is_woken_up(promised: Templates) -> None:
    measured = {subject_of(promised, alarm): alarm for alarm in properties(promised.monitoring, ALARM)}
    late = 0.5 / next(objective.budget for objective in OBJECTIVES if objective.name == "people-latency")
    assert {name: alarm["Threshold"] for name, alarm in measured.items() if name.startswith("people-latency-fast")} == {
        "people-latency-fast-10m": late,
        "people-latency-fast-5m": late,
    }


def test_forecasts_are_judged_by_the_one_census_of_a_night_and_by_three_nights(promised: Templates) -> None:
    measured = {subject_of(promised, alarm): alarm for alarm in properties(promised.monitoring, ALARM)}
    assert {name: alarm["Threshold"] for name, alarm in measured.items() if name.startswith("forecasts-on-time")} == {
        "forecasts-on-time-fast-1h": 6,
        "forecasts-on-time-budget-3d": 1,
    }


def test_nobody_hears_of_objectives_where_nobody_was_promised_anything(dev: Templates) -> None:
    assert not any(name.startswith(objective.name) for name in spoken_alarms(dev) for objective in OBJECTIVES)


def test_people_and_points_of_sale_are_told_apart_by_the_apis_routes(environment: Templates) -> None:
    routes = {str(route["RouteKey"]) for route in properties(environment.api, "AWS::ApiGatewayV2::Route")}
    assert routes == {f"{route.method} {route.path}" for route in (PEOPLE, WEBHOOKS)}
    environment.api.has_resource_properties(
        "AWS::ApiGatewayV2::Stage", {"DefaultRouteSettings": Match.object_like({"DetailedMetricsEnabled": True})}
    )


def test_an_objective_says_in_exactly_one_way_what_is_bad() -> None:
    count = PEOPLE.series("Count")
    with pytest.raises(ValueError, match="exactly one of bad, good and good_percent"):
        Measure(total=count)
    with pytest.raises(ValueError, match="exactly one of bad, good and good_percent"):
        Measure(total=count, bad=count, good=count)


def test_what_functions_are_to_count_is_in_their_vocabulary() -> None:
    counted = {
        (series.dimensions["service"], series.name)
        for objective in OBJECTIVES
        for series in objective.measure.series.values()
        if series.namespace == FLUX
    }
    assert counted <= {(metric.service, metric.name) for metric in VOCABULARY}


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.what)
def test_one_cause_pages_once(promised: Templates, cause: Cause) -> None:
    fires = {alarm for subject in (cause.pages, *cause.quiet) for alarm in paging_alarms(subject)}
    assert _paging(promised, fires) == {paging_alarms(cause.pages)[0]}


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.what)
def test_what_a_cause_keeps_quiet_pages_when_it_fires_alone(promised: Templates, cause: Cause) -> None:
    for subject in cause.quiet:
        first, *_slower = paging_alarms(subject)
        assert _paging(promised, {first}) == {first}


def test_the_tickets_of_a_cause_are_alarms(prod: Templates) -> None:
    ticket = [{"Ref": prod.topic(Severity.TICKET)}]
    spoken = spoken_alarms(prod)
    assert all(spoken[name]["AlarmActions"] == ticket for cause in CAUSES for name in cause.tickets)


def test_an_alarm_that_cloudwatch_would_refuse_fails_at_synth() -> None:
    stack = Stack(App(), "Stack")
    metric = cloudwatch.Metric(namespace="N", metric_name="M", period=Duration.hours(1))
    _build(stack, "Week", metric, periods=168)
    _build(stack, "Longer", metric, periods=169)
    _build(stack, "Day", metric.with_(period=Duration.minutes(5)), periods=288)
    _build(stack, "Longer5m", metric.with_(period=Duration.minutes(5)), periods=289)
    many = {f"m{number}": metric.with_(label=str(number)) for number in range(11)}
    with pytest.raises(RuntimeError, match="more than 10 individual metrics"):
        _build(stack, "Eleven", cloudwatch.MathExpression(expression=" + ".join(many), using_metrics=many), periods=1)

    told = [entry for alarm in stack.node.children for entry in alarm.node.metadata]
    said = [str(entry.data) for entry in told if entry.type == "aws:cdk:error"]
    assert [text.partition(";")[0] for text in said] == [
        "alarm Longer looks back 608400 s, and CloudWatch 604800 s at periods of 3600 s",
        "alarm Longer5m looks back 86700 s, and CloudWatch 86400 s at periods of 300 s",
    ]


def _build(stack: Stack, name: str, metric: cloudwatch.IMetric, *, periods: int) -> None:
    within_limits(
        cloudwatch.Alarm(stack, name, alarm_name=name, metric=metric, threshold=1, evaluation_periods=periods)
    )


def _paging(environment: Templates, fires: set[str]) -> set[str]:
    """Which alarms page while these fire and no others: nothing that fires silences them."""
    alarms = alarms_by_id(environment)
    subjects = {logical_id: subject_of(environment, alarm) for logical_id, alarm in alarms.items()}
    rules = {
        subjects[logical_id]: CompositeAlarm.of(Properties(_named(alarm, subjects)))
        for logical_id, alarm in alarms.items()
        if "AlarmRule" in alarm
    }
    states: dict[str, State] = dict.fromkeys(subjects.values(), "OK")
    for subject in fires:
        states |= dict.fromkeys([subject, *(rules[subject].children if subject in rules else ())], "ALARM")
    states |= {subject: rule.state(states) for subject, rule in rules.items()}  # those that only silence, from the rest
    page = [{"Ref": environment.topic(Severity.PAGE)}]
    return {
        subject
        for subject, alarm in spoken_alarms(environment).items()
        if alarm["AlarmActions"] == page
        and states[subject] == "ALARM"
        and not (subject in rules and states.get(rules[subject].suppressor or "") == "ALARM")
    }


def _named(alarm: Resource, subjects: Mapping[str, str]) -> Resource:
    """A composite alarm with every reference to another alarm as that one's subject."""

    def named(value: Json) -> Json:
        match value:
            case {"Fn::Join": [_, [*parts]]}:
                return "".join(str(named(part)) for part in parts)
            case {"Fn::GetAtt": [str(logical_id), _]}:
                return subjects[logical_id]
            case _:
                return value

    return {key: named(value) for key, value in alarm.items()}
