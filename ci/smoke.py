"""Whether a deployed environment answers, as its users meet it: `python -m ci.smoke OUTPUTS`.

OUTPUTS is the file that `cdk deploy --outputs-file` wrote; the public address stands in it. Everything goes through
CloudFront, so a mistake at the edge is seen too.
"""

import json
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import cast

import httpx

# CloudFront serves a new distribution, and a changed key-value store, within minutes ("Deployed" takes 2 to 5).
PATIENCE_SECONDS = 300.0
PAUSE_SECONDS = 5.0


class SmokeError(RuntimeError):
    """The environment does not answer as it should; the message says what was asked and what came."""


def site_opens(visitor: httpx.Client) -> None:
    """The site's first page is HTML, and every script it names arrives as one."""
    page = _get(visitor, "/", HTTPStatus.OK)
    _require(page.headers.get("content-type", "").startswith("text/html"), "GET /", "not HTML", page)
    scripts = re.findall(r'<script[^>]+src="(/[^"]+\.js)"', page.text)
    _require(scripts, "GET /", "a page that loads no script", page)
    for script in dict.fromkeys(scripts):
        answer = _get(visitor, script, HTTPStatus.OK)
        _require("javascript" in answer.headers.get("content-type", ""), f"GET {script}", "not JavaScript", answer)


def strangers_are_refused(visitor: httpx.Client) -> None:
    """Nobody reads forecasts without a token, and no cache keeps what the API says."""
    answer = _get(visitor, "/api/v1/forecasts", HTTPStatus.UNAUTHORIZED)
    _require(
        "no-store" in answer.headers.get("cache-control", ""), "GET /api/v1/forecasts", "an answer to cache", answer
    )


def forged_sales_are_refused(visitor: httpx.Client) -> None:
    """An event that Square did not sign is turned away."""
    answer = visitor.post("/api/v1/webhooks/square", json={}, headers={"x-square-hmacsha256-signature": "forged"})
    _require(
        answer.status_code == HTTPStatus.UNAUTHORIZED, "POST /api/v1/webhooks/square", "a forged event taken", answer
    )


# By what is proved, for people; each raises SmokeError unless it holds.
CHECKS: Mapping[str, Callable[[httpx.Client], object]] = {
    "the API answers": lambda visitor: _get(visitor, "/api/v1/health", HTTPStatus.OK),
    "the API reaches its database and its cache": lambda visitor: _get(visitor, "/api/v1/ready", HTTPStatus.OK),
    "strangers are refused": strangers_are_refused,
    "forged sales are refused": forged_sales_are_refused,
    "the site opens, with its scripts": site_opens,
}


def smoke(visitor: httpx.Client, *, patience: float, pause: float, say: Callable[[str], None]) -> None:
    """Make every check, each again until it holds.

    Args:
        visitor: a client whose base address is the public one.
        patience: seconds for all checks together.
        pause: seconds between two attempts.
        say: told of every check that holds.

    Raises:
        SmokeError: a check does not hold, even after waiting.
    """
    deadline = time.monotonic() + patience
    for name, check in CHECKS.items():
        while True:
            try:
                check(visitor)
                break
            except (SmokeError, httpx.TransportError) as error:
                if time.monotonic() + pause > deadline:
                    raise SmokeError(str(error)) from error
            time.sleep(pause)
        say(f"smoke: {name}")


def public_address(outputs: Path) -> str:
    """Return the site's address from the outputs of a deployment.

    Raises:
        SmokeError: the deployment has put out none, or several.
    """
    stacks = cast("dict[str, dict[str, str]]", json.loads(outputs.read_text()))
    found = [values["SiteUrl"] for values in stacks.values() if "SiteUrl" in values]
    if len(found) != 1:
        raise SmokeError(
            f"{outputs} holds {len(found)} SiteUrl outputs instead of one; was the Frontend stack deployed?"
        )
    return found[0]


def _get(visitor: httpx.Client, path: str, expected: HTTPStatus) -> httpx.Response:
    answer = visitor.get(path)
    _require(answer.status_code == expected, f"GET {path}", f"{answer.status_code} instead of {expected.value}", answer)
    return answer


def _require(holds: object, asked: str, came: str, answer: httpx.Response) -> None:
    if not holds:
        raise SmokeError(f"{asked} at {answer.url}: {came}; it begins {answer.text[:200]!r}")


def main(arguments: Sequence[str]) -> int:
    """Check; 0 when all holds, 1 with what does not on stderr."""
    (outputs,) = arguments
    try:
        address = public_address(Path(outputs))
        with httpx.Client(base_url=address, timeout=30, headers={"user-agent": "flux-smoke-test"}) as visitor:
            smoke(visitor, patience=PATIENCE_SECONDS, pause=PAUSE_SECONDS, say=lambda line: print(line, flush=True))  # noqa: T201 - a command's answer
    except SmokeError as error:
        sys.stderr.write(f"smoke: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
