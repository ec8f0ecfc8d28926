"""Safeguards that an environment's configuration goes without, each with its reason."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING

from flux_infra.config import FluxConfig, OptOut

from .model import Environment

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """A safeguard that an environment goes without, and why."""

    environment: str
    safeguard: str
    reason: str


def opt_outs(config: FluxConfig | None) -> Mapping[str, str]:
    """Return the reason of every OptOut in a configuration, wherever it stands, by the safeguard's name."""
    return {} if config is None else dict(_opted_out(config))


def exemptions(environments: Iterable[Environment]) -> Iterator[Exemption]:
    """Yield what each environment opts out of."""
    for environment in environments:
        for safeguard, reason in opt_outs(environment.config).items():
            yield Exemption(environment=environment.name, safeguard=safeguard, reason=reason)


def _opted_out(settings: "DataclassInstance") -> Iterator[tuple[str, str]]:
    for field in fields(settings):
        value: object = getattr(settings, field.name)
        if isinstance(value, OptOut):
            yield f"{type(settings).__name__}.{field.name}", value.reason
        elif is_dataclass(value) and not isinstance(value, type):
            yield from _opted_out(value)
