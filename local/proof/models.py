"""A release of the model: forecasts are asked for and read while it is under way."""

import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from .. import machine
from ..console import StepFailed
from ..demo import Demo
from ..platform import Platform
from ..till import AURORA
from ..toolkit import STAGE, Assembly
from .releases import RELEASES, synthesize
from .users import repeatedly

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

SCRIPT = "code/inference.py"

# Of each kind of request: enough for a canary of 15 seconds to be judged by.
LOAD_PER_SECOND = 10


@dataclass(frozen=True, kw_only=True)
class ModelChange:
    """A model made for the proof: one replacement in the inference script of the model that is live."""

    name: str
    before: str
    after: str


# It loads, and is no number for any dish.
ANSWERS_NAN = ModelChange(
    name="nan", before='"quantity": round(quantity, 2),', after='"quantity": float("nan") * quantity,'
)
# It does not even load.
DOES_NOT_LOAD = ModelChange(
    name="broken",
    before="    content = json.loads",
    after='    raise RuntimeError("weights are missing")\n    content = json.loads',
)
# Another artifact that forecasts the same.
AS_GOOD = ModelChange(
    name="good", before='    """Forecast every item."""', after='    """Forecast every item, once more."""'
)


@dataclass(kw_only=True)
class Count:
    """How many were asked, and how many of them failed."""

    total: int = 0
    failed: int = 0


@dataclass(frozen=True, kw_only=True)
class ModelRelease:
    """One release of the model, as its callers saw it.

    refused: CloudFormation's reason, or "" if the model went live.
    from_config, to_config: the endpoint configuration before and after.
    model: forecasts asked of the endpoint, as the nightly worker asks; it tries a failed one again from its queue.
    users: forecasts read by an owner through CloudFront.
    afterwards: forecasts asked of the endpoint when the release was over.
    """

    refused: str
    from_config: str
    to_config: str
    model: Count = field(default_factory=Count)
    users: Count = field(default_factory=Count)
    afterwards: Count = field(default_factory=Count)


def release_model(platform: Platform, demo: Demo, change: ModelChange | None) -> ModelRelease:
    """Release the live model with `change` (None: as the platform was deployed), past the build's own judgement."""
    assembly = Assembly(folder=machine.ASSEMBLY) if change is None else synthesize(_build(change))
    before, refused = _config(platform), ""
    model, users, afterwards = Count(), Count(), Count()
    with platform.visitor() as visitor:
        token = demo.sign_in(visitor, AURORA)

        def read() -> bool:
            answer = visitor.get("/api/v1/forecasts", headers={"authorization": f"Bearer {token}"})
            return answer.status_code == HTTPStatus.OK and bool(answer.json()["items"])

        with (
            repeatedly(lambda: _once(read, users), per_second=LOAD_PER_SECOND),
            repeatedly(lambda: _once(lambda: _ask(platform), model), per_second=LOAD_PER_SECOND),
        ):
            try:
                assembly.deploy(f"{STAGE}/Ml")
            except StepFailed as failed:
                refused = failed.why
    for _ in range(LOAD_PER_SECOND):
        _once(lambda: _ask(platform), afterwards)
    return ModelRelease(
        refused=refused,
        from_config=before,
        to_config=_config(platform),
        model=model,
        users=users,
        afterwards=afterwards,
    )


def _build(change: ModelChange) -> Path:
    """Artifacts as `make build` made them, with another model among them."""
    folder = RELEASES / f"model-{change.name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    manifest = json.loads((machine.BUILD / "manifest.json").read_text())
    live = machine.BUILD / manifest["model"]["path"]
    for part in ("functions", "site"):
        (folder / part).symlink_to(machine.BUILD / part)
    _change(live, folder / "model.tar.gz", change)
    manifest["model"] = {
        "path": "model.tar.gz",
        "hash": hashlib.sha256((folder / "model.tar.gz").read_bytes()).hexdigest()[:16],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def _change(live: Path, changed: Path, change: ModelChange) -> None:
    with tarfile.open(live) as source, tarfile.open(changed, "w:gz") as target:
        for member in source.getmembers():
            content = source.extractfile(member)
            if content is None:
                continue
            data = content.read()
            if member.name == SCRIPT:
                text = data.decode()
                if change.before not in text:
                    raise StepFailed(
                        f"{SCRIPT} has no {change.before!r} to change",
                        remedy="bring proof/models.py up to date with the model",
                    )
                data = text.replace(change.before, change.after, 1).encode()
            member.size = len(data)
            target.addfile(member, io.BytesIO(data))


def _config(platform: Platform) -> str:
    client: SageMakerClient = machine.session().client("sagemaker", endpoint_url=machine.AWS_URL)
    return client.describe_endpoint(EndpointName=platform.outputs["Ml.EndpointName"])["EndpointConfigName"]


def _ask(platform: Platform) -> bool:
    """Ask the endpoint for one dish's week; whether it answered."""
    runtime: SageMakerRuntimeClient = machine.session().client("sagemaker-runtime", endpoint_url=machine.AWS_URL)
    today = datetime.now(UTC).date()
    history = [{"date": (today - timedelta(days=back)).isoformat(), "quantity": 10} for back in range(28, 0, -1)]
    question = {"menu_item_id": "dish", "history": history, "start": today.isoformat(), "days": 7}
    try:
        answer = runtime.invoke_endpoint(
            EndpointName=platform.outputs["Ml.EndpointName"],
            ContentType="application/json",
            Body=json.dumps({"instances": [question]}).encode(),
        )
    except ClientError:
        return False
    return len(json.loads(answer["Body"].read())["predictions"][0]["forecasts"]) == question["days"]


def _once(succeeds: Callable[[], bool], count: Count) -> None:
    count.total += 1
    count.failed += not succeeds()
