"""Which layers can be rolled back, and who does it."""

from collections.abc import Sequence

from flux_infra.config import RELEASED_FUNCTIONS, WORKERS

from .aws import Aws
from .database import plan_database
from .errors import OpsError
from .live_model import plan_model
from .plan import Rollback
from .rollback_functions import plan_functions
from .site import plan_site

ROLLED_BACK: Sequence[str] = (*RELEASED_FUNCTIONS, "workers", "site", "model", "database")


def plan(aws: Aws, layer: str, *, to: str | None = None, ignored: str = "") -> Rollback:
    """Look into a rollback; nothing is changed.

    layer: of ROLLED_BACK. to: where to, None for the step before. ignored: why alarms do not count, or "".

    Raises:
        OpsError: it cannot be done.
    """
    match layer:
        case "site":
            return plan_site(aws, to=to)
        case "model":
            return plan_model(aws, to=to, ignored=ignored)
        case "database":
            return plan_database(aws, to=to)
        case "workers" if to is not None:
            raise OpsError(
                f"workers --to {to}: {' and '.join(WORKERS)} count their versions apart",
                remedy="roll them back one at a time: "
                + "; ".join(f"./flux rollback {name} --to ID" for name in WORKERS),
            )
        case _:
            return plan_functions(aws, WORKERS if layer == "workers" else [layer], to=to, ignored=ignored)
