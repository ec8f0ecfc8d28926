"""The gate: every rule, run over every environment in a folder."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..config import OptOut
from .assembly import read_environments
from .finding import Finding, Rule
from .model import Environment
from .rules import (
    alarms,
    api,
    backups,
    cache,
    database,
    edge,
    firewall,
    functions,
    iam,
    inventory,
    keeping,
    model,
    network,
    policies,
    queues,
    reach,
    references,
    releases,
    secrets,
    site,
    storage,
)

LAYERS = {
    "network": (*network.RULES, *reach.RULES),
    "data": (*database.RULES, *cache.RULES, *secrets.RULES, *storage.RULES, *backups.RULES),
    "model": (*model.RULES,),
    "compute": (*functions.RULES, *queues.RULES, *releases.RULES),
    "api": (*api.RULES,),
    "edge": (*edge.RULES, *site.RULES, *firewall.RULES),
    "monitoring": (*alarms.RULES,),
    "access": (*iam.RULES, *policies.RULES),
    "whole": (*inventory.RULES, *keeping.RULES, *references.RULES),
}
ALL_RULES: tuple[Rule, ...] = tuple(rule for rules in LAYERS.values() for rule in rules)


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """A safeguard that an environment goes without, and why."""

    environment: str
    safeguard: str
    reason: str


def judge(environments: Iterable[Environment]) -> list[Finding]:
    """Return every violation once, in the order of rules within environments."""
    found: dict[Finding, None] = {}
    for environment in environments:
        for rule in ALL_RULES:
            found.update(dict.fromkeys(rule.findings(environment)))
    return list(found)


def judge_folder(folder: Path) -> list[Finding]:
    """Judge what `cdk synth` wrote.

    Raises:
        AssemblyError: there is nothing to judge.
    """
    return judge(read_environments(folder))


def exemptions(environments: Iterable[Environment]) -> Iterator[Exemption]:
    """Yield what each environment opts out of."""
    for environment in environments:
        config = environment.config
        if config is None:
            continue
        for safeguard, value in (
            ("Database.standby", config.database.standby),
            ("Cache.failover", config.cache.failover),
            ("FluxConfig.backups", config.backups),
            ("Backups.locked", environment.backups and environment.backups.locked),
            ("Backups.copy_region", environment.backups and environment.backups.copy_region),
        ):
            if isinstance(value, OptOut):
                yield Exemption(environment=config.name, safeguard=safeguard, reason=value.reason)
        if config.disposable:
            reason = "environments.py declares it disposable: its data may be deleted with its stacks"
            yield Exemption(environment=config.name, safeguard="retention of state", reason=reason)
