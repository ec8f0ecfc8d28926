"""Which change set made a stack what it is: CloudFormation API Reference, Stack, ChangeSetId."""

import json
from typing import Literal

from .stacks import CloudFormation

QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 30}}


def test_a_stack_tells_of_the_change_set_that_was_executed_last(cloudformation: CloudFormation) -> None:
    client = cloudformation.client
    made: list[str] = []
    for name, seconds in (("first", 30), ("second", 60)):
        properties = {"VisibilityTimeout": seconds}
        client.create_change_set(
            StackName="by-change-sets",
            ChangeSetName=name,
            ChangeSetType="UPDATE" if made else "CREATE",
            TemplateBody=json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": properties}}}),
        )
        client.get_waiter("change_set_create_complete").wait(StackName="by-change-sets", ChangeSetName=name)
        made.append(client.describe_change_set(StackName="by-change-sets", ChangeSetName=name)["ChangeSetId"])
        client.execute_change_set(StackName="by-change-sets", ChangeSetName=name)
        if len(made) == 1:
            client.get_waiter("stack_create_complete").wait(StackName="by-change-sets")
        else:
            client.get_waiter("stack_update_complete").wait(StackName="by-change-sets")
        assert client.describe_stacks(StackName="by-change-sets")["Stacks"][0]["ChangeSetId"] == made[-1]


def test_a_stack_made_without_a_change_set_tells_of_none(cloudformation: CloudFormation) -> None:
    cloudformation.create("by-itself", {"Queue": QUEUE}, {})
    assert "ChangeSetId" not in cloudformation.client.describe_stacks(StackName="by-itself")["Stacks"][0]


def test_cloudtrail_tells_of_every_change_set_that_was_executed(cloudformation: CloudFormation) -> None:
    client = cloudformation.client
    for name, seconds in (("flux-aaaaaaa", 30), ("flux-bbbbbbb", 60)):
        template = {"Resources": {"Queue": QUEUE | {"Properties": {"VisibilityTimeout": seconds}}}}
        kind: Literal["CREATE", "UPDATE"] = "CREATE" if seconds == 30 else "UPDATE"
        client.create_change_set(
            StackName="remembered", ChangeSetName=name, ChangeSetType=kind, TemplateBody=json.dumps(template)
        )
        client.get_waiter("change_set_create_complete").wait(StackName="remembered", ChangeSetName=name)
        client.execute_change_set(StackName="remembered", ChangeSetName=name)
        if kind == "CREATE":
            client.get_waiter("stack_create_complete").wait(StackName="remembered")
        else:
            client.get_waiter("stack_update_complete").wait(StackName="remembered")
    trail = cloudformation.aws.session().client("cloudtrail", endpoint_url=cloudformation.aws.url)
    events = trail.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "ExecuteChangeSet"}])
    asked = [json.loads(event["CloudTrailEvent"])["requestParameters"] for event in events["Events"]]
    names = [each["changeSetName"].split("/")[1] for each in asked if each["stackName"] == "remembered"]
    assert names == ["flux-bbbbbbb", "flux-aaaaaaa"]
