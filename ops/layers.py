"""Which layers can be rolled back, and who does it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flux_infra.config import RELEASED_FUNCTIONS, WORKERS

from .aws import Aws
from .database import plan_database
from .errors import OpsError
from .model import plan_model
from .plan import Rollback
from .plan_functions import plan_functions
from .site_layer import plan_site


@dataclass(frozen=True, kw_only=True)
class RollbackRequest:
    """What an operator asks for. to: where to, None for the step before. ignored: why alarms do not count, or ""."""

    layer: str
    to: str | None = None
    ignored: str = ""


def _functions(*names: str) -> Callable[[Aws, RollbackRequest], Rollback]:
    def plan_them(aws: Aws, request: RollbackRequest) -> Rollback:
        if request.to is not None and len(names) > 1:
            raise OpsError(
                f"{request.layer} --to {request.to}: {' and '.join(names)} count their versions apart",
                remedy="roll them back one at a time: "
                + "; ".join(f"./flux rollback {name} --to ID" for name in names),
            )
        return plan_functions(aws, names, to=request.to, ignored=request.ignored)

    return plan_them


_PLANNERS: Mapping[str, Callable[[Aws, RollbackRequest], Rollback]] = {
    **{name: _functions(name) for name in RELEASED_FUNCTIONS},
    "workers": _functions(*WORKERS),
    "site": lambda aws, request: plan_site(aws, to=request.to),
    "model": lambda aws, request: plan_model(aws, to=request.to, ignored=request.ignored),
    "database": lambda aws, request: plan_database(aws, to=request.to),
}

ROLLED_BACK: Sequence[str] = tuple(_PLANNERS)


def plan(aws: Aws, request: RollbackRequest) -> Rollback:
    """Look into a rollback; nothing is changed.

    Raises:
        OpsError: it cannot be done.
    """
    return _PLANNERS[request.layer](aws, request)
