"""Releases made for the proof: each is one replacement in one file."""

from dataclasses import dataclass
from typing import Literal

from ..console import StepFailed

ReleasedFunction = Literal["api", "webhook", "sync"]


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

    caught: by whom: when it is built, before it takes traffic, or while it has a share of it.
    reasons: whoever stops it says one of these. Several where a slow machine may notice something else first.
    """

    caught: Literal["build", "gate", "canary"] = "gate"
    reasons: tuple[str, ...]


# A release that is as good as the one before it.
GOOD = Change(
    name="good",
    file="lambdas/api/handler.py",
    before='"""The api function: FastAPI behind API Gateway."""',
    after='"""The api function: FastAPI behind API Gateway, released once more."""',
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
BAD = Change(
    name="bad",
    file="lambdas/api/routes/forecasts.py",
    before="content = services.cache.get(key)",
    after=(
        'if not str(caller.restaurant_id).startswith("0f1a0000-"):\n'
        '            raise RuntimeError("a release that should never have been made")\n'
        "        content = services.cache.get(key)"
    ),
)

_ANSWER = 'return _adapter()(event, cast("MangumContext", context))'

REFUSED = (
    BadChange(
        name="import-error",
        file="lambdas/api/handler.py",
        before="from .application import build_application",
        after="from .application import build_aplication as build_application",
        caught="build",
        reasons=("cannot import name 'build_aplication'",),
    ),
    BadChange(
        name="missing-dependency",  # tests have httpx; the function's bundle does not
        file="lambdas/api/handler.py",
        before="from mangum import Mangum",
        after="import httpx\nfrom mangum import Mangum",
        caught="build",
        reasons=("No module named 'httpx'",),
    ),
    BadChange(
        name="missing-dependency-of-a-second-page",  # nothing imports it before somebody turns a page
        file="lambdas/api/cursors.py",
        before="content = base64.b64decode",
        after="import httpx\n\n            content = httpx and base64.b64decode",
        caught="build",
        reasons=("No module named 'httpx'",),
    ),
    BadChange(
        name="one-route-answers-500",
        file="lambdas/api/routes/transactions.py",
        before="after = None if cursor is None else _decode(cursor)",
        after='raise RuntimeError("one route is broken")',
        reasons=("transactions: statusCode is 500, must be 200",),
    ),
    BadChange(
        name="another-json-shape",
        file="lambdas/api/routes/forecasts.py",
        before="content = found.model_dump_json().encode()",
        after='content = found.model_dump_json().replace("quantity", "amount").encode()',
        reasons=("forecasts: the body does not look like Forecasts: items.0.quantity: Field required",),
    ),
    BadChange(
        name="five-times-as-slow",  # a request takes 50 ms here, most of it on its way to the function
        file="lambdas/api/handler.py",
        before=_ANSWER,
        after=f'__import__("time").sleep(0.2)\n    {_ANSWER}',
        reasons=("ms at best, the live version", "answers took", "answered after"),
    ),
    BadChange(
        name="memory-leak",  # 128 MiB a request
        file="lambdas/api/handler.py",
        before=_ANSWER,
        after=f'_adapter.__dict__.setdefault("leak", []).append(b"x" * 2**27)\n    {_ANSWER}',
        reasons=("signal: killed", "failed once", "answers took", "answered after", "memory grows"),
    ),
    BadChange(
        name="unreadable-secret",
        function="webhook",
        file="lambdas/webhook/handler.py",
        before="subscription=settings.square_webhook_secret",
        after='subscription="square-webhook-secret"',
        reasons=("statusCode is 503, must be",),
    ),
    BadChange(
        name="every-message-is-poison",
        function="sync",
        file="lambdas/sync/worker.py",
        before="message = POS_SYNC.validate_json(body)",
        after='message = POS_SYNC.validate_json(body + "}")',
        reasons=('batch of three: batchItemFailures is [{"itemIdentifier": "0"}',),
    ),
)
"""Releases that never reach a user: the gate refuses them before traffic moves."""
