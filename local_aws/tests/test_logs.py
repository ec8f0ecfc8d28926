"""CloudWatch Logs: what is asked is evaluated or refused, never taken for something else."""

import time
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import WaiterError

from .stacks import CloudFormation, Resources

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient


@pytest.fixture(scope="module")
def logs(cloudformation: CloudFormation) -> "CloudWatchLogsClient":
    client: CloudWatchLogsClient = cloudformation.aws.session().client("logs", endpoint_url=cloudformation.aws.url)
    client.create_log_group(logGroupName="asked")
    client.create_log_stream(logGroupName="asked", logStreamName="one")
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": text} for text in ("ERROR one", "WARN two")]
    client.put_log_events(logGroupName="asked", logStreamName="one", logEvents=events)  # type: ignore[arg-type]
    return client


def test_events_are_filtered_by_terms(logs: "CloudWatchLogsClient") -> None:
    found = logs.filter_log_events(logGroupName="asked", filterPattern="ERROR")["events"]
    assert [event["message"] for event in found] == ["ERROR one"]


def test_a_pattern_that_is_not_evaluated_is_refused_and_does_not_match_everything(logs: "CloudWatchLogsClient") -> None:
    with pytest.raises(logs.exceptions.InvalidParameterException, match="not columns"):
        logs.filter_log_events(logGroupName="asked", filterPattern="[ip, level = ERROR]")


def test_a_metric_filter_that_would_count_nothing_is_refused(logs: "CloudWatchLogsClient") -> None:
    with pytest.raises(logs.exceptions.InvalidParameterException, match="embedded metric format"):
        logs.put_metric_filter(
            logGroupName="asked",
            filterName="errors",
            filterPattern="ERROR",
            metricTransformations=[{"metricName": "Errors", "metricNamespace": "Shop", "metricValue": "1"}],
        )


def test_a_query_is_evaluated(logs: "CloudWatchLogsClient") -> None:
    query = "fields @message | filter @message like /ERROR/ | sort @timestamp desc | limit 5"
    started = logs.start_query(logGroupName="asked", startTime=0, endTime=int(time.time()) + 1, queryString=query)
    (row,) = logs.get_query_results(queryId=started["queryId"])["results"]
    assert {"field": "@message", "value": "ERROR one"} in row


@pytest.mark.parametrize(
    "query",
    [
        "stats count(*) by bin(5m)",
        "fields @message | filter level = 'ERROR'",
        "fields @message | parse @message '*' as x",
    ],
)
def test_a_query_with_a_command_that_is_not_evaluated_is_refused(logs: "CloudWatchLogsClient", query: str) -> None:
    """CloudWatch Logs Insights query syntax; StartQuery answers MalformedQueryException for what it cannot read."""
    with pytest.raises(logs.exceptions.MalformedQueryException, match="does not evaluate"):
        logs.start_query(logGroupName="asked", startTime=0, endTime=int(time.time()), queryString=query)


def test_a_saved_query_is_a_record_and_one_without_a_text_is_refused(cloudformation: CloudFormation) -> None:
    """CloudFormation User Guide, AWS::Logs::QueryDefinition: `Ref` answers the query definition's id."""

    def saved(text: str) -> Resources:
        properties = {"Name": "shop/errors", "QueryString": text, "LogGroupNames": ["asked"]}
        return {"Query": {"Type": "AWS::Logs::QueryDefinition", "Properties": properties}}

    outputs = cloudformation.create("queries", saved("fields @message"), {"Id": {"Ref": "Query"}})
    assert len(outputs["Id"]) == 36
    with pytest.raises(WaiterError):
        cloudformation.create("no-query", saved(""), {})
