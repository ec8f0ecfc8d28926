"""A GitHub of one repository, in memory, behind the real HTTP client."""

import json
import re
from dataclasses import dataclass, field

import httpx

from ci.github import GitHub

REPOSITORY = "flux-app/flux-platform"


@dataclass(kw_only=True)
class Server:
    """labels and comments of pull request 7, the open alerts, the runs of workflows, the states of pull requests."""

    labels: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    issues: list[dict[str, object]] = field(default_factory=list)
    runs: list[dict[str, object]] = field(default_factory=list)
    pull_requests: dict[int, str] = field(default_factory=dict)
    asked: list[httpx.Request] = field(default_factory=list)

    def github(self) -> GitHub:
        client = httpx.Client(base_url="https://api.github.test", transport=httpx.MockTransport(self._answer))
        return GitHub(repository=REPOSITORY, client=client)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        path = request.url.path.removeprefix(f"/repos/{REPOSITORY}")
        body = json.loads(request.content or b"{}")
        if request.method == "GET":
            return self._read(path, request.url.params)
        if request.method == "PATCH" and (found := re.fullmatch(r"/issues/comments/(\d+)", path)):
            self.comments[int(found[1])] = body["body"]
            return httpx.Response(200, json={})
        if path == "/issues":
            self.issues.append({**body, "number": 11})
            return httpx.Response(201, json=self.issues[-1])
        assert path in {"/issues/7/comments", "/issues/11/comments"}
        self.comments.append(body["body"])
        return httpx.Response(201, json={})

    def _read(self, path: str, params: httpx.QueryParams) -> httpx.Response:
        if found := re.fullmatch(r"/pulls/(\d+)", path):
            state = self.pull_requests.get(int(found[1]))
            return httpx.Response(200 if state else 404, json={"state": state})
        match path:
            case "/issues/7":
                return httpx.Response(200, json={"labels": [{"name": name} for name in self.labels]})
            case "/issues/7/comments":
                size, page = int(params["per_page"]), int(params["page"])
                rows = [{"id": i, "body": comment} for i, comment in enumerate(self.comments)]
                return httpx.Response(200, json=rows[size * (page - 1) : size * page])
            case "/issues":
                return httpx.Response(200, json=[i for i in self.issues if params["labels"] in str(i["labels"])])
            case "/actions/workflows/deploy.yml/runs":
                return httpx.Response(200, json={"workflow_runs": self.runs})
        return httpx.Response(404, json={"message": path})
