"""Safeguards that an environment's configuration goes without, each with its reason."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING

from flux_infra.config import FluxConfig, OptOut

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def opt_outs(config: FluxConfig | None) -> Mapping[str, str]:
    """Return the reason of every OptOut in a configuration, wherever it stands, by the safeguard's name."""
    return {} if config is None else dict(_opted_out(config))


def _opted_out(settings: "DataclassInstance") -> Iterator[tuple[str, str]]:
    for field in fields(settings):
        value: object = getattr(settings, field.name)
        if isinstance(value, OptOut):
            yield f"{type(settings).__name__}.{field.name}", value.reason
        elif is_dataclass(value) and not isinstance(value, type):
            yield from _opted_out(value)
