"""The few things that workflows ask of GitHub, with the job's own token."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self, TypedDict, cast

import httpx

API = "https://api.github.com"
_PAGE = 100


class Label(TypedDict):
    """A label of an issue or a pull request."""

    name: str


class Issue(TypedDict):
    """An issue; pull requests are issues too."""

    number: int
    title: str
    labels: list[Label]


class Comment(TypedDict):
    """A comment on an issue or a pull request."""

    id: int
    body: str


class HeadCommit(TypedDict):
    """tree_id: the hash of all files at a commit; equal for equal files, whatever their history."""

    tree_id: str


class Repository(TypedDict):
    """full_name: `owner/name`."""

    full_name: str


class Run(TypedDict):
    """A run of a workflow."""

    id: int
    head_branch: str
    head_commit: HeadCommit
    head_repository: Repository


class _Runs(TypedDict):
    workflow_runs: list[Run]


@dataclass(frozen=True, kw_only=True)
class GitHub:
    """One repository, as a job's token sees it."""

    repository: str
    client: httpx.Client

    @classmethod
    def of_this_job(cls) -> Self:
        """Return the repository that the job runs for.

        Raises:
            KeyError: GITHUB_REPOSITORY or GITHUB_TOKEN is not set; the step must pass the token on.
        """
        headers = {
            "authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
            "accept": "application/vnd.github+json",
            "x-github-api-version": "2022-11-28",
        }
        client = httpx.Client(base_url=os.environ.get("GITHUB_API_URL", API), headers=headers, timeout=30)
        return cls(repository=os.environ["GITHUB_REPOSITORY"], client=client)

    def labels(self, number: int) -> set[str]:
        """Return the labels that an issue or a pull request has now."""
        issue = cast("Issue", self._call("GET", f"/issues/{number}").json())
        return {label["name"] for label in issue["labels"]}

    def put_comment(self, number: int, *, marker: str, body: str) -> None:
        """Write the one comment that holds `marker`: rewrite it where it stands, or add it."""
        for comment in self._comments(number):
            if marker in comment["body"]:
                self._call("PATCH", f"/issues/comments/{comment['id']}", json={"body": body})
                return
        self._call("POST", f"/issues/{number}/comments", json={"body": body})

    def raise_alert(self, *, label: str, title: str, body: str) -> int:
        """Open an issue, or add to the one that is still open; return its number."""
        opened = self._call("GET", "/issues", params={"labels": label, "state": "open", "per_page": "1"})
        for issue in cast("list[Issue]", opened.json()):
            self._call("POST", f"/issues/{issue['number']}/comments", json={"body": body})
            return issue["number"]
        content: dict[str, str | list[str]] = {"title": title, "body": body, "labels": [label]}
        return cast("Issue", self._call("POST", "/issues", json=content).json())["number"]

    def successful_runs(self, workflow: str, *, branch: str) -> list[Run]:
        """Return the latest successful runs of a workflow for pushes to a branch of this repository itself."""
        answer = self._call(
            "GET",
            f"/actions/workflows/{workflow}/runs",
            params={"branch": branch, "event": "push", "status": "success", "per_page": str(_PAGE)},
        )
        # A fork may have a branch of the same name; its runs are not ours.
        return [
            run
            for run in cast("_Runs", answer.json())["workflow_runs"]
            if run["head_repository"]["full_name"] == self.repository and run["head_branch"] == branch
        ]

    def _comments(self, number: int) -> Iterator[Comment]:
        page = 1
        while True:
            answer = self._call("GET", f"/issues/{number}/comments", params={"per_page": str(_PAGE), "page": str(page)})
            comments = cast("list[Comment]", answer.json())
            yield from comments
            if len(comments) < _PAGE:
                return
            page += 1

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        json: Mapping[str, str | list[str]] | None = None,
    ) -> httpx.Response:
        answer = self.client.request(method, f"/repos/{self.repository}{path}", params=params, json=json)
        answer.raise_for_status()
        return answer
