"""Policies as IAM reads them: case, lists, wildcards, negations and conditions."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import cast

from .model import Environment, plain
from .values import Json, as_list, as_map, as_number, as_text, as_texts
from .wanted import fill

# An account as a principal is short for its root (IAM User Guide, AWS JSON policy elements: Principal).
_ACCOUNT, _ROOT = re.compile(r"^\d{12}$"), r"arn:aws:iam::\g<0>:root"

# Operators that compare whole values. `…IfExists` and `…Not…` are left out: they also let through what has no value.
_EQUAL = {"stringequals", "arnequals", "arnlike", "stringlike"}

_NEWEST_TLS = 1.3  # a Deny of all that is older than what there is denies everything


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement. negated: which of NotAction, NotResource and NotPrincipal it uses."""

    effect: str
    principals: frozenset[str]
    actions: frozenset[str]
    resources: frozenset[str]
    conditions: Mapping[str, frozenset[str]]
    negated: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What somebody may do, and must be able to do.

    principals: `Service:…` or `AWS:…`; empty for identity policies. conditions: `operator key` to values; a statement
    may have more of them if they always hold, but not fewer. `<name>`, `<account>` and `<region>` stand for the
    environment's.
    besides: actions that it may have under the same conditions, and does not need.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: tuple[str, ...] = ()
    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    effect: str = "Allow"
    besides: tuple[str, ...] = ()


def statements(document: Json) -> list[Statement]:
    """Return a policy document's statements. CloudFormation takes a document as text, too."""
    if isinstance(document, str):
        try:
            document = cast("Json", json.loads(document))
        except ValueError:
            document = {"Statement": {"Effect": "Allow", "NotAction": document}}  # who knows what it permits
    return [_statement(as_map(body)) for body in as_list(as_map(document).get("Statement"))]


def _statement(body: Mapping[str, Json]) -> Statement:
    keys = {key.lower(): key for key in body}

    def texts(key: str) -> list[str]:
        return [plain(text) for text in as_texts(body.get(keys.get(key, "")))]

    return Statement(
        effect=as_text(body.get(keys.get("effect", ""))).capitalize(),
        principals=frozenset(_principals(body.get(keys.get("principal", "")))),
        actions=frozenset(action.lower() for action in texts("action")),
        resources=frozenset(texts("resource")),
        conditions=_flags_alike(_conditions(as_map(body.get(keys.get("condition", ""))))),
        negated=tuple(keys[key] for key in ("notaction", "notresource", "notprincipal") if key in keys),
    )


def _principals(principal: Json) -> list[str]:
    if isinstance(principal, Mapping):
        return [
            "*" if name == "*" else f"{kind}:{_ACCOUNT.sub(_ROOT, plain(name))}"
            for kind, names in principal.items()
            for name in as_texts(names)
        ]
    return as_texts(principal)


def _flags_alike(conditions: Mapping[str, frozenset[str]]) -> Mapping[str, frozenset[str]]:
    """`False` is `false` to the operators that compare booleans."""
    return {
        key: frozenset(value.lower() for value in values) if key.startswith("bool") else values
        for key, values in conditions.items()
    }


def _conditions(body: Mapping[str, Json]) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for operator, tests in body.items():
        for key, values in as_map(tests).items():
            texts = frozenset(plain(text) for text in as_texts(values))
            name = f"{_operator(operator.lower(), texts)} {key.lower()}"
            # Two operators of one kind must both hold. A Deny with one more denies less, so both are kept apart.
            found[f"{name} again" if name in found else name] = texts
    return found


def _operator(operator: str, values: Iterable[str]) -> str:
    """Return `equals` for what compares whole values. StringEquals takes a `*` for itself, and so never matches."""
    literal = operator == "stringequals" and any("*" in value for value in values)
    return "equals" if operator in _EQUAL and not literal else operator


def matches(pattern: str, text: str) -> bool:
    """Whether an IAM pattern covers a text; a text's own wildcards are covered by the same or wider ones."""
    return _expression(pattern).fullmatch(text) is not None


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    parts = [".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", pattern)]
    return re.compile("".join(parts), re.DOTALL)


def exceeds(statement: Statement, grants: Iterable[Grant], environment: Environment) -> str:
    """Return what an Allow statement permits beyond every grant; empty if nothing."""
    if statement.effect != "Allow":
        return ""
    if statement.negated:
        return f"uses {', '.join(statement.negated)}, which permits everything it does not name"
    ready = [_filled(grant, environment) for grant in grants]
    for principal in sorted(statement.principals) or [""]:
        for action in sorted(statement.actions):
            for resource in sorted(statement.resources) or [""]:
                if not any(_covers(grant, statement, principal, action, resource) for grant in ready):
                    who = f" to {principal}" if principal else ""
                    where = f" on {resource}" if resource else ""
                    return f"permits {action}{where}{who} without the conditions or the need for it"
    return ""


def lacks(found: Iterable[Statement], grant: Grant, environment: Environment) -> str:
    """Return what of a grant no statement gives; empty if all is there."""
    wanted, present = _filled(grant, environment), [statement for statement in found if not statement.negated]
    for principal in wanted.principals or ("",):
        for action in wanted.actions:
            for resource in wanted.resources or ("",):
                if not any(
                    _gives(statement, wanted, principal, action, resource, environment=environment)
                    for statement in present
                ):
                    who = f" for {principal}" if principal else ""
                    return f"no longer has {wanted.effect} {action} on {resource or 'it'}{who}"
    return ""


def _filled(grant: Grant, environment: Environment) -> Grant:
    return Grant(
        actions=tuple(action.lower() for action in grant.actions),
        resources=tuple(fill(text, environment) for text in grant.resources),
        principals=tuple(fill(text, environment) for text in grant.principals),
        conditions={
            key.lower(): tuple(fill(text, environment) for text in values) for key, values in grant.conditions.items()
        },
        effect=grant.effect,
        besides=tuple(action.lower() for action in grant.besides),
    )


def _covers(grant: Grant, statement: Statement, principal: str, action: str, resource: str) -> bool:
    return (
        (not grant.principals or principal in grant.principals)
        and bool(grant.principals) == bool(principal)
        and any(matches(pattern, action) for pattern in (*grant.actions, *grant.besides))
        and (not resource or any(matches(pattern, resource) for pattern in grant.resources))
        and _conditioned(statement, grant)
    )


def _conditioned(statement: Statement, grant: Grant) -> bool:
    return all(
        bool(statement.conditions.get(key)) and statement.conditions[key] <= set(values)
        for key, values in grant.conditions.items()
    )


def _gives(  # noqa: PLR0913 - who may do what on what
    statement: Statement, grant: Grant, principal: str, action: str, resource: str, *, environment: Environment
) -> bool:
    if grant.effect == "Deny":
        same_conditions = _denies_as_much(statement, grant)
    else:
        same_conditions = _permits_as_much(statement, grant, environment, principal)
    return (
        statement.effect == grant.effect
        and (not principal or principal in statement.principals)
        and any(matches(pattern, action) for pattern in statement.actions)
        and (not resource or any(matches(pattern, resource) for pattern in statement.resources))
        and same_conditions
    )


def _permits_as_much(statement: Statement, grant: Grant, environment: Environment, principal: str) -> bool:
    """An Allow with fewer values permits less, and so does one with a condition that may not hold."""
    if "*" in grant.principals and not grant.conditions:
        # What is for everybody is for AWS's own accounts, too: CloudFormation's bucket takes answers through endpoints.
        return not statement.conditions
    besides = [(key, values) for key, values in statement.conditions.items() if key not in grant.conditions]
    return all(statement.conditions.get(key) == frozenset(values) for key, values in grant.conditions.items()) and all(
        _always(key, values, environment, principal) for key, values in besides
    )


def _always(condition: str, values: frozenset[str], environment: Environment, principal: str) -> bool:
    """Whether a condition holds for all of Flux's own requests. Only services tell for whom they ask."""
    account = environment.account
    match condition:
        case "equals aws:sourcearn":
            return principal.startswith("Service:") and all(account in v or v.startswith("${") for v in values)
        case "equals aws:sourceaccount":
            return principal.startswith("Service:") and account in values
        case "equals aws:principalaccount" | "equals aws:resourceaccount":
            return account in values
        case "equals aws:requestedregion":
            return environment.region in values
        case _:
            return condition == "bool aws:securetransport" and values == {"true"}


def _denies_as_much(statement: Statement, grant: Grant) -> bool:
    """A Deny with one condition more denies less; TLS versions may be higher than asked for."""
    if set(statement.conditions) != set(grant.conditions):
        return False
    for key, wanted in grant.conditions.items():
        values = statement.conditions[key]
        if key.startswith("numericlessthan"):
            if not all(float(wanted[0]) <= (as_number(value) or 0) <= _NEWEST_TLS for value in values):
                return False
        elif values != set(wanted):
            return False
    return True
