"""The few things that workflows ask of GitHub, with the job's own token."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count
from typing import Self

import httpx

API = "https://api.github.com"
_PAGE = 100


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
        return {str(label["name"]) for label in self._call("GET", f"/issues/{number}").json()["labels"]}

    def pull_request_state(self, number: int) -> str | None:
        """Return "open" or "closed"; None where there is no such pull request."""
        answer = self.client.get(f"/repos/{self.repository}/pulls/{number}")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        answer.raise_for_status()
        return str(answer.json()["state"])

    def put_comment(self, number: int, *, marker: str, body: str) -> None:
        """Write the one comment that holds `marker`: rewrite it where it stands, or add it."""
        for page in count(1):
            comments = self._call(
                "GET", f"/issues/{number}/comments", params={"per_page": str(_PAGE), "page": str(page)}
            ).json()
            for comment in comments:
                if marker in comment["body"]:
                    self._call("PATCH", f"/issues/comments/{comment['id']}", json={"body": body})
                    return
            if len(comments) < _PAGE:
                break
        self._call("POST", f"/issues/{number}/comments", json={"body": body})

    def raise_alert(self, *, label: str, title: str, body: str) -> int:
        """Open an issue, or add to the one that is still open; return its number."""
        opened = self._call("GET", "/issues", params={"labels": label, "state": "open", "per_page": "1"})
        for issue in opened.json():
            self._call("POST", f"/issues/{issue['number']}/comments", json={"body": body})
            return int(issue["number"])
        return int(
            self._call("POST", "/issues", json={"title": title, "body": body, "labels": [label]}).json()["number"]
        )

    def successful_run(self, workflow: str, *, branch: str, tree: str) -> int | None:
        """Return the latest successful run of a workflow for a push to a branch of this repository itself.

        tree: the hash of all files at its commit; equal for equal files, whatever their history.
        """
        answer = self._call(
            "GET",
            f"/actions/workflows/{workflow}/runs",
            params={"branch": branch, "event": "push", "status": "success", "per_page": str(_PAGE)},
        )
        # A fork may have a branch of the same name; its runs are not ours.
        wanted = (self.repository, branch, tree)
        for run in answer.json()["workflow_runs"]:
            if (run["head_repository"]["full_name"], run["head_branch"], run["head_commit"]["tree_id"]) == wanted:
                return int(run["id"])
        return None

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
