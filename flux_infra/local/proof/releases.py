"""Proof 5: a good release of the api is canaried and promoted; a bad one is rolled back by itself."""

import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from .. import machine
from ..console import StepFailed
from ..demo import Demo
from ..platform import Platform
from ..till import AURORA
from ..toolkit import STAGE, Assembly

RELEASES = machine.STATE / "releases"

# Requests per second while a release is under way: enough for a tenth of them to be seen within a canary.
LOAD_PER_SECOND = 20

# How long users are watched after a release.
AFTERWARDS_SECONDS = 3


@dataclass(frozen=True, kw_only=True)
class Change:
    """A release made for the proof: one replacement in one file of the api's source."""

    name: str
    file: str
    before: str
    after: str


# A release that is as good as the one before it.
GOOD = Change(
    name="good",
    file="lambdas/api/handler.py",
    before='"""The api function: FastAPI behind API Gateway."""',
    after='"""The api function: FastAPI behind API Gateway, released once more."""',
)
# A release whose health is fine and whose forecasts are not: the gate passes it, only real traffic can tell.
BAD = Change(
    name="bad",
    file="lambdas/api/routes/forecasts.py",
    before="first, last = _span(first, last)",
    after='raise RuntimeError("a release that should never have been made")',
)


@dataclass(kw_only=True)
class Answers:
    """What users got while a release was under way, by HTTP status."""

    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """All requests."""
        return self.statuses.total()

    @property
    def failed(self) -> int:
        """Requests that got no 200."""
        return self.total - self.statuses[HTTPStatus.OK]


@dataclass(frozen=True, kw_only=True)
class Release:
    """One release of the api, as CodeDeploy and the users saw it.

    deployment_id, status: CodeDeploy's.
    reason: why it was stopped, or "".
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


def release(platform: Platform, demo: Demo, change: Change | None) -> Release:
    """Release the api with `change` (None: as it is in this folder) under continuous load.

    A release that CloudFormation rolled back is a result, not an error: its status says so.
    """
    assembly = Assembly.synthesize(RELEASES / "assembly", artifacts=None if change is None else build(change))
    before = _live_version(platform)
    known = set(_deployments(platform))
    started = time.monotonic()
    with _load(platform, demo) as during:
        try:
            assembly.deploy(f"{STAGE}/Compute")
            failure = ""
        except StepFailed as failed:
            failure = failed.why
    seconds = time.monotonic() - started
    with _load(platform, demo) as after:
        time.sleep(AFTERWARDS_SECONDS)
    new = [platform.deployment(each) for each in _deployments(platform) if each not in known]
    # A release that is taken back has a second deployment, CodeDeploy's own, which moves the traffic back.
    released = [info for info in new if info["creator"] == "CloudFormation"]
    if len(released) != 1:
        raise StepFailed(
            f"expected one CodeDeploy deployment of the api, found {len(released)}\n{failure}",
            remedy="read what CloudFormation says above; the release may have failed before it reached CodeDeploy",
        )
    (info,) = released
    return Release(
        deployment_id=info["deploymentId"],
        status=info["status"],
        reason=info.get("errorInformation", {}).get("message", ""),
        from_version=before,
        to_version=_live_version(platform),
        seconds=seconds,
        during=during,
        after=after,
    )


def build(change: Change) -> Path:
    """Build the function bundles from a changed copy of the source, apart from the real ones."""
    source, artifacts = RELEASES / change.name / "source", RELEASES / change.name / "artifacts"
    if source.exists():
        shutil.rmtree(source)
    shutil.copytree(machine.ROOT / "lambdas", source / "lambdas", ignore=shutil.ignore_patterns("__pycache__"))
    changed = source / change.file
    text = changed.read_text()
    if change.before not in text:
        raise StepFailed(
            f"{change.file} has no {change.before!r} to change",
            remedy="bring proof/releases.py up to date with the api",
        )
    changed.write_text(text.replace(change.before, change.after, 1))
    subprocess.run(
        [sys.executable, "-m", "flux_infra.building.build", "--source", str(source), "--out", str(artifacts)],
        cwd=machine.ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return artifacts


@contextmanager
def _load(platform: Platform, demo: Demo) -> Iterator[Answers]:
    """Read forecasts through CloudFront as an owner, steadily, until the block ends."""
    answers, stop = Answers(), threading.Event()
    with platform.visitor() as visitor:
        token = demo.sign_in(visitor, AURORA)

        def read_forecasts() -> None:
            while not stop.wait(1 / LOAD_PER_SECOND):
                answer = visitor.get("/api/v1/forecasts", headers={"authorization": f"Bearer {token}"})
                answers.statuses[answer.status_code] += 1

        reader = threading.Thread(target=read_forecasts)
        reader.start()
        try:
            yield answers
        finally:
            stop.set()
            reader.join()


def _live_version(platform: Platform) -> str:
    alias = platform.functions.get_alias(FunctionName=platform.outputs["Compute.ApiFunctionName"], Name="live")
    return alias["FunctionVersion"]


def _deployments(platform: Platform) -> list[str]:
    return platform.deployments.list_deployments(
        applicationName="flux-local-lambda", deploymentGroupName="flux-local-api-deployment"
    )["deployments"]
