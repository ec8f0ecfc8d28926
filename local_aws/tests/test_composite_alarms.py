"""Composite alarms in templates, with a suppressor, on the running emulator; GetMetricData with metric math."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from .stacks import CloudFormation, Resources, attribute

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import CompositeAlarmTypeDef, MetricTypeDef
    from mypy_boto3_sqs import SQSClient


def part(name: str) -> dict[str, object]:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": name,
            "Namespace": "Tests",
            "MetricName": name,
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
        },
    }


RESOURCES: Resources = {
    "Queue": {"Type": "AWS::SQS::Queue"},
    "Topic": {"Type": "AWS::SNS::Topic"},
    "Subscription": {
        "Type": "AWS::SNS::Subscription",
        "Properties": {
            "Protocol": "sqs",
            "TopicArn": {"Ref": "Topic"},
            "Endpoint": attribute("Queue", "Arn"),
            "RawMessageDelivery": True,
        },
    },
    "Symptom": part("symptom"),
    "Cause": part("cause"),
    "Page": {
        "Type": "AWS::CloudWatch::CompositeAlarm",
        "Properties": {
            "AlarmName": "page",
            "AlarmRule": {"Fn::Sub": 'ALARM("${Symptom.Arn}")'},
            "ActionsSuppressor": attribute("Cause", "Arn"),
            "ActionsSuppressorWaitPeriod": 2,
            "ActionsSuppressorExtensionPeriod": 2,
            "AlarmActions": [{"Ref": "Topic"}],
        },
    },
}


METRIC: "MetricTypeDef" = {"Namespace": "Tests", "MetricName": "Latency"}


@pytest.fixture(scope="module")
def alarms(cloudformation: CloudFormation) -> Iterator["CloudWatchClient"]:
    outputs = {"Arn": attribute("Page", "Arn"), "Queue": {"Ref": "Queue"}}
    made = cloudformation.create("composite", RESOURCES, outputs)
    assert made["Arn"].endswith(":alarm:page")
    yield cloudformation.aws.session().client("cloudwatch", endpoint_url=cloudformation.aws.url)
    cloudformation.delete("composite")


@pytest.fixture(scope="module")
def mailbox(cloudformation: CloudFormation, alarms: "CloudWatchClient") -> Callable[[int], list[str]]:  # noqa: ARG001 - made with the stack
    """Answer what the topic has sent, waiting for so many seconds for something."""
    sqs: SQSClient = cloudformation.aws.session().client("sqs", endpoint_url=cloudformation.aws.url)
    (url,) = sqs.list_queues(QueueNamePrefix="composite-")["QueueUrls"]

    def read(seconds: int) -> list[str]:
        return [
            message["Body"]
            for message in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=seconds).get("Messages", [])
        ]

    return read


def page(alarms: "CloudWatchClient") -> "CompositeAlarmTypeDef":
    (found,) = alarms.describe_alarms(AlarmNames=["page"], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    return found


def until(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.2)


def test_a_suppressed_composite_alarm_is_in_alarm_and_silent_until_its_suppressor_is_over(
    alarms: "CloudWatchClient", mailbox: Callable[[int], list[str]]
) -> None:
    assert page(alarms)["StateValue"] == "OK"
    for name in ("cause", "symptom"):
        alarms.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    until(lambda: page(alarms).get("ActionsSuppressedBy") == "Alarm")
    assert page(alarms)["StateValue"] == "ALARM"
    assert mailbox(3) == []
    alarms.set_alarm_state(AlarmName="cause", StateValue="OK", StateReason="a test")
    until(lambda: page(alarms).get("ActionsSuppressedBy") == "ExtensionPeriod")
    (message,) = mailbox(10)
    assert '"NewStateValue": "ALARM"' in message


def test_metric_data_hold_expressions_and_ranks_and_begin_with_the_newest(alarms: "CloudWatchClient") -> None:
    now = datetime.now(UTC)
    minute = now.replace(second=0, microsecond=0) - timedelta(minutes=2)
    for at, values in ((minute, [100.0, 200.0]), (minute + timedelta(minutes=1), [100.0, 100.0, 900.0, 1500.0])):
        alarms.put_metric_data(
            Namespace="Tests",
            MetricData=[{"MetricName": "Latency", "Timestamp": at, "Values": values, "Counts": [1.0] * len(values)}],
        )
    answer = alarms.get_metric_data(
        MetricDataQueries=[
            {"Id": "slow", "Expression": "100 - quick"},
            {"Id": "quick", "MetricStat": {"Metric": METRIC, "Stat": "PR(:1000)", "Period": 60}, "ReturnData": False},
            {"Id": "p50", "MetricStat": {"Metric": METRIC, "Stat": "p50", "Period": 60}},
        ],
        StartTime=minute,
        EndTime=now,
    )
    found = {result["Id"]: (result["Timestamps"], result["Values"]) for result in answer["MetricDataResults"]}
    assert found == {
        "slow": ([minute + timedelta(minutes=1), minute], [25.0, 0.0]),
        "p50": ([minute + timedelta(minutes=1), minute], [500.0, 150.0]),
    }


def test_an_expression_that_is_not_understood_is_refused(alarms: "CloudWatchClient") -> None:
    with pytest.raises(ClientError, match="no metric has the id 'nothing'"):
        alarms.get_metric_data(
            MetricDataQueries=[
                {"Id": "e", "Expression": "nothing"},
                {"Id": "m", "MetricStat": {"Metric": METRIC, "Stat": "Sum", "Period": 60}},
            ],
            StartTime=datetime(2026, 1, 1, tzinfo=UTC),
            EndTime=datetime(2026, 1, 1, 1, tzinfo=UTC),
        )
