"""An environment of its own on an AWS of its own, deployed by the ordinary CDK CLI, one stack at a time."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from flux_infra.environments import LOCAL
from local import machine
from local.runbooks import SHELL
from tests.support import emulator

from .synthesis import NAME

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_lambda import LambdaClient

STAGE = f"Flux-{NAME}"

# A stack takes half a minute here; more where much else runs.
_PATIENCE_SECONDS = 1_200


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a deployment ended: whether it succeeded, and what the CLI printed."""

    succeeded: bool
    said: str


@dataclass(frozen=True, kw_only=True)
class OwnEnvironment:
    """`Flux-retry`, which keeps its data as production does.

    aws: where it is deployed.
    folder: where its assemblies are.
    """

    aws: emulator.Aws
    folder: Path

    def synthesize(self, name: str, *, failing: tuple[str, ...] = (), artifacts: Path = machine.BUILD) -> "Templates":
        """An assembly; the layers of `failing` fail at their end."""
        outdir = self.folder / name
        shutil.rmtree(outdir, ignore_errors=True)
        program = [sys.executable, "-O", "-m", "tests.system.failed_deployments.synthesis"]
        finished = self._run([*program, str(outdir), str(artifacts), self.aws.url, *failing])
        assert finished.returncode == 0, finished.stdout
        return Templates(folder=outdir)

    def bootstrap(self, templates: "Templates") -> None:
        """`cdk bootstrap`."""
        outcome = self._cdk(templates, "bootstrap", f"aws://{LOCAL.account}/{LOCAL.region}")
        assert outcome.succeeded, outcome.said

    def deploy(self, layer: str, templates: "Templates") -> Outcome:
        """`cdk deploy` of one stack alone."""
        options = ("--exclusively", "--require-approval", "never", "--progress", "events")
        return self._cdk(templates, "deploy", f"{STAGE}/{layer}", *options)

    def differences(self, templates: "Templates") -> str:
        """What `cdk diff --fail` says of all stacks; "" if they are as synthesized."""
        outcome = self._cdk(templates, "diff", f"{STAGE}/*", "--fail")
        return "" if outcome.succeeded else outcome.said

    def type(self, commands: str) -> None:
        """Let a shell run what a runbook says."""
        finished = self._run(["bash", "-euo", "pipefail", "-c", f"{SHELL}\n{commands}"])
        assert finished.returncode == 0, f"{commands}\n{finished.stdout}"

    def status(self, layer: str) -> str:
        """Of the stack."""
        (stack,) = self.stacks.describe_stacks(StackName=f"{STAGE}-{layer}")["Stacks"]
        return stack["StackStatus"]

    def left_behind(self, layer: str) -> set[str]:
        """Logical ids of what the rollback of the creation kept or could not delete, by the stack's events."""
        pages = self.stacks.get_paginator("describe_stack_events").paginate(StackName=f"{STAGE}-{layer}")
        last: dict[str, str] = {}
        for page in pages:
            for event in page["StackEvents"]:  # the newest first
                if event["ResourceType"] != "AWS::CloudFormation::Stack":
                    last.setdefault(event["LogicalResourceId"], event["ResourceStatus"])
        gone = {"DELETE_COMPLETE", "CREATE_FAILED"}
        return {name for name, status in last.items() if status not in gone}

    def live_versions(self) -> dict[str, str]:
        """Version that each released function's alias names, by function."""
        found: dict[str, str] = {}
        for page in self.functions.get_paginator("list_functions").paginate():
            for function in page["Functions"]:
                name = function["FunctionName"]
                for alias in self.functions.list_aliases(FunctionName=name)["Aliases"]:
                    found[name] = alias["FunctionVersion"]
        return found

    @cached_property
    def stacks(self) -> "CloudFormationClient":
        """CloudFormation."""
        return self.aws.session().client("cloudformation", endpoint_url=self.aws.url)

    @cached_property
    def functions(self) -> "LambdaClient":
        """Lambda."""
        return self.aws.session().client("lambda", endpoint_url=self.aws.url)

    def _cdk(self, templates: "Templates", *arguments: str) -> Outcome:
        command = [str(machine.ROOT / "scripts" / "cdk"), *arguments, "--app", str(templates.folder), "--build", ""]
        finished = self._run(command)
        return Outcome(succeeded=finished.returncode == 0, said=finished.stdout)

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        environment = machine.client_environment()
        return subprocess.run(
            command,
            cwd=machine.ROOT,
            env=environment
            | {
                "AWS_ENDPOINT_URL": self.aws.url,
                "AWS_ENDPOINT_URL_S3": self.aws.url,
                "CDK_VALIDATION": "false",
                "PATH": f"{Path(sys.executable).parent}:{environment['PATH']}",  # where the AWS CLI is
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )


class Resource(TypedDict, total=False):
    """What is read here of a resource in a template."""

    DeletionPolicy: str
    Properties: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Templates:
    """A synthesized assembly."""

    folder: Path

    def not_deleted(self, layer: str) -> set[str]:
        """Logical ids of what CloudFormation does not delete although its creation is rolled back.

        What it keeps then as well (`Retain`, and not RetainExceptOnCreate: CloudFormation User Guide, "DeletionPolicy
        attribute"), and databases that are protected from deletion.
        """
        return {
            name
            for name, resource in self._resources(layer).items()
            if resource.get("DeletionPolicy") == "Retain"
            or resource.get("Properties", {}).get("DeletionProtection") is True
        }

    def logical_ids(self, layer: str) -> set[str]:
        """Of everything in the stack."""
        return set(self._resources(layer))

    def _resources(self, layer: str) -> Mapping[str, Resource]:
        assembly = self.folder / f"assembly-{STAGE}"
        manifest = json.loads((assembly / "manifest.json").read_text())
        (file,) = [
            artifact["properties"]["templateFile"]
            for artifact in manifest["artifacts"].values()
            if artifact.get("properties", {}).get("stackName") == f"{STAGE}-{layer}"
        ]
        resources: Mapping[str, Resource] = json.loads((assembly / file).read_text())["Resources"]
        return resources


@contextmanager
def own_environment(folder: Path) -> Iterator[OwnEnvironment]:
    """One that is not deployed yet; it and its AWS are gone afterwards."""
    with emulator.running() as aws:
        yield OwnEnvironment(aws=aws, folder=folder)
