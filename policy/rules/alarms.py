"""Alarms: each is heard, each can fire, and nothing that works goes without one."""

import re
from collections.abc import Iterable

from ..finding import Rules, Violation
from ..model import TOKEN, Environment, Resource, plain
from ..values import as_flag, as_text, dig, texts_within
from .functions import FUNCTION, of_custom_resources

RULES = Rules()
ALARM = "AWS::CloudWatch::Alarm"
COMPOSITE = "AWS::CloudWatch::CompositeAlarm"
_STOPS_RELEASES = ("AWS::CodeDeploy::DeploymentGroup", "AWS::SageMaker::Endpoint")


@RULES.of("ALARM-HEARD", *(ALARM, COMPOSITE))
def every_alarm_is_heard(alarm: Resource, environment: Environment) -> Iterable[str]:
    """By people, through a topic that somebody subscribes to; or by what rolls a release back."""
    if alarm.flag("ActionsEnabled") is False:
        yield "has its actions switched off"
    if _is_told(alarm, environment):
        return
    names = {alarm.refers("Arn"), alarm.refers(), alarm.text("AlarmName")} - {""}  # as others may call it
    readers = [plain(text) for other in environment.of(*_STOPS_RELEASES) for _, text in texts_within(other.properties)]
    told = [composite for composite in environment.of(COMPOSITE) if _is_told(composite, environment)]
    rules = [composite.text(key) for composite in told for key in ("AlarmRule", "ActionsSuppressor")]
    if not names & set(readers) and not any(name in rule for rule in rules for name in names):
        yield "tells nobody when it fires"


@RULES.of("ALARM-SILENCED", COMPOSITE)
def what_silences_an_alarm_is_heard_instead(alarm: Resource, environment: Environment) -> Iterable[str]:
    """Whoever hears nothing of it must hear of what silences it: that alarm, or each that makes it fire."""
    suppressor = alarm.text("ActionsSuppressor")
    found = environment.find(suppressor)
    if not suppressor or (found and _is_told(found, environment)):
        return
    rule = found.text("AlarmRule") if found else ""
    parts = [environment.find(match[0]) for match in TOKEN.finditer(rule)]
    if not parts or not all(part and _is_told(part, environment) for part in parts):
        yield f"is silenced by {suppressor}, of which nobody hears"


def _is_told(alarm: Resource, environment: Environment) -> bool:
    """Whether it speaks to a topic that somebody subscribes to."""
    heard = {subscription.text("TopicArn") for subscription in environment.of("AWS::SNS::Subscription")}
    heard |= {topic.refers() for topic in environment.of("AWS::SNS::Topic") if topic.get("Subscription")}
    return bool(heard & set(alarm.texts("AlarmActions")))


@RULES.of("ALARM-FIRES", ALARM)
def every_alarm_can_fire(alarm: Resource, environment: Environment) -> Iterable[str]:
    """A wrong number, or a series that is not there, silences an alarm for ever."""
    looks = alarm.number("EvaluationPeriods") or 0
    needs = alarm.number("DatapointsToAlarm") or looks
    if looks < 1 or needs > looks:
        yield f"needs {needs:g} of {looks:g} data points"
    if alarm.text("TreatMissingData") == "ignore":
        yield "stays as it was when data is missing, for ever"
    queries = alarm.items("Metrics")
    names = [alarm.text("MetricName"), *(as_text(dig(query, "MetricStat.Metric.MetricName")) for query in queries)]
    threshold, operator = alarm.number("Threshold"), alarm.text("ComparisonOperator")
    if operator in ("LessThanThreshold", "LessThanOrEqualToThreshold"):
        if threshold is not None and (threshold < 0 or (threshold == 0 and operator == "LessThanThreshold")):
            yield f"fires below {threshold:g}, which no count or share is"
    elif threshold is not None and threshold > 100 and re.search(r"(?i)utilization|percent", " ".join(names)):
        yield f"fires at {threshold:g} %, which no share reaches"
    judged = [query for query in queries if as_flag(query.get("ReturnData")) is not False]
    if queries and len(judged) != 1:
        yield f"judges {len(judged)} series; it must be one"
    ids = {as_text(query.get("Id")) for query in queries}
    for query in queries:
        used = set(re.findall(r"\b[a-z]\w*", as_text(query.get("Expression"))))
        if used - ids:
            yield f"reckons with {', '.join(sorted(used - ids))}, which it does not read"


# What must have an alarm, and how its metrics name it.
_WATCHED = ("AWS::SQS::Queue", "AWS::RDS::DBInstance", "AWS::ElastiCache::ReplicationGroup", FUNCTION)


@RULES.rule("ALARM-MISSING")
def whatever_works_has_an_alarm(environment: Environment) -> Iterable[Violation]:
    """Each queue, database, cache and function; of functions, not those that a deployment waits for."""
    alarms = [[alarm.get("Dimensions"), alarm.get("Metrics")] for alarm in environment.of(ALARM)]
    texts = {text for _, text in texts_within(alarms)} - {""}
    references = {match[0] for text in texts for match in TOKEN.finditer(text)}
    watched = {id(environment.find(reference)) for reference in references}
    waited_for = of_custom_resources(environment)
    for resource in environment.of(*_WATCHED):
        named = resource.text("DBInstanceIdentifier") in texts or resource.text("FunctionName") in texts
        if not (named or id(resource) in watched or resource.refers() in waited_for):
            yield resource, "has no alarm"
