"""The gate: every rule, run over every environment in a folder."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flux_infra.config import OptOut

from .assembly import read_environments
from .finding import Finding, Rule
from .model import Environment
from .rules import (
    accounts,
    alarms,
    alerts,
    api,
    backups,
    cache,
    callers,
    code,
    database,
    database_events,
    domain,
    edge,
    firewall,
    functions,
    generated,
    guardrails,
    iam,
    inventory,
    keeping,
    known,
    literals,
    logs,
    model,
    network,
    order,
    outputs,
    parameters,
    policies,
    queues,
    reach,
    references,
    releases,
    rotation,
    routes,
    schedules,
    secrets,
    site,
    storage,
    strangers,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

LAYERS = {
    "network": (*network.RULES, *routes.RULES, *reach.RULES),
    "data": (
        *(*database.RULES, *parameters.RULES, *cache.RULES, *storage.RULES, *backups.RULES),
        *(*secrets.RULES, *generated.RULES, *rotation.RULES),
    ),
    "model": (*model.RULES, *guardrails.RULES),
    "compute": (
        *(*functions.RULES, *code.RULES, *callers.RULES, *strangers.RULES),
        *(*queues.RULES, *schedules.RULES, *releases.RULES, *order.RULES),
    ),
    "api": (*api.RULES,),
    "edge": (*edge.RULES, *site.RULES, *firewall.RULES, *domain.RULES),
    "monitoring": (*alarms.RULES, *alerts.RULES, *database_events.RULES),
    "access": (*iam.RULES, *policies.RULES, *accounts.RULES),
    "whole": (
        *(*literals.RULES, *inventory.RULES, *known.RULES, *keeping.RULES, *logs.RULES),
        *(*references.RULES, *outputs.RULES),
    ),
}
ALL_RULES: tuple[Rule, ...] = tuple(rule for rules in LAYERS.values() for rule in rules)


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """A safeguard that an environment goes without, and why."""

    environment: str
    safeguard: str
    reason: str


def violations(environments: Iterable[Environment]) -> Iterator[Finding]:
    """Yield what each rule finds, as it is found; the same again if it holds for several readings of a stage."""
    for environment in environments:
        for rule in ALL_RULES:
            yield from rule.findings(environment)


def judge(environments: Iterable[Environment]) -> list[Finding]:
    """Return every violation once, in the order of rules within environments."""
    return list(dict.fromkeys(violations(environments)))


def judge_folder(folder: Path) -> list[Finding]:
    """Judge what `cdk synth` wrote.

    Raises:
        AssemblyError: there is nothing to judge.
    """
    return judge(read_environments(folder))


def exemptions(environments: Iterable[Environment]) -> Iterator[Exemption]:
    """Yield what each environment opts out of: every OptOut in its configuration, wherever it stands."""
    for environment in environments:
        config = environment.config
        if config is not None:
            for safeguard, opted_out in _opted_out(config):
                yield Exemption(environment=config.name, safeguard=safeguard, reason=opted_out.reason)


def _opted_out(settings: "DataclassInstance") -> Iterator[tuple[str, OptOut]]:
    for field in fields(settings):
        value: object = getattr(settings, field.name)
        if isinstance(value, OptOut):
            yield f"{type(settings).__name__}.{field.name}", value
        elif is_dataclass(value) and not isinstance(value, type):
            yield from _opted_out(value)
