"""Take a pull request's preview away: `python -m ci.preview pr-<number>`.

CloudFormation deletes only empty buckets, so they are emptied first, and again if a late access log comes in between.
Nothing but a preview can be named here.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from flux_infra.config import ConfigError
from flux_infra.environments import environments

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

ROOT = Path(__file__).resolve().parents[1]
ATTEMPTS = 3
_DELETED_AT_ONCE = 1_000  # S3's DeleteObjects takes no more


class PreviewError(RuntimeError):
    """The preview could not be taken away; the message says what is left."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """One preview and the account it lives in.

    name: `pr-<number>`.
    """

    name: str
    stacks: "CloudFormationClient"
    files: "S3Client"

    def __post_init__(self) -> None:
        if re.fullmatch(r"pr-[0-9]+", self.name) is None:
            raise ConfigError(f"preview={self.name!r}: must be 'pr-' and a number; only previews are thrown away")

    def stack_names(self) -> list[str]:
        """Return the stacks that are there, in whatever state."""
        return [
            stack["StackName"]
            for page in self.stacks.get_paginator("describe_stacks").paginate()
            for stack in page["Stacks"]
            if stack["StackName"].startswith(f"Flux-{self.name}-")
        ]

    def buckets(self) -> list[str]:
        """Return the buckets that its stacks hold."""
        return [
            resource["PhysicalResourceId"]
            for name in self.stack_names()
            for page in self.stacks.get_paginator("list_stack_resources").paginate(StackName=name)
            for resource in page["StackResourceSummaries"]
            if resource["ResourceType"] == "AWS::S3::Bucket"
            and resource["ResourceStatus"] != "DELETE_COMPLETE"
            and "PhysicalResourceId" in resource
        ]

    def empty(self, bucket: str) -> int:
        """Delete every version of every object in a bucket; return how many.

        Raises:
            PreviewError: S3 kept some.
        """
        doomed: list[ObjectIdentifierTypeDef] = [
            {"Key": version["Key"], "VersionId": version["VersionId"]}
            for page in self.files.get_paginator("list_object_versions").paginate(Bucket=bucket)
            for version in (*page.get("Versions", []), *page.get("DeleteMarkers", []))
        ]
        for some in batched(doomed, _DELETED_AT_ONCE, strict=False):
            answer = self.files.delete_objects(Bucket=bucket, Delete={"Objects": list(some), "Quiet": True})
            if errors := answer.get("Errors"):
                raise PreviewError(f"{bucket}: S3 kept {len(errors)} objects, the first because {errors[0]}")
        return len(doomed)

    def remove(self, destroy: Callable[[str], bool], say: Callable[[str], None]) -> None:
        """Empty its buckets and destroy its stacks.

        Args:
            destroy: destroys the stacks that a pattern selects; returns whether they are gone.
            say: told of every step.

        Raises:
            PreviewError: stacks are left after several attempts.
        """
        for _ in range(ATTEMPTS):
            for bucket in self.buckets():
                say(f"preview: {bucket}: {self.empty(bucket)} object versions deleted")
            # Looked at as well: the app that destroys may not know a stack that the pull request had added.
            if destroy(f"Flux-{self.name}/*") and not self.stack_names():
                return
        left = ", ".join(self.stack_names()) or f"Flux-{self.name}"
        raise PreviewError(
            f"{left}: still there after {ATTEMPTS} attempts; their events say why, or delete them by hand"
        )


def destroy(pattern: str) -> bool:
    """Run `cdk destroy` on a preview's stacks."""
    name = pattern.removeprefix("Flux-").removesuffix("/*")
    command = [f"{ROOT}/scripts/cdk", "destroy", pattern, "--force", "--build", "", "--context", f"preview={name}"]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0  # noqa: S603 - our own script, checked name


def main(arguments: Sequence[str]) -> int:
    """Take it away; 1 with the reason on stderr where that fails."""
    (name,) = arguments
    try:
        config = environments(preview=name)[-1]
        session = boto3.Session(region_name=config.region)
        preview = Preview(name=name, stacks=session.client("cloudformation"), files=session.client("s3"))
        preview.remove(destroy, lambda line: print(line, flush=True))  # noqa: T201 - a command's progress
    except (ConfigError, PreviewError) as error:
        sys.stderr.write(f"preview: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
