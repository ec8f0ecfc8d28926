"""Which environments a command is about."""

import re
from collections.abc import Sequence

from .flux import FluxConfig
from .rules import require


def preview_of(config: FluxConfig, *, name: str) -> FluxConfig:
    """Return an environment like `config` for one pull request.

    Raises:
        ConfigError: the name is not `pr-` and a number.
    """
    require(
        re.fullmatch(r"pr-[0-9]+", name) is not None,
        "preview",
        name,
        "must be 'pr-' and a pull request's number, like -c preview=pr-123",
    )
    return config.named(name)


def select(configs: Sequence[FluxConfig], *, only: str | None) -> Sequence[FluxConfig]:
    """Return those that `only` names, separated by commas; all of them without it.

    Raises:
        ConfigError: a name is none of theirs.
    """
    if only is None:
        return configs
    names = only.split(",")
    known = [config.name for config in configs]
    for name in names:
        require(name in known, "only", name, f"no such environment; must be one of {', '.join(known)}")
    return [config for config in configs if config.name in names]
