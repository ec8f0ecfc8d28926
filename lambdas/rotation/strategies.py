"""Which strategy a function follows."""

from collections.abc import Callable, Mapping

from .cache_login import build_cache_login
from .database_login import build_database_login
from .origin import build_origin
from .settings import Kind
from .square_webhook import build_square_webhook
from .strategy import Strategy
from .token_key import TokenKeyRotation

STRATEGIES: Mapping[Kind, Callable[[], Strategy]] = {
    "database-login": build_database_login,
    "cache-login": build_cache_login,
    "token-key": TokenKeyRotation,
    "square-webhook": build_square_webhook,
    "origin": build_origin,
}
