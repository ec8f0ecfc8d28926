"""A release of the model: forecasts are asked for and read while it is under way."""

import hashlib
import io
import json
import shutil
import tarfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from .. import machine
from ..console import StepFailed
from ..demo import sign_in
from ..platform import Platform
from ..till import AURORA
from ..toolkit import STAGE, Assembly
from .changes import Replacement
from .releases import RELEASES, synthesize
from .users import Answers, steadily

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

SCRIPT = "code/inference.py"

# Of each kind of request: enough for a canary of 15 seconds to be judged by.
LOAD_PER_SECOND = 10


# Made for the proof, of the inference script of the model that is live. It loads, and is no number for any dish.
ANSWERS_NAN = Replacement(
    name="nan", before='"quantity": round(quantity, 2),', after='"quantity": float("nan") * quantity,'
)
# It does not even load.
DOES_NOT_LOAD = Replacement(
    name="broken",
    before="    content = json.loads",
    after='    raise RuntimeError("weights are missing")\n    content = json.loads',
)
# Another artifact that forecasts the same.
AS_GOOD = Replacement(
    name="good", before='    """Forecast every item."""', after='    """Forecast every item, once more."""'
)


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
    model: Answers
    users: Answers
    afterwards: Answers


def release_model(platform: Platform, change: Replacement | None) -> ModelRelease:
    """Release the live model with `change` (None: as the platform was deployed), past the build's own judgement."""
    assembly = Assembly(folder=machine.ASSEMBLY) if change is None else synthesize(_build(change))
    before, refused = _config(platform), ""

    def ask() -> int:
        return _ask(platform)

    with platform.visitor() as visitor:
        token = sign_in(visitor, AURORA)

        def read() -> int:
            answer = visitor.get("/api/v1/forecasts", headers={"authorization": f"Bearer {token}"})
            empty = answer.status_code == HTTPStatus.OK and not answer.json()["items"]
            return HTTPStatus.NO_CONTENT if empty else answer.status_code

        with (
            steadily(read, good=HTTPStatus.OK, per_second=LOAD_PER_SECOND) as users,
            steadily(ask, good=HTTPStatus.OK, per_second=LOAD_PER_SECOND) as model,
        ):
            try:
                assembly.deploy(f"{STAGE}/Ml")
            except StepFailed as failed:
                refused = failed.why
    return ModelRelease(
        refused=refused,
        from_config=before,
        to_config=_config(platform),
        model=model,
        users=users,
        afterwards=Answers(good=HTTPStatus.OK, statuses=Counter(ask() for _ in range(LOAD_PER_SECOND))),
    )


def _build(change: Replacement) -> Path:
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


def _change(live: Path, changed: Path, change: Replacement) -> None:
    with tarfile.open(live) as source, tarfile.open(changed, "w:gz") as target:
        for member in source.getmembers():
            content = source.extractfile(member)
            if content is None:
                continue
            data = content.read()
            if member.name == SCRIPT:
                data = change.applied(data.decode(), SCRIPT).encode()
            member.size = len(data)
            target.addfile(member, io.BytesIO(data))


def _config(platform: Platform) -> str:
    return platform.sagemaker.describe_endpoint(EndpointName=platform.outputs["Ml.EndpointName"])["EndpointConfigName"]


def _ask(platform: Platform) -> int:
    """Ask the endpoint for one dish's week; the HTTP status, if it is not an answer with fewer days."""
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
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"]
    days = len(json.loads(answer["Body"].read())["predictions"][0]["forecasts"])
    return HTTPStatus.OK if days == question["days"] else HTTPStatus.PARTIAL_CONTENT
