"""What a function keeps for the life of its instance."""

from api import handler as api
from authorizer import handler as authorizer
from forecast import handler as forecast
from migrate import handler as migrate
from probe import handler as probe
from release_gate import handler as release_gate
from rotation import handler as rotation
from sync import handler as sync
from webhook import handler as webhook


def end_instances() -> None:
    """Forget it. It leads to one platform's addresses, and pytest may start another one for later files."""
    for handler in (api, authorizer, forecast, migrate, probe, release_gate, rotation, sync, webhook):
        for kept in vars(handler).values():
            if hasattr(kept, "cache_clear"):
                kept.cache_clear()
