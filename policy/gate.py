"""The gate's rules, run over every environment in a folder."""

from collections.abc import Iterable

from .acknowledgement import Found, is_acknowledged
from .finding import Finding, Rule
from .model import Environment
from .rules import access, alarms, edge, functions, logins, messages, network, properties, secrets, state

_FILES = (properties, access, network, logins, messages, functions, edge, alarms, state, secrets)
ALL_RULES: tuple[Rule, ...] = tuple(rule for file in _FILES for rule in file.RULES)


def _findings(environments: Iterable[Environment]) -> list[tuple[Found, Finding]]:
    return [found for environment in environments for rule in ALL_RULES for found in rule.findings(environment)]


def judge(environments: Iterable[Environment]) -> list[Finding]:
    """Return every violation once, in the order of rules within environments; not what the ledger lets stay."""
    return list(dict.fromkeys(finding for found, finding in _findings(environments) if not is_acknowledged(found)))


def acknowledged(environments: Iterable[Environment]) -> set[Found]:
    """Return what the ledger lets stay of what our rules find."""
    return {found for found, _ in _findings(environments) if is_acknowledged(found)}
