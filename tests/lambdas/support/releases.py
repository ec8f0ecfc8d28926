"""CodeDeploy and Lambda on the loopback: one deployment, and functions that run in this process."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest

from .http import OF_AWS, Reply, Request, serving

type Function = Callable[[dict[str, object]], object]


@dataclass(kw_only=True)
class Release:
    """A deployment of one function's version 8.

    revision: as GetDeployment answers it. kept: as GetApplicationRevision does, if it is asked.
    statuses: what CodeDeploy has been told about the hook.
    invoked: the versions that were asked.
    log: the end of an invocation's log, by how many there were before it.
    live: the version that the alias leads to.
    """

    function: str
    revision: dict[str, object]
    kept: dict[str, object] | None = None
    statuses: list[dict[str, str]] = field(default_factory=list)
    invoked: list[str] = field(default_factory=list)
    log: Callable[[int], str] = lambda _: ""
    live: str = "7"

    def codedeploy(self, request: Request) -> Reply:
        body = json.loads(request.body)
        match request.headers["x-amz-target"].rsplit(".", 1)[-1]:
            case "GetDeployment" if body["deploymentId"] == "d-1":
                info = {"deploymentId": "d-1", "applicationName": "flux", "revision": self.revision}
                answer: dict[str, object] = {"deploymentInfo": info}
            case "GetApplicationRevision" if body["applicationName"] == "flux" and self.kept is not None:
                answer = {"applicationName": "flux", "revision": self.kept}
            case "PutLifecycleEventHookExecutionStatus":
                self.statuses.append(body)
                answer = {"lifecycleEventHookExecutionId": body["lifecycleEventHookExecutionId"]}
            case _:
                return Reply(status=400, body=b'{"__type":"DeploymentDoesNotExistException"}')
        return Reply(body=json.dumps(answer).encode(), headers=OF_AWS | {"content-type": "application/x-amz-json-1.1"})

    def lambdas(self, request: Request, functions: Mapping[str, Function]) -> Reply:
        address = urlsplit(request.path)
        name, action = address.path.split("/")[3:5]
        if action == "aliases":
            body = json.dumps({"Name": "live", "FunctionVersion": self.live})
            return Reply(body=body.encode(), headers=OF_AWS)
        self.invoked.append(parse_qs(address.query)["Qualifier"][0])
        try:
            answer = functions[name](json.loads(request.body))
        except Exception as error:  # noqa: BLE001 - as Lambda does
            body = json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)})
            return Reply(body=body.encode(), headers=OF_AWS | {"x-amz-function-error": "Unhandled"})
        tail = base64.b64encode(self.log(len(self.invoked)).encode()).decode()
        return Reply(body=json.dumps(answer).encode(), headers=OF_AWS | {"x-amz-log-result": tail})


def app_spec(function: str) -> str:
    """As CloudFormation writes it."""
    properties = {"Name": function, "Alias": "live", "CurrentVersion": "7", "TargetVersion": "8"}
    resource = {"Type": "AWS::Lambda::Function", "Properties": properties}
    return json.dumps(
        {"version": 0.0, "Resources": [{"Function": resource}], "Hooks": [{"BeforeAllowTraffic": "gate"}]}
    )


@contextmanager
def releasing(release: Release, functions: Mapping[str, Function]) -> Iterator[None]:
    """Lead the AWS SDK to the deployment and to the functions."""
    with (
        serving(release.codedeploy) as codedeploy,
        serving(lambda request: release.lambdas(request, functions)) as lambdas,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("AWS_ENDPOINT_URL_CODEDEPLOY", codedeploy)
        patch.setenv("AWS_ENDPOINT_URL_LAMBDA", lambdas)
        yield
