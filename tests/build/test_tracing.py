"""A traced bundle, run as AWS on this machine runs functions, tells Datadog's own stand-in for its agent of it."""

import json
import subprocess
from pathlib import Path

import pytest

from build.bundles import FUNCTIONS, Bundles, Function
from build.dependencies import requirements
from build.store import Store
from build.tools import PROJECT
from flux_infra.compute.tracing import FunctionTracing
from flux_infra.environments import PROD
from tests.infra.conftest import TRACED

AUTHORIZER = Function(name="authorizer", traced=True)
OWN_SPACE = ["unshare", "--mount", "--net", "--map-root-user"]

type Json = str | int | float | bool | list[Json] | dict[str, Json] | None


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    """What the function answered, and what the agent was sent."""
    if subprocess.run([*OWN_SPACE, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine allows no namespaces of one's own; the library looks at fixed paths and ports")
    place, pinned = tmp_path_factory.mktemp("traced"), requirements(AUTHORIZER.groups)
    bundles = Bundles(lambdas=PROJECT / "lambdas", regions=("us-east-1",), shared=Store(PROJECT / ".build"))
    Store(place).obtain("authorizer", lambda folder: bundles.build(AUTHORIZER, pinned, folder))
    tracing = FunctionTracing.of(
        TRACED, package="authorizer", service="authorizer", handler="authorizer.handler.handler"
    )
    assert tracing is not None
    variables = {**tracing.variables, "ORIGIN_SECRET": "arn:x", "POWERTOOLS_SERVICE_NAME": "authorizer"}
    done = subprocess.run(
        [
            *OWN_SPACE,
            PROJECT / ".build/emulator-venv/bin/python",
            Path(__file__).with_name("traced_function.py"),
            PROJECT / ".venv/bin/ddapm-test-agent",
            place / "authorizer",
            json.dumps(variables),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, Json] = json.loads(done.stdout)
    return found


def test_the_function_answers_as_without_tracing(told: dict[str, Json]) -> None:
    answer = told["answer"]
    assert isinstance(answer, dict)
    assert (answer["payload"], answer["failed"]) == ({"isAuthorized": False}, False)


def test_the_agent_receives_the_invocation_under_service_and_environment(told: dict[str, Json]) -> None:
    spans = [span for trace in json.loads(json.dumps(told["traces"])) for span in trace]
    (invocation,) = [span for span in spans if span["name"] == "aws.lambda"]
    assert (invocation["service"], invocation["meta"]["env"], invocation["error"]) == ("authorizer", "prod", 0)


def test_no_span_holds_what_was_asked_or_where_the_key_is(told: dict[str, Json]) -> None:
    text = json.dumps(told["traces"])
    assert not [word for word in ("PLANTED", "function.request", "secretsmanager") if word in text]


def test_no_bundle_holds_datadogs_library_unless_an_environment_traces_it() -> None:
    assert [function.name for function in FUNCTIONS if "fn-tracing" in function.groups] == []
    assert PROD.datadog is None
    assert set(AUTHORIZER.groups) - {"fn-tracing"} == set(Function(name="authorizer").groups)
