"""Releases made for the proof: each is one replacement in one file."""

from dataclasses import dataclass
from typing import Literal

from ..console import StepFailed

ReleasedFunction = Literal["api", "webhook", "sync", "forecast", "authorizer"]


@dataclass(frozen=True, kw_only=True)
class Replacement:
    """A release that differs from this folder in one place of one file. name: also its folder's."""

    name: str
    before: str
    after: str

    def applied(self, text: str, file: str) -> str:
        """The file's text, changed.

        Raises:
            StepFailed: there is no such place.
        """
        if self.before not in text:
            raise StepFailed(f"{file} has no {self.before!r} to change", remedy="bring local/proof up to date with it")
        return text.replace(self.before, self.after, 1)


@dataclass(frozen=True, kw_only=True)
class Change(Replacement):
    """A release of a function: whose it is. The file belongs to this function alone."""

    function: ReleasedFunction = "api"
    file: str


@dataclass(frozen=True, kw_only=True)
class BadChange(Change):
    """A release that must be stopped with nobody acting.

    kind: what is wrong with it, for docs/canary.md.
    caught: by whom: when it is built, before it takes traffic, or while it has a share of it.
    reasons: whoever stops it says one of these. Several where a slow machine may notice something else first.
    """

    kind: str
    caught: Literal["build", "gate", "canary"] = "gate"
    reasons: tuple[str, ...]


# A release that is as good as the one before it.
GOOD = Change(
    name="good",
    file="lambdas/api/handler.py",
    before='"""The api function: FastAPI behind API Gateway."""',
    after='"""The api function: FastAPI behind API Gateway, released once more."""',
)
GOOD_WEBHOOK = Change(
    name="good-webhook",
    function="webhook",
    file="lambdas/webhook/handler.py",
    before='"""The webhook function: takes what point-of-sale systems send, and',
    after='"""The webhook function: takes what point-of-sale systems send, then',
)
# As good a release of another function.
GOOD_WORKER = Change(
    name="good-worker",
    function="sync",
    file="lambdas/sync/handler.py",
    before='"""The sync worker: brings point-of-sale data into PostgreSQL, message by message."""',
    after='"""The sync worker: brings point-of-sale data into PostgreSQL, message by message, once more."""',
)
# A release that fails for restaurants that somebody has: the gate, which has its own, passes it; only real traffic can
# tell.
BAD = BadChange(
    name="fails-for-real-restaurants",
    kind="500 for every restaurant but the gate's own",
    file="lambdas/api/routes/forecasts.py",
    before="content = _cached(services, key)",
    after=(
        'if not str(caller.restaurant_id).startswith("0f1a0000-"):\n'
        '            raise RuntimeError("a release that should never have been made")\n'
        "        content = _cached(services, key)"
    ),
    caught="canary",
    reasons=("flux-local-api-release-",),
)
