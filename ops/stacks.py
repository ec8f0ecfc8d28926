"""What CloudFormation knows of an environment: outputs, resources, and what it was told of rollbacks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from botocore.exceptions import ClientError

from .aws import Aws
from .errors import OpsError
from .origins import commit_of

# Outputs of this name are added by a rollback; no template in this repository has one.
MARK = "RolledBack"


@dataclass(frozen=True, kw_only=True)
class DeployedStack:
    """One stack as it stands.

    resources: physical id by logical id.
    commit: what the last deployment was made from, with "-dirty" after it if files had been changed; "" if unknown.
        `scripts/cdk deploy` names its change sets after it.
    changed: when the last deployment began.
    types: CloudFormation type by logical id.
    times: when each resource was changed last, by logical id.
    """

    name: str
    status: str
    outputs: Mapping[str, str]
    resources: Mapping[str, str]
    types: Mapping[str, str]
    commit: str = ""
    changed: datetime | None = None
    times: Mapping[str, datetime] = field(default_factory=dict)

    @classmethod
    def read(cls, aws: Aws, layer: str) -> "DeployedStack":
        """The stack of a layer, like "Compute".

        Raises:
            OpsError: it is not deployed.
        """
        name = f"Flux-{aws.config.name}-{layer}"
        try:
            (stack,) = aws.stacks.describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            raise OpsError(
                f"stack {name}: {error.response['Error']['Message']}",
                remedy=f"deploy it first: cdk deploy 'Flux-{aws.config.name}/*'",
            ) from error
        resources, types, times = {}, {}, {}
        for page in aws.stacks.get_paginator("list_stack_resources").paginate(StackName=name):
            for resource in page["StackResourceSummaries"]:
                logical_id = resource["LogicalResourceId"]
                resources[logical_id] = resource.get("PhysicalResourceId", "")
                types[logical_id] = resource["ResourceType"]
                times[logical_id] = resource["LastUpdatedTimestamp"]
        return cls(
            name=name,
            status=stack["StackStatus"],
            outputs={output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
            resources=resources,
            types=types,
            commit=commit_of(stack.get("ChangeSetId", "")),
            changed=stack.get("LastUpdatedTime", stack["CreationTime"]),
            times=times,
        )

    def output(self, key: str) -> str:
        """The value of an output.

        Raises:
            OpsError: the deployed stack has none of that name.
        """
        if key not in self.outputs:
            raise OpsError(
                f"stack {self.name} has no output {key}",
                remedy="it was deployed from an older version of this repository; check that version out, or deploy",
            )
        return self.outputs[key]

    def of_type(self, kind: str) -> dict[str, str]:
        """Physical id by logical id of the resources of one type."""
        return {
            logical_id: physical_id
            for logical_id, physical_id in self.resources.items()
            if self.types[logical_id] == kind
        }

    @property
    def marks(self) -> dict[str, str]:
        """What rollbacks left behind for the next deployment, by what was rolled back."""
        return {key.removeprefix(MARK): value for key, value in self.outputs.items() if key.startswith(MARK)}
