"""The gate's rules, run over every environment in a folder."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from .acknowledgement import Found
from .assembly import read_environments
from .finding import Finding, Rule
from .model import Environment
from .rules import (
    access,
    alarms,
    cache,
    database,
    edge,
    functions,
    messages,
    network,
    properties,
    secrets,
    state,
    storage,
)

_FILES = (properties, access, network, database, cache, storage, messages, functions, edge, alarms, state, secrets)
ALL_RULES: tuple[Rule, ...] = tuple(rule for file in _FILES for rule in file.RULES)


def violations(environments: Iterable[Environment]) -> Iterator[Finding]:
    """Yield what each rule finds, as it is found; the same again if it holds for several readings of a stage."""
    for environment in environments:
        for rule in ALL_RULES:
            yield from rule.findings(environment)


def judge(environments: Iterable[Environment]) -> list[Finding]:
    """Return every violation once, in the order of rules within environments."""
    return list(dict.fromkeys(violations(environments)))


def acknowledged(environments: Iterable[Environment]) -> set[Found]:
    """Return what the ledger lets stay of what our rules find."""
    return {found for environment in environments for rule in ALL_RULES for found in rule.acknowledged(environment)}


def judge_folder(folder: Path) -> list[Finding]:
    """Judge what `cdk synth` wrote.

    Raises:
        AssemblyError: there is nothing to judge.
    """
    return judge(read_environments(folder))
