"""Proof 5: a good release is canaried and promoted; a bad one is refused or rolled back by itself."""

import json
import shutil
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flux_infra.constructs.names import (
    ALIAS,
    deployment_application_name,
    deployment_group_name,
    log_group_name,
)
from flux_infra.environments import LOCAL
from ops.releases import revision_content

from .. import machine
from ..console import StepFailed
from ..platform import Platform
from ..toolkit import STAGE, Assembly
from .changes import Change, ReleasedFunction
from .users import Answers, delivering, reading

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

RELEASES = machine.STATE / "releases"

# How long users are watched after a release: some twenty requests.
AFTERWARDS_SECONDS = 1


class NotBuiltError(StepFailed):
    """There is nothing to release: the build refused it."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """One release of a function, as CodeDeploy and the users saw it.

    deployment_id, status: CodeDeploy's; "" and "NotBuilt" if the build refused it.
    reason: why it was stopped, in CodeDeploy's words and, if it was the gate, in the gate's; or the build's; or "".
    from_version, to_version: what the alias `live` named before and after.
    during, after: answers while it was under way, and in the seconds after it.
    """

    deployment_id: str
    status: str
    reason: str
    from_version: str
    to_version: str
    seconds: float
    during: Answers
    after: Answers


def release(platform: Platform, change: Change | None) -> Release:
    """Release a function with `change` under continuous load; None: as the platform was deployed, changing the api.

    A release that was not built or that CloudFormation rolled back is a result, not an error: its status says so.
    """
    function: ReleasedFunction = "api" if change is None else change.function
    try:
        assembly = Assembly(folder=machine.ASSEMBLY) if change is None else synthesize(build(change))
    except NotBuiltError as refused:
        return _not_built(platform, function, refused.why)
    known = set(_deployments(platform, function))
    started = time.monotonic()
    with _users(platform, function) as during:
        try:
            assembly.deploy(f"{STAGE}/Compute")
            failure = ""
        except StepFailed as failed:
            failure = failed.why
    seconds = time.monotonic() - started
    with _users(platform, function) as after:
        time.sleep(AFTERWARDS_SECONDS)
    new = [platform.deployment(each) for each in _deployments(platform, function) if each not in known]
    # A release that is rolled back has a second deployment, CodeDeploy's own, which moves the traffic back.
    released = [info for info in new if info["creator"] == "CloudFormation"]
    if len(released) != 1:
        raise StepFailed(
            f"expected one CodeDeploy deployment of the {function}, found {len(released)}\n{failure}",
            remedy="read what CloudFormation says above; the release may have failed before it reached CodeDeploy",
        )
    (info,) = released
    if failure and info["status"] == "Succeeded":
        raise StepFailed(
            f"CodeDeploy promoted the {function}, but CloudFormation took it back:\n{failure}",
            remedy="read what it says above: something else in the stack failed, like another function's release",
        )
    content = revision_content(platform.deployments, info)
    ((_, resource),) = json.loads(content or "{}")["Resources"][0].items()
    version = resource["Properties"]
    return Release(
        deployment_id=info["deploymentId"],
        status=info["status"],
        reason=" ".join(
            filter(None, (info.get("errorInformation", {}).get("message"), _refusal(info["deploymentId"])))
        ),
        from_version=version["CurrentVersion"],
        to_version=platform.functions.get_alias(FunctionName=version["Name"], Name=ALIAS)["FunctionVersion"],
        seconds=seconds,
        during=during,
        after=after,
    )


def _not_built(platform: Platform, function: ReleasedFunction, reason: str) -> Release:
    """What becomes of a release that there is nothing of to deploy."""
    with _users(platform, function) as after:
        time.sleep(AFTERWARDS_SECONDS)
    live = platform.functions.get_alias(FunctionName=function_name(platform, function), Name=ALIAS)["FunctionVersion"]
    return Release(
        deployment_id="",
        status="NotBuilt",
        reason=reason,
        from_version=live,
        to_version=live,
        seconds=0,
        during=after,
        after=after,
    )


def function_name(platform: Platform, function: ReleasedFunction) -> str:
    """The function's physical name."""
    return next(
        each["FunctionName"]
        for each in platform.functions.list_functions()["Functions"]
        if each["Handler"].partition(".")[0] == function
    )


def _users(platform: Platform, function: ReleasedFunction) -> AbstractContextManager[Answers]:
    return delivering(platform) if function in ("webhook", "sync") else reading(platform)


def build(*changes: Change) -> Path:
    """Build the function bundles from a changed copy of the source, apart from the real ones."""
    source = copy_source("-".join(change.name for change in changes))
    for change in changes:
        changed = source / change.file
        changed.write_text(change.applied(changed.read_text(), change.file))
    return build_source(source)


def copy_source(name: str) -> Path:
    """A fresh copy of the functions' source, to be changed."""
    source = RELEASES / name / "source"
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(machine.ROOT / "lambdas", source / "lambdas", ignore=shutil.ignore_patterns("__pycache__"))
    return source


def build_source(source: Path) -> Path:
    """Build the function bundles from a changed source.

    All changes are built into one folder, where what a change leaves alone stands already.

    Raises:
        NotBuiltError: the build refuses it.
    """
    artifacts = RELEASES / "artifacts"
    built = subprocess.run(
        [sys.executable, "-m", "build", "--source", str(source), "--out", str(artifacts)],
        cwd=machine.ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    if built.returncode != 0:
        raise NotBuiltError(built.stderr.strip(), remedy="correct what the build names")
    return artifacts


def synthesize(artifacts: Path) -> Assembly:
    """Synthesize a release from its artifacts; as all of them into one folder, where the unchanged bundles stand."""
    return Assembly.synthesize(RELEASES / "assembly", artifacts=artifacts)


def _refusal(deployment_id: str) -> str:
    """Why the release gate refused, from its log; "" if it did not."""
    logs: CloudWatchLogsClient = machine.session().client("logs", endpoint_url=machine.AWS_URL)
    events = logs.filter_log_events(
        logGroupName=log_group_name(LOCAL, "release-gate"), filterPattern=f'"{deployment_id}"'
    )
    for event in events["events"]:
        line = json.loads(event["message"])
        if line.get("message") == "release refused":
            return str(line["exception"]).rsplit("\n", 1)[-1]
    return ""


def _deployments(platform: Platform, function: ReleasedFunction) -> list[str]:
    return platform.deployments.list_deployments(
        applicationName=deployment_application_name(LOCAL), deploymentGroupName=deployment_group_name(LOCAL, function)
    )["deployments"]
