"""Which change set made a stack what it is: CloudFormation API Reference, Stack, ChangeSetId."""

import json

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
