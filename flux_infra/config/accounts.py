"""Which environments may live in one AWS account."""

from collections.abc import Iterable

from .flux import FluxConfig
from .rules import require


def require_own_accounts(environments: Iterable[FluxConfig]) -> None:
    """Check that every environment that must live alone in its account does.

    Raises:
        ConfigError: two environments share an account and nobody said why.
    """
    everyone = tuple(environments)
    for config in everyone:
        if config.ephemeral or config.own_account is not True:
            continue
        others = [other.name for other in everyone if other.account == config.account and other.name != config.name]
        require(
            not others,
            "FluxConfig.account",
            config.account,
            f"{config.name} shares it with {', '.join(others)}; give {config.name} an account of its own, or say why "
            "not with own_account=OptOut(reason=...)",
        )
