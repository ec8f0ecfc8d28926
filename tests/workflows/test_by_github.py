"""What GitHub's own parser says of the workflows, and its own expressions of their conditions."""

import itertools
import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from typing import cast

import pytest

from tests.workflows.workflow_files import FOLDER, ROOT, Map, Workflow

pytestmark = pytest.mark.slow

PROGRAM = ROOT / "tests" / "workflows" / "github.mjs"
REPOSITORY = "flux-app/flux-platform"

type Context = Mapping[str, object]


def github(task: str, *arguments: str, given: object = None) -> list[str]:
    command = [str(ROOT / "node_modules" / ".bin" / "node"), str(PROGRAM), task, *arguments]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=True)
    return cast("list[str]", json.loads(done.stdout))


def event(action: str, *, label: str | None = None, labels: Sequence[str] = (), state: str = "open") -> Context:
    """A run for an event of pull request 7, as the contexts of expressions have it."""
    head = {"repo": {"full_name": REPOSITORY}}
    pull_request = {"number": 7, "state": state, "head": head, "labels": [{"name": name} for name in labels]}
    payload = {"action": action, "pull_request": pull_request} | ({"label": {"name": label}} if label else {})
    return {"github": {"repository": REPOSITORY, "run_id": "4711", "event": payload}}


def group(context: Context) -> str:
    text = str(cast("Map", Workflow.read("preview").content["concurrency"])["group"])
    expressions = re.findall(r"\$\{\{(.*?)\}\}", text, flags=re.DOTALL)
    values = iter(github("evaluate", given=[[expression.strip(), context] for expression in expressions]))
    return re.sub(r"\$\{\{.*?\}\}", lambda _: next(values), text, flags=re.DOTALL)


def runs(context: Context) -> dict[str, bool]:
    jobs = {name: str(job["if"]) for name, job in Workflow.read("preview").jobs.items()}
    answers = github("evaluate", given=[[condition, context] for condition in jobs.values()])
    return {name: answer == "true" for name, answer in zip(jobs, answers, strict=True)}


def test_github_can_read_every_workflow() -> None:
    assert github("parse", *(str(path) for path in sorted(FOLDER.iterdir()))) == []


@pytest.mark.parametrize(
    ("context", "job"),
    [
        (event("labeled", label="preview", labels=["preview"]), "deploy"),
        (event("synchronize", labels=["preview"]), "deploy"),
        (event("reopened", labels=["docs", "preview"]), "deploy"),
        (event("closed", labels=["preview"], state="closed"), "destroy"),
        (event("unlabeled", label="preview"), "destroy"),
        (event("unlabeled", label="preview", labels=["docs"], state="closed"), "destroy"),
        (event("labeled", label="docs", labels=["docs", "preview"]), None),
        (event("unlabeled", label="docs", labels=["preview"]), None),
        (event("labeled", label="docs", labels=["docs", "preview"], state="closed"), None),
        (event("labeled", label="preview", labels=["preview"], state="closed"), None),
        (event("synchronize"), None),
        (event("closed", labels=["docs"], state="closed"), None),
        (event("reopened"), None),
    ],
)
def test_an_event_deploys_or_destroys_the_preview_or_leaves_it_alone(context: Context, job: str | None) -> None:
    assert runs(context) == {name: name == job for name in ("deploy", "destroy")}
    # Whatever acts on the preview waits in one line.
    assert job is None or group(context) == "preview-7"


def test_an_event_that_changes_no_preview_stands_in_nobodys_line() -> None:
    of_no_concern = [
        event(action, label="docs", labels=labels, state=state)
        for action, labels, state in itertools.product(
            ("labeled", "unlabeled"), ([], ["preview"], ["docs"]), ("open", "closed")
        )
    ] + [event(action) for action in ("synchronize", "reopened", "closed")]
    for context in of_no_concern:
        assert group(context) == "preview-7-unconcerned-4711"
