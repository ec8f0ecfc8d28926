"""Tags that say whose a resource is, and what for."""

from collections.abc import Mapping

from aws_cdk import Stack, Tags


def tag_stack(stack: Stack, tags: Mapping[str, str]) -> None:
    """Tag a stack's resources, and the stack.

    From the stack, CloudFormation tags also the resources that aws-cdk-lib makes without tags, like the functions
    behind its custom resources. Not on the App: its tags stop at a Stage's border.
    """
    for key, value in tags.items():
        Tags.of(stack).add(key, value)
        stack.add_stack_tag(key, value)
