"""An environment that keeps its data, whose named layers fail at their end.

`python -m tests.system.failed_deployments.synthesis FOLDER ARTIFACTS URL [LAYER ...]`
"""

import sys
from dataclasses import replace
from pathlib import Path

from aws_cdk import CfnResource, CfnWaitCondition, CfnWaitConditionHandle, Stack

from flux_infra.apps.entry import build_app
from flux_infra.config import Backups
from flux_infra.config.flux import LEAST_BACKUP_DAYS
from flux_infra.constructs.artifacts import BuiltArtifacts
from flux_infra.environments import LOCAL
from flux_infra.stage import FluxStage

NAME = "retry"


def fail(stack: Stack) -> None:
    """Add a resource that fails after every other one of the stack is there: it waits a second for what never comes."""
    others = [child for child in stack.node.find_all() if CfnResource.is_cfn_resource(child)]
    handle = CfnWaitConditionHandle(stack, "Never")
    failing = CfnWaitCondition(stack, "Fails", handle=handle.ref, timeout="1", count=1)
    for other in others:
        if isinstance(other, CfnResource):
            failing.add_dependency(other)


def synthesize(folder: Path, artifacts: Path, url: str, layers: list[str]) -> None:
    """Write the assembly into `folder`."""
    if not isinstance(LOCAL.backups, Backups):
        raise TypeError("the local environment has no backups to be kept")
    config = replace(
        LOCAL, name=NAME, aws_url=url, stateful=True, backups=replace(LOCAL.backups, retention_days=LEAST_BACKUP_DAYS)
    )
    app = build_app(
        outdir=folder, context={"aws:cdk:enable-path-metadata": True, "aws:cdk:disable-asset-staging": True}
    )
    stage = FluxStage(app, config, artifacts=BuiltArtifacts.read(str(artifacts)))
    for stack in stage.node.children:
        if isinstance(stack, Stack) and stack.node.id in layers:
            fail(stack)
    app.synth()


if __name__ == "__main__":
    synthesize(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4:])
