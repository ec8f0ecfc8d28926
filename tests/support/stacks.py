"""CloudFormation stacks on the emulator."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .emulator import Aws

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

type Resources = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, kw_only=True)
class CloudFormation:
    """Stacks of one emulator."""

    aws: Aws
    client: "CloudFormationClient"

    @classmethod
    def of(cls, aws: Aws) -> "CloudFormation":
        return cls(aws=aws, client=aws.session().client("cloudformation", endpoint_url=aws.url))

    def create(self, stack: str, resources: Resources, outputs: Mapping[str, object]) -> dict[str, str]:
        """Create the stack, and wait; answers its outputs."""
        values = {name: {"Value": value} for name, value in outputs.items()}
        self.client.create_stack(StackName=stack, TemplateBody=json.dumps({"Resources": resources, "Outputs": values}))
        waiter = self.client.get_waiter("stack_create_complete")
        waiter.wait(StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        (described,) = self.client.describe_stacks(StackName=stack)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}

    def delete(self, stack: str) -> None:
        self.client.delete_stack(StackName=stack)
        self.client.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})


def attribute(resource: str, name: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [resource, name]}
