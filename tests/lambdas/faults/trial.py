"""One cell tried out: asked while all is well, while something fails, and until all is well again."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from ..support.platform import Platform
from .answering import Api, Authorizer, Webhook
from .cells import Cell, Who
from .dependencies import proxied
from .functions import Account, Function
from .invoking import Answer
from .operating import Migrate, Rotation
from .working import Forecast, Sync

# Square is left alone for half a minute after it has failed, and so is a cache.
LONGEST_RECOVERY_SECONDS = 90.0
_PAUSE_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Found:
    """What became of a cell.

    connected, new: the answers of an instance that worked before, and of one that starts while something fails.
    recovery: seconds until everything was done after nothing failed any more; None if it did not come to that.
    """

    function: Function
    connected: Answer
    new: Answer
    recovery: float | None
    account: Account

    def wrong(self) -> Iterator[str]:
        """What is not as it should be."""
        for instance, answer in (("a connected", self.connected), ("a new", self.new)):
            if not self.function.is_right(answer):
                yield f"{instance} instance: {answer.text} after {answer.seconds} s of {self.function.timeout}"
        if not self.function.spares(self.connected):
            yield f"what needs nothing that fails was not done: {self.connected.text}"
        if self.recovery is None:
            yield f"it has not recovered in {LONGEST_RECOVERY_SECONDS:.0f} s"
        account = self.account
        if account.lost or account.dead:
            yield f"lost {account.lost}, dead letters {account.dead}"


def run_trial(platform: Platform, cell: Cell) -> Found:
    """Let it fail, and see."""
    with ExitStack() as stack:
        dependencies = stack.enter_context(proxied(platform))
        function = _function(platform, cell, stack)
        stack.callback(function.renew)
        function.renew()
        before = function.ask()
        assert before.served, f"while nothing fails: {before}"
        with dependencies.failing(cell.dependency, cell.way):
            connected = function.ask()
            function.renew()
            new = function.ask()
        recovery = _recovery(function)
        return Found(function=function, connected=connected, new=new, recovery=recovery, account=function.account())


def _recovery(function: Function) -> float | None:
    began = time.monotonic()
    while time.monotonic() - began < LONGEST_RECOVERY_SECONDS:
        if function.recovers():
            return round(time.monotonic() - began, 1)
        time.sleep(_PAUSE_SECONDS)
    return None


def _function(platform: Platform, cell: Cell, stack: ExitStack) -> Function:
    workers: dict[Who, type[Sync | Forecast]] = {"sync": Sync, "forecast": Forecast}
    match cell.who:
        case "api":
            return Api(platform, cell.dependency)
        case "webhook":
            return Webhook(platform)
        case "authorizer":
            return Authorizer()
        case "migrate":
            return Migrate(stack)
        case "rotation":
            return Rotation(platform, cell.dependency, stack=stack)
        case worker:
            return workers[worker](platform, cell.dependency, stack=stack)
