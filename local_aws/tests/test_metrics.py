import json

from local_aws.telemetry import emf, invocations
from local_aws.telemetry.invocations import Observation
from local_aws.telemetry.queues import REPEAT_SECONDS, Gauges
from local_aws.values import Json


def observation(**changes: bool | str) -> Observation:
    values: dict[str, bool | str] = {"qualifier": "live", "version": "7", "failed": False, "throttled": False}
    values |= changes
    return Observation(
        function="api",
        qualifier=str(values["qualifier"]),
        version=str(values["version"]),
        aliased=values["qualifier"] == "live",
        failed=bool(values["failed"]),
        throttled=bool(values["throttled"]),
        concurrent=3,
        milliseconds=12.5,
        log="",
    )


def test_an_invocation_by_alias_is_counted_for_function_alias_and_executed_version() -> None:
    assert invocations.dimension_sets(observation()) == [
        {"FunctionName": "api"},
        {"FunctionName": "api", "Resource": "api:live"},
        {"FunctionName": "api", "Resource": "api:live", "ExecutedVersion": "7"},
    ]


def test_an_invocation_of_a_version_or_of_latest_has_no_executed_version() -> None:
    assert invocations.dimension_sets(observation(qualifier="7"))[1:] == [{"FunctionName": "api", "Resource": "api:7"}]
    assert invocations.dimension_sets(observation(qualifier="$LATEST"))[1:] == [
        {"FunctionName": "api", "Resource": "api"}
    ]


def values(**changes: bool | str) -> dict[str, float]:
    return {sample.name: sample.value for sample in invocations.samples(observation(**changes))}


def test_a_success_counts_as_an_error_of_zero() -> None:
    assert values() == {
        "Throttles": 0.0,
        "Invocations": 1.0,
        "Errors": 0.0,
        "Duration": 12.5,
        "ConcurrentExecutions": 3.0,
    }
    assert values(failed=True)["Errors"] == 1.0


def test_a_throttled_request_is_no_invocation() -> None:
    assert values(throttled=True, failed=True) == {"Throttles": 1.0}


def document(**members: Json) -> str:
    directive: Json = {
        "Namespace": "Shop",
        "Dimensions": [["FunctionName", "ExecutedVersion"], ["FunctionName"]],
        "Metrics": [{"Name": "ServerErrors", "Unit": "Count"}],
    }
    own: dict[str, Json] = {"ServerErrors": 1, "FunctionName": "api", "ExecutedVersion": "7"}
    return json.dumps({"_aws": {"Timestamp": 1_795_437_340_049, "CloudWatchMetrics": [directive]}, **own, **members})


def test_an_embedded_metric_is_published_once_per_dimension_set() -> None:
    found = emf.samples(document())
    assert [dict(sample.dimensions) for sample in found] == [
        {"FunctionName": "api", "ExecutedVersion": "7"},
        {"FunctionName": "api"},
    ]
    assert {(sample.namespace, sample.name, sample.value, sample.unit) for sample in found} == {
        ("Shop", "ServerErrors", 1.0, "Count")
    }
    assert found[0].at == 1_795_437_340.049


def test_an_embedded_metric_may_have_many_values() -> None:
    assert [sample.value for sample in emf.samples(document(ServerErrors=[1, 2.5]))] == [1.0, 1.0, 2.5, 2.5]


def test_log_lines_that_are_no_embedded_metrics_publish_nothing() -> None:
    broken = document().replace('"ExecutedVersion": "7"', '"Other": "7"')
    lines = ["", "plain text", "{}", '{"_aws": 1}', '{"_aws": {"Timestamp": "soon"}}', broken, '"_aws" {']
    assert [emf.samples(line) for line in lines] == [()] * len(lines)


def test_a_queues_gauges_tell_visible_messages_from_those_in_flight() -> None:
    messages = [{"sent_at": 90.0, "visible_at": 90.0}, {"sent_at": 95.0, "visible_at": 130.0}]
    found = {sample.name: sample.value for sample in Gauges().samples("forecast", messages, 100.0)}
    assert found == {
        "ApproximateNumberOfMessagesVisible": 1.0,
        "ApproximateNumberOfMessagesNotVisible": 1.0,
        "ApproximateAgeOfOldestMessage": 10.0,
    }


def test_a_quiet_queue_is_published_again_only_after_a_while() -> None:
    gauges = Gauges()
    assert len(gauges.samples("forecast", [], 100.0)) == 3
    assert gauges.samples("forecast", [], 101.0) == []
    assert len(gauges.samples("forecast", [], 100.0 + REPEAT_SECONDS)) == 3
