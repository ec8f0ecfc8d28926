"""Alarms that wait after they were made: AWS::CloudWatch::Alarm WarmUpConfiguration."""

import time
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import WaiterError

from .stacks import CloudFormation, Resources

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient


def alarm(name: str, **warm_up: object) -> Resources:
    """An alarm that fires while its metric is silent."""
    properties = {
        "AlarmName": name,
        "Namespace": "Silence",
        "MetricName": "Heard",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "LessThanThreshold",
        "TreatMissingData": "breaching",
    }
    return {name: {"Type": "AWS::CloudWatch::Alarm", "Properties": {**properties, **warm_up}}}


def test_a_new_alarm_on_silence_is_undecided_while_it_warms_up(cloudformation: CloudFormation) -> None:
    aws = cloudformation.aws
    alarms: CloudWatchClient = aws.session().client("cloudwatch", endpoint_url=aws.url)
    waits = {"WarmUpPeriodDurationInMinutes": 10, "OnlyStartEvaluatingAfterWarmUpPeriodEnds": True}
    cloudformation.create("silence", {**alarm("Waits", WarmUpConfiguration=waits), **alarm("Hurries")}, {})
    deadline = time.monotonic() + 20

    def states() -> dict[str, str]:
        found = alarms.describe_alarms(AlarmNames=["Waits", "Hurries"])["MetricAlarms"]
        return {each["AlarmName"]: each["StateValue"] for each in found}

    while states()["Hurries"] != "ALARM":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert states()["Waits"] == "INSUFFICIENT_DATA"


def test_a_warm_up_that_ends_with_the_first_data_is_refused(cloudformation: CloudFormation) -> None:
    with pytest.raises(WaiterError):
        cloudformation.create("early", alarm("Early", WarmUpConfiguration={"WarmUpPeriodDurationInMinutes": 10}), {})
    assert "only OnlyStartEvaluatingAfterWarmUpPeriodEnds: true" in cloudformation.reasons("early")
