"""Denials: one that takes away what a role needs is work that fails, any other only makes it stricter."""

from collections.abc import Iterable

from .model import Environment
from .statements import Grant, Statement, matches
from .wanted import fill


def takes_away(statement: Statement, grants: Iterable[Grant], environment: Environment) -> str:
    """Return what of the grants a role's own Deny takes away; empty if nothing."""
    if statement.effect != "Deny" or _never_holds(statement, environment):
        return ""
    for grant in grants:
        for action in grant.actions:
            for resource in grant.resources:
                if statement.negated or (
                    any(_meet(pattern, action.lower()) for pattern in statement.actions)
                    and any(_meet_on(pattern, fill(resource, environment)) for pattern in statement.resources)
                ):
                    return f"denies itself {action} on {resource}"
    return ""


def _meet(denied: str, needed: str) -> bool:
    return matches(denied, needed) or matches(needed, denied)


def _meet_on(denied: str, needed: str) -> bool:
    """A pattern may cover whatever a reference stands for."""
    return _meet(denied, needed) or ("${" in needed and any(wild in denied for wild in "*?"))


def _never_holds(statement: Statement, environment: Environment) -> bool:
    """Whether a condition is one that requests of Flux's own roles never meet."""
    regions = {environment.region, environment.copy_region or environment.region}
    for condition, values in statement.conditions.items():
        match condition.replace("ifexists ", " ").split():
            case ["bool", "aws:securetransport"] if values == {"false"}:
                return True
            case ["numericlessthan", "s3:tlsversion"]:
                return True
            case ["stringnotequals" | "stringnotlike", "aws:principalaccount" | "aws:resourceaccount"]:
                return environment.account in values
            case ["stringnotequals" | "stringnotlike", "aws:requestedregion"]:
                return regions <= values
    return False
