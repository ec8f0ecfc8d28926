"""Alarms: every one that must be there watches the right thing, fires in time, and speaks to the alerts topic alone."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from ..expected_alarms import TAIL, ExpectedAlarm, expected_alarms
from ..finding import Broken, Rules
from ..model import Environment, Resource, plain
from ..values import (
    Json,
    as_flag,
    as_list,
    as_map,
    as_number,
    as_text,
    dig,
    leaves,
)

RULES = Rules()
ALARM = "AWS::CloudWatch::Alarm"
_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
_LONGEST = 3  # periods out of which the alarm's ones may come, for each that must be bad


def _by_subject(environment: Environment) -> dict[str, Resource]:
    prefix = f"flux-{environment.name}-"
    return {alarm.text("AlarmName").removeprefix(prefix): alarm for alarm in environment.of(ALARM)}


def spellings(alarm: Resource) -> set[str]:
    """Return the ways in which a rule or a deployment group may name an alarm."""
    return {alarm.refers("Arn"), alarm.refers(), alarm.text("AlarmName")} - {""}


def _pairs(environment: Environment) -> Iterator[tuple[ExpectedAlarm, Resource]]:
    found = _by_subject(environment)
    for expected in expected_alarms(environment):
        if expected.subject in found:
            yield expected, found[expected.subject]


def _series(alarm: Resource) -> list[tuple[str, str, str, float, Mapping[str, str]]]:
    """Return what an alarm reads: namespace, metric, statistic, period in seconds, dimensions."""
    stats = [as_map(as_map(query).get("MetricStat")) for query in alarm.items("Metrics")]
    if not alarm.get("Metrics"):
        return [_one(alarm.properties, alarm.properties, "Statistic", "ExtendedStatistic")]
    return [_one(as_map(stat.get("Metric")), stat, "Stat", "Stat") for stat in stats if stat]


def _one(
    metric: Mapping[str, Json], timing: Mapping[str, Json], *statistics: str
) -> tuple[str, str, str, float, Mapping[str, str]]:
    dimensions = metric.get("Dimensions")
    pairs = [as_map(item) for item in (dimensions if isinstance(dimensions, list) else [])]
    statistic = next((as_text(timing.get(key)) for key in statistics if timing.get(key)), "")
    return (
        as_text(metric.get("Namespace")),
        as_text(metric.get("MetricName")),
        statistic,
        as_number(timing.get("Period")) or 0,
        {as_text(pair.get("Name")): plain(as_text(pair.get("Value"))) for pair in pairs},
    )


@RULES.rule("ALARM-EXISTS", source="Well-Architected OPS08; policy/expected_alarms.py", remedy="restore it")
def every_alarm_is_there(environment: Environment) -> Iterable[Broken]:
    """By the name that runbooks use."""
    found = _by_subject(environment)
    for expected in expected_alarms(environment):
        if expected.subject not in found:
            yield Broken(subject=expected.subject, what=f"no alarm flux-{environment.name}-{expected.subject}")


@RULES.rule("ALARM-ACTION", source="FSBP CloudWatch.15", remedy="add the alerts topic as action")
def every_alarm_speaks(environment: Environment) -> Iterable[Broken]:
    """To the alerts topic and nobody else, also those that no list here names; and nothing silences it."""
    name = f"flux-{environment.name}-alerts"
    topics = {"${Monitoring/AlertsTopic}", f"arn:aws:sns:{environment.region}:{environment.account}:{name}"}
    for alarm in environment.of(ALARM, "AWS::CloudWatch::CompositeAlarm"):
        if alarm.flag("ActionsEnabled") is False:
            yield Broken(resource=alarm, what="has its actions switched off")
        if alarm.get("ActionsSuppressor"):
            yield Broken(resource=alarm, what="is silent while another alarm fires")
        started = {text for key in _ACTIONS for text in alarm.texts(key)}
        if started - topics:
            yield Broken(resource=alarm, what=f"also starts {', '.join(sorted(started - topics))}")
        if not topics & set(alarm.texts("AlarmActions")):
            yield Broken(resource=alarm, what="tells nobody when it fires")


@RULES.rule("ALARM-OK", source="Well-Architected OPS10", remedy="add the alerts topic as OK action")
def whoever_was_called_hears_that_it_is_over(environment: Environment) -> Iterable[Broken]:
    """The monitoring layer's alarms also speak when they end."""
    for alarm in environment.of(ALARM):
        if alarm.layer == "Monitoring" and "${Monitoring/AlertsTopic}" not in alarm.texts("OKActions"):
            yield Broken(resource=alarm, what="does not say when it is over")


@RULES.rule("ALARM-WATCHES", source="policy/expected_alarms.py", remedy="watch the named metric of the resource")
def every_alarm_watches_the_right_thing(environment: Environment) -> Iterable[Broken]:
    """Namespace, metric and dimensions; of a sum, all its parts, and each in the expression."""
    for expected, alarm in _pairs(environment):
        series = _series(alarm)
        found = sorted((namespace, metric, sorted(dims.items())) for namespace, metric, _, _, dims in series)
        wanted = sorted(
            ("AWS/Lambda" if metric == "Invocations" else expected.namespace, metric, sorted(dims.items()))
            for metric, many in expected.metrics.items()
            for dims in many
        )
        if found != wanted:
            yield Broken(resource=alarm, what=f"watches {found}; must be {wanted}"[:400])


@RULES.rule("ALARM-EXPRESSION", source="CloudWatch User Guide, Metric math", remedy="combine the series as expected")
def every_expression_combines_what_it_should(environment: Environment) -> Iterable[Broken]:
    """Each name in it stands for a series, and for that of its meaning; and exactly one result is judged."""
    for expected, alarm in _pairs(environment):
        queries = alarm.items("Metrics")
        if not queries:
            continue
        names = [as_text(query.get("Id")) for query in queries]
        if not all(_NAME.fullmatch(name) for name in names) or len(set(names)) != len(names):
            yield Broken(resource=alarm, what="has series without names of their own")
        judged = [query for query in queries if as_flag(query.get("ReturnData")) is not False]
        expressions = [re.sub(r"\s", "", as_text(query.get("Expression"))) for query in judged]
        same = {expected.expression, "SUM(METRICS())"} if "+" in expected.expression else {expected.expression}
        if len(judged) != 1 or expressions[0] not in same:
            yield Broken(
                resource=alarm, what=f"judges {expressions}; must be {expected.expression or 'its one series'}"
            )
        unknown = {name for text in expressions for name in _NAME.findall(text)} - set(names)
        if unknown:
            yield Broken(resource=alarm, what=f"reckons with {', '.join(sorted(unknown))}, which it does not read")
        for query in queries:
            meaning = _MEANINGS.get(as_text(query.get("Id")))
            if meaning and as_text(dig(query, "MetricStat.Metric.MetricName")) != meaning:
                yield Broken(resource=alarm, what=f"calls something else {query.get('Id')}")


# A series' name begins with a small letter, a function's with a capital one.
_NAME = re.compile(r"\b[a-z]\w*")
# Of the others, what is left over.
_MEANINGS = {"requests": "Count", "invocations": "Invocations"}


@RULES.rule("ALARM-STATISTIC", source="CloudWatch User Guide, Statistics", remedy="use the statistic that sees it")
def every_alarm_uses_a_statistic_that_sees_it(environment: Environment) -> Iterable[Broken]:
    """An average hides one full queue, a minimum hides every peak."""
    for expected, alarm in _pairs(environment):
        for _, metric, statistic, _, _ in _series(alarm):
            sharper = _is_tail(statistic) and _SEE_TAILS & set(expected.statistics)
            if statistic not in expected.statistics and not sharper:
                yield Broken(
                    resource=alarm, what=f"{metric} by {statistic or 'nothing'}; must be {expected.statistics}"
                )


_SEE_TAILS = {"Average", *TAIL}  # what a higher percentile sees better


def _is_tail(statistic: str) -> bool:
    match = re.fullmatch(r"p([0-9]{2}(?:\.[0-9]+)?)", statistic)
    return match is not None and float(match[1]) >= float(TAIL[0][1:])


@RULES.rule("ALARM-THRESHOLD", source="policy/expected_alarms.py", remedy="a threshold that is reached in time")
def every_threshold_is_within_reason(environment: Environment) -> Iterable[Broken]:
    """Reached before people notice, and not by ordinary work; in the right direction."""
    for expected, alarm in _pairs(environment):
        operator = alarm.text("ComparisonOperator")
        allowed = _BELOW if expected.below else _ABOVE
        if operator not in allowed:
            yield Broken(resource=alarm, what=f"compares by {operator or 'nothing'}; must be {allowed[0]}")
            continue
        threshold = alarm.number("Threshold")
        low, high = expected.threshold
        if threshold is None or not low <= _comparable(expected, threshold, operator) <= high:
            yield Broken(resource=alarm, what=f"fires at {threshold}; must be {low:g} to {high:g}")


_ABOVE = ("GreaterThanThreshold", "GreaterThanOrEqualToThreshold")
_BELOW = ("LessThanThreshold", "LessThanOrEqualToThreshold")
_COUNTS = 20  # thresholds up to here are counts of events, of which `more than 0` and `1 or more` are the same


def _comparable(expected: ExpectedAlarm, threshold: float, operator: str) -> float:
    """Return the threshold as the expectation states it: release alarms `at or above`, all others `above`."""
    inclusive = operator == "GreaterThanOrEqualToThreshold"
    if expected.inclusive:
        return threshold if inclusive else threshold + 1
    return threshold - 1 if inclusive and expected.threshold[1] <= _COUNTS else threshold


@RULES.rule("ALARM-TIME", source="CloudWatch User Guide, Evaluating an alarm", remedy="fire within the stated minutes")
def every_alarm_fires_in_time(environment: Environment) -> Iterable[Broken]:
    """Period times data points; and it does not ask for more bad points than it looks at."""
    for expected, alarm in _pairs(environment):
        looks = alarm.number("EvaluationPeriods") or 0
        stated = alarm.number("DatapointsToAlarm")
        needs = looks if stated is None else stated
        periods = _periods(alarm)
        longest = max(periods, default=0)
        if len(periods) != 1 or longest % 60:
            yield Broken(resource=alarm, what=f"looks at periods of {sorted(periods)} s; must be one, in whole minutes")
        if looks < 1 or needs < 1 or needs > looks or longest * looks > 60 * expected.minutes:
            what = (
                f"needs {needs:g} of {looks:g} periods of {longest:g} s; must fire within {expected.minutes:g} minutes"
            )
            yield Broken(resource=alarm, what=what)
        if looks > _LONGEST * needs or longest * needs < 60 * expected.at_least_minutes:
            yield Broken(resource=alarm, what=f"judges {needs:g} of {looks:g} periods of {longest:g} s, which is noise")


def _periods(alarm: Resource) -> set[float]:
    """Return the periods of an alarm's series, and of the expressions that state one."""
    stated = (as_number(query.get("Period")) for query in alarm.items("Metrics"))
    return {period for _, _, _, period, _ in _series(alarm)} | {period for period in stated if period is not None}


@RULES.rule(
    "ALARM-PLAIN", source="CloudFormation, AWS::CloudWatch::Alarm", remedy="leave it out: a fixed threshold, all data"
)
def nothing_narrows_what_an_alarm_sees(environment: Environment) -> Iterable[Broken]:
    """A unit that no data has, another account's data, a band that moves along, or few samples seen as none."""
    for alarm in environment.of(ALARM):
        queries = alarm.items("Metrics")
        units = [alarm.get("Unit"), *(dig(query, "MetricStat.Unit") for query in queries)]
        if any(units):
            yield Broken(resource=alarm, what="sees only data of one unit")
        if {as_text(query.get("AccountId")) for query in queries} - {"", environment.account}:
            yield Broken(resource=alarm, what="reads another account's metrics")
        if alarm.get("ThresholdMetricId"):
            yield Broken(resource=alarm, what="has a threshold that moves along with what it watches")
        if alarm.text("EvaluateLowSampleCountPercentile") not in ("", "evaluate"):
            yield Broken(resource=alarm, what="does not look where there is little traffic")


@RULES.rule("ALARM-SILENCE", source="CloudWatch User Guide, Missing data", remedy="nearly always notBreaching")
def silence_is_not_an_alarm(environment: Environment) -> Iterable[Broken]:
    """Nearly every metric is silent while nothing happens; `ignore` keeps an alarm as it was, for ever."""
    for expected, alarm in _pairs(environment):
        if alarm.text("TreatMissingData") != expected.silence:
            yield Broken(resource=alarm, what=f"treats missing data as {alarm.text('TreatMissingData') or 'missing'}")


@RULES.rule("ALARM-DESCRIBED", source="Well-Architected OPS07", remedy="say what it means and what to do first")
def every_alarm_says_what_to_do(environment: Environment) -> Iterable[Broken]:
    """Whoever is woken reads this first."""
    for alarm in environment.of(ALARM, "AWS::CloudWatch::CompositeAlarm"):
        if len(alarm.text("AlarmDescription").split()) < 5:
            yield Broken(resource=alarm, what="does not say what it means")


@RULES.rule("DASHBOARD", source="Well-Architected OPS08", remedy="show every layer, and every alarm's state")
def the_dashboard_shows_every_layer(environment: Environment) -> Iterable[Broken]:
    """Metrics of all the services that Flux stands on; and no dashboard runs a function."""
    for board in environment.of("AWS::CloudWatch::Dashboard"):
        widgets = _widgets(board.text("DashboardBody"))
        kinds = {as_text(widget.get("type")) for widget in widgets}
        if "custom" in kinds:
            yield Broken(resource=board, what="runs a function in the name of whoever looks at it")
        if board.name != "Monitoring/Dashboard":
            continue
        shown = {name for widget in widgets for name in leaves(dig(widget, "properties.metrics"))}
        missing = [name for name in _SHOWN if name not in shown]
        if missing:
            yield Broken(resource=board, what=f"shows nothing of {', '.join(missing)}")
        if "alarm" not in kinds:
            yield Broken(resource=board, what="does not show which alarms fire")


_SHOWN = (
    *("AWS/RDS", "AWS/ElastiCache", "AWS/SQS", "AWS/Lambda"),
    *("AWS/ApiGateway", "AWS/CloudFront", "AWS/SageMaker"),
)


def _widgets(body: str) -> list[Mapping[str, Json]]:
    """Return a dashboard's widgets; none if nobody could read it."""
    try:
        return [as_map(widget) for widget in as_list(as_map(json.loads(body)).get("widgets"))]
    except ValueError:
        return []
