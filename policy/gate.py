"""The gate's rules, run over every environment in a folder."""

from collections.abc import Iterable

from .acknowledgement import is_acknowledged
from .finding import Finding, Rule
from .model import Environment
from .rules import access, alarms, edge, functions, messages, network, properties, secrets, state

_FILES = (properties, access, network, messages, functions, edge, alarms, state, secrets)
ALL_RULES: tuple[Rule, ...] = tuple(rule for file in _FILES for rule in file.RULES)


def judge(environments: Iterable[Environment]) -> list[Finding]:
    """Return every violation once, in the order of rules within environments; not what the ledger lets stay."""
    pairs = (pair for environment in environments for rule in ALL_RULES for pair in rule.findings(environment))
    return list(dict.fromkeys(finding for found, finding in pairs if not is_acknowledged(found)))
