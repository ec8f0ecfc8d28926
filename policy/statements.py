"""Policies as IAM reads them: case, lists, wildcards, negations and conditions."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast

from .model import Environment, Resource, plain
from .values import Json, as_list, as_map, as_text, as_texts

# An account as a principal is short for its root (IAM User Guide, AWS JSON policy elements: Principal).
_ACCOUNT, _ROOT = re.compile(r"^\d{12}$"), r"arn:aws:iam::\g<0>:root"

# Operators that compare whole values. `...IfExists` and `...Not...` are left out: they also pass what has no value.
_EQUAL = {"stringequals", "arnequals", "arnlike", "stringlike"}

ROLE = "AWS::IAM::Role"
POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement. negated: which of NotAction, NotResource and NotPrincipal it uses."""

    effect: str
    principals: frozenset[str]
    actions: frozenset[str]
    resources: frozenset[str]
    conditions: Mapping[str, frozenset[str]]
    negated: tuple[str, ...] = ()

    def allows(self, action: str) -> bool:
        """Whether it permits an action (in lower case), by its name or by a wildcard."""
        return self.effect == "Allow" and any(matches(pattern, action) for pattern in self.actions)


@dataclass(frozen=True, kw_only=True)
class Document:
    """A policy in a template.

    holder: the resource it stands in. kind: identity (what a role may do), trust (who may take a role), resource (who
    may use it), or endpoint (what may pass).
    """

    holder: Resource
    kind: str
    body: Json

    @property
    def statements(self) -> list[Statement]:
        """The document's statements."""
        return statements(self.body)


def documents(environment: Environment) -> Iterator[Document]:
    """Yield every policy in an environment, wherever its properties hold one; permissions of functions included."""
    for resource in environment.resources():
        if resource.type == "AWS::Lambda::Permission":
            yield Document(holder=resource, kind="resource", body=_permission(resource))
            continue
        for path, body in _within(resource.properties, ""):
            yield Document(holder=resource, kind=_kind(resource, path), body=body)


def _within(value: Json, path: str) -> Iterator[tuple[str, Json]]:
    """Yield what reads like a policy: statements that have an Effect, which a firewall's have not."""
    if isinstance(value, str) and value.startswith("{") and '"Statement"' in value:
        value = _parsed(value)
    if isinstance(value, Mapping):
        if any("Effect" in as_map(statement) for statement in as_list(value.get("Statement"))):
            yield path, value
            return
        for key, item in value.items():
            yield from _within(item, f"{path}.{key}")
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from _within(item, path)


def _kind(resource: Resource, path: str) -> str:
    if path == ".AssumeRolePolicyDocument":
        return "trust"
    if resource.type in (ROLE, *POLICIES):
        return "identity"
    return "endpoint" if resource.type == "AWS::EC2::VPCEndpoint" else "resource"


def _permission(resource: Resource) -> Json:
    """Return the policy statement that a function's permission adds (Lambda API, AddPermission)."""
    principal = resource.text("Principal")
    conditions: dict[str, Json] = {}
    if resource.get("SourceArn"):
        conditions["ArnLike"] = {"aws:SourceArn": resource.get("SourceArn")}
    if resource.get("SourceAccount") or resource.get("PrincipalOrgID"):
        accounts = {
            "aws:SourceAccount": resource.get("SourceAccount"),
            "aws:PrincipalOrgID": resource.get("PrincipalOrgID"),
        }
        conditions["StringEquals"] = {key: value for key, value in accounts.items() if value}
    statement: Json = {
        "Effect": "Allow",
        "Principal": {"Service" if "amazonaws.com" in principal else "AWS": principal},
        "Action": resource.get("Action"),
        "Resource": resource.get("FunctionName"),
        "Condition": conditions,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def attached(environment: Environment, role: Resource) -> Iterator[tuple[Resource, Json]]:
    """Yield the role's policies: inline ones, and those that name it."""
    for policy in role.items("Policies"):
        yield role, policy.get("PolicyDocument")
    for policy_resource in environment.of(*POLICIES):
        named = [*policy_resource.texts("Roles"), policy_resource.text("RoleName")]
        if role.refers() in named or policy_resource.refers() in role.texts("ManagedPolicyArns"):
            yield policy_resource, policy_resource.get("PolicyDocument")


def statements(document: Json) -> list[Statement]:
    """Return a policy document's statements. CloudFormation takes a document as text, too."""
    body = _parsed(document) if isinstance(document, str) else document
    return [_statement(as_map(statement)) for statement in as_list(as_map(body).get("Statement"))]


def _parsed(text: str) -> Json:
    try:
        return cast("Json", json.loads(text))
    except ValueError:
        return {"Statement": {"Effect": "Allow", "NotAction": text}}  # nobody knows what it permits


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
