"""Which layers can be taken back, and who does it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .aws import Aws
from .database import plan_database
from .errors import OpsError
from .model import plan_model
from .plan import Rollback
from .plan_functions import plan_functions
from .site_layer import plan_site


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What an operator asks for. to: where to, None for the step before. ignored: why alarms do not count, or ""."""

    layer: str
    to: str | None = None
    ignored: str = ""


def _functions(*names: str) -> Callable[[Aws, Wish], Rollback]:
    def plan_them(aws: Aws, wish: Wish) -> Rollback:
        if wish.to is not None and len(names) > 1:
            raise OpsError(
                f"{wish.layer} --to {wish.to}: {' and '.join(names)} count their versions apart",
                remedy="take one back at a time: " + "; ".join(f"flux ops rollback {name} --to ID" for name in names),
            )
        return plan_functions(aws, names, to=wish.to, ignored=wish.ignored)

    return plan_them


_PLANNERS: Mapping[str, Callable[[Aws, Wish], Rollback]] = {
    "api": _functions("api"),
    "webhook": _functions("webhook"),
    "workers": _functions("sync", "forecast"),
    "sync": _functions("sync"),
    "forecast": _functions("forecast"),
    "authorizer": _functions("authorizer"),
    "site": lambda aws, wish: plan_site(aws, to=wish.to),
    "model": lambda aws, wish: plan_model(aws, to=wish.to, ignored=wish.ignored),
    "database": lambda aws, wish: plan_database(aws, to=wish.to),
}

ROLLED_BACK: Sequence[str] = tuple(_PLANNERS)


def plan(aws: Aws, wish: Wish) -> Rollback:
    """Look into a rollback; nothing is changed.

    Raises:
        OpsError: it cannot be done.
    """
    return _PLANNERS[wish.layer](aws, wish)
