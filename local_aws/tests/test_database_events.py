"""Subscriptions to the database's events, as CloudFormation on this machine takes them."""

import pytest
from botocore.exceptions import WaiterError

from .stacks import CloudFormation, Resources


def subscription(*categories: str) -> Resources:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {}}
    properties = {
        "SnsTopicArn": {"Ref": "Topic"},
        "SourceType": "db-instance",
        "EventCategories": list(categories),
    }
    return {"Topic": topic, "Events": {"Type": "AWS::RDS::EventSubscription", "Properties": properties}}


def test_a_subscription_keeps_its_name_when_its_categories_change(cloudformation: CloudFormation) -> None:
    outputs = {"Name": {"Ref": "Events"}}
    before = cloudformation.create("events", subscription("failure"), outputs)
    after = cloudformation.update("events", subscription("failure", "maintenance"), outputs)

    assert before["Name"]
    assert after == before


def test_a_category_that_rds_does_not_have_fails_the_stack(cloudformation: CloudFormation) -> None:
    with pytest.raises(WaiterError):
        cloudformation.create("unknown-events", subscription("failures"), {})

    assert "db-instance has no such category" in cloudformation.reasons("unknown-events")
