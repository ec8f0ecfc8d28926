"""What a creation that fails leaves behind.

"RetainExceptOnCreate behaves like Retain except when the stack operation that initially creates the resource is rolled
back"; "Retain" keeps it then as well (CloudFormation User Guide, "DeletionPolicy attribute").
"""

import pytest
from botocore.exceptions import ClientError, WaiterError

from .stacks import CloudFormation, Resources

POLICIES = {"Kept": "Retain", "Created": "RetainExceptOnCreate", "Ordinary": "Delete"}


def stack(*, fails: bool) -> Resources:
    topics = {
        name: {
            "Type": "AWS::SNS::Topic",
            "DeletionPolicy": policy,
            "UpdateReplacePolicy": "Retain" if name != "Ordinary" else "Delete",
            "Properties": {"TopicName": f"topic-{name.lower()}"},
        }
        for name, policy in POLICIES.items()
    }
    if not fails:
        return topics
    return {**topics, **failing(after=list(topics))}


def failing(*, after: list[str]) -> Resources:
    """Waits a second for a signal that nobody sends."""
    return {
        "Never": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        "Fails": {
            "Type": "AWS::CloudFormation::WaitCondition",
            "DependsOn": after,
            "Properties": {"Handle": {"Ref": "Never"}, "Timeout": "1", "Count": 1},
        },
    }


def topics(cloudformation: CloudFormation) -> set[str]:
    client = cloudformation.aws.session().client("sns", endpoint_url=cloudformation.aws.url)
    names = {topic["TopicArn"].rsplit(":", 1)[-1] for topic in client.list_topics()["Topics"]}
    return {name for name in names if name.startswith("topic-")}


def test_a_creation_that_is_rolled_back_leaves_what_is_retained_and_nothing_else(
    cloudformation: CloudFormation,
) -> None:
    with pytest.raises(WaiterError):
        cloudformation.create("retained", stack(fails=True), {})
    assert cloudformation.status("retained") == "ROLLBACK_COMPLETE"
    assert topics(cloudformation) == {"topic-kept"}
    cloudformation.delete("retained")
    client = cloudformation.aws.session().client("sns", endpoint_url=cloudformation.aws.url)
    client.delete_topic(TopicArn="arn:aws:sns:us-east-1:000000000000:topic-kept")


def test_both_are_kept_when_the_stack_is_deleted(cloudformation: CloudFormation) -> None:
    cloudformation.create("deleted", stack(fails=False), {})
    cloudformation.delete("deleted")
    assert topics(cloudformation) == {"topic-kept", "topic-created"}


def test_a_protected_stack_that_was_rolled_back_cannot_be_deleted_and_so_not_be_created_anew(
    cloudformation: CloudFormation,
) -> None:
    """CloudFormation User Guide, "Protect CloudFormation stacks from being deleted"."""
    with pytest.raises(WaiterError):
        cloudformation.create("protected", failing(after=[]), {})
    protect = cloudformation.client.update_termination_protection
    protect(StackName="protected", EnableTerminationProtection=True)
    with pytest.raises(ClientError, match="cannot be deleted while TerminationProtection is enabled"):
        cloudformation.client.delete_stack(StackName="protected")
    protect(StackName="protected", EnableTerminationProtection=False)
    cloudformation.delete("protected")
