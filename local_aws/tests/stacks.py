"""CloudFormation stacks for tests."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .emulator import Aws

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import WaiterConfigTypeDef

type Resources = Mapping[str, Mapping[str, object]]

_OFTEN: "WaiterConfigTypeDef" = {"Delay": 1, "MaxAttempts": 60}


@dataclass(frozen=True, kw_only=True)
class CloudFormation:
    """Stacks of one emulator."""

    aws: Aws
    client: "CloudFormationClient"

    @classmethod
    def of(cls, aws: Aws) -> "CloudFormation":
        return cls(aws=aws, client=aws.session().client("cloudformation", endpoint_url=aws.url))

    def create(self, stack: str, resources: Resources, outputs: Mapping[str, object]) -> dict[str, str]:
        self.client.create_stack(StackName=stack, TemplateBody=_template(resources, outputs))
        self.client.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig=_OFTEN)
        return self._outputs(stack)

    def update(self, stack: str, resources: Resources, outputs: Mapping[str, object]) -> dict[str, str]:
        self.client.update_stack(StackName=stack, TemplateBody=_template(resources, outputs))
        self.client.get_waiter("stack_update_complete").wait(StackName=stack, WaiterConfig=_OFTEN)
        return self._outputs(stack)

    def delete(self, stack: str) -> None:
        self.client.delete_stack(StackName=stack)
        self.client.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig=_OFTEN)

    def status(self, stack: str) -> str:
        return self.client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]

    def reasons(self, stack: str) -> str:
        events = self.client.describe_stack_events(StackName=stack)["StackEvents"]
        return "\n".join(event.get("ResourceStatusReason", "") for event in events)

    def _outputs(self, stack: str) -> dict[str, str]:
        (described,) = self.client.describe_stacks(StackName=stack)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}


def attribute(resource: str, name: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [resource, name]}


def _template(resources: Resources, outputs: Mapping[str, object]) -> str:
    return json.dumps({"Resources": resources, "Outputs": {name: {"Value": value} for name, value in outputs.items()}})
