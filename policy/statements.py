"""Policies as IAM reads them (IAM User Guide, "IAM JSON policy elements"), for rules and surface alike."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import cast

from .model import Environment, Resource, plain
from .values import Json, as_list, as_map, as_text, as_texts

_ABOUT = ("Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal")
_ELEMENTS = ("Sid", "Effect", *_ABOUT, "Condition")
_BY_LOWER_CASE = {element.lower(): element for element in _ELEMENTS}
# An account as a principal is short for its root.
_ROOT = re.compile(r"(?:arn:aws:iam::)?(\d{12})(?::root)?")
# Operators that compare whole values. `...IfExists` and `...Not...` are left out: they also pass what has no value.
_EQUAL = {"stringequals", "arnequals", "arnlike", "stringlike"}

ROLE = "AWS::IAM::Role"
POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement. written: as it stands in the template. parts: its elements by IAM's names, which have no case."""

    written: Json
    parts: Mapping[str, Json]

    @property
    def readable(self) -> bool:
        """Whether it holds elements of IAM only, and an effect that IAM knows."""
        return self.effect in ("Allow", "Deny") and set(self.parts) <= set(_ELEMENTS)

    @property
    def effect(self) -> str:
        """Allow, Deny, or what IAM refuses."""
        return as_text(self.parts.get("Effect"))

    @property
    def negated(self) -> list[str]:
        """Which elements say what it is not about."""
        return [element for element in ("NotAction", "NotResource", "NotPrincipal") if element in self.parts]

    def who(self) -> Iterator[tuple[str, str]]:
        """Yield principals: the kind, empty for one without, and the name; an account's root by its number."""
        principal = self.parts.get("Principal")
        for kind, names in principal.items() if isinstance(principal, Mapping) else [("", principal)]:
            for name in as_texts(names):
                root = _ROOT.fullmatch(name) if kind == "AWS" else None
                yield ("account", root[1]) if root else (kind, name)

    @property
    def principals(self) -> frozenset[str]:
        """`*`, `account:1234...`, `Service:...` and the like."""
        return frozenset("*" if name == "*" else f"{kind}:{plain(name)}" for kind, name in self.who())

    @property
    def actions(self) -> frozenset[str]:
        """Its actions, which have no case, in lower case."""
        return frozenset(action.lower() for action in as_texts(self.parts.get("Action")))

    @property
    def resources(self) -> frozenset[str]:
        """What it is about, references without hashes."""
        return frozenset(plain(text) for text in as_texts(self.parts.get("Resource")))

    @property
    def conditions(self) -> list[tuple[str, str, frozenset[str]]]:
        """Operators, keys and values, all of which must hold; `is` for what compares whole values."""
        found = []
        for operator, tests in as_map(self.parts.get("Condition")).items():
            for key, values in as_map(tests).items():
                texts = [text.lower() if operator.lower() == "bool" else plain(text) for text in as_texts(values)]
                found.append((operator_name(operator, texts), key.lower(), frozenset(texts)))
        return found


def operator_name(operator: str, values: Sequence[str]) -> str:
    """Return `is` for what compares whole values. StringEquals takes a `*` for itself, and so never matches."""
    literal = operator.lower() == "stringequals" and any(set("*?") & set(value) for value in values)
    return "is" if operator.lower() in _EQUAL | {"bool"} and not literal else operator


def statements(document: Json) -> list[Statement]:
    """Return a policy document's statements; of a text that cannot be read, one that holds nothing else."""
    body = _parsed(document)
    written = as_list(body.get("Statement")) if body or not isinstance(document, str) else [document]
    return [
        Statement(written=one, parts={_BY_LOWER_CASE.get(key.lower(), key): part for key, part in as_map(one).items()})
        for one in written
    ]


def version(document: Json) -> Json:
    """Return the version of IAM's language that a document is written in; None if it does not say."""
    return _parsed(document).get("Version")


def _parsed(document: Json) -> Mapping[str, Json]:
    """Return a document, which CloudFormation takes as text, too."""
    if not isinstance(document, str):
        return as_map(document)
    try:
        return as_map(cast("Json", json.loads(document)))
    except ValueError:
        return {}


def has_effects(value: Json) -> bool:
    """Whether a value holds statements of IAM. Other things have statements, too: a firewall's have no Effect."""
    return any("Effect" in as_map(statement) for statement in as_list(as_map(value).get("Statement")))


def allowing(environment: Environment, *kinds: str) -> Iterator[tuple[Resource, str, Statement]]:
    """Yield every statement that allows something, with the resource that holds it and its kind.

    kinds: identity (what a role may do), trust (who may take a role), resource (who may use it; permissions of
    functions included), or endpoint (what may pass).
    """
    yield from (found for found in _allowing(environment) if found[1] in kinds)


@lru_cache(maxsize=1)  # several rules ask, one after the other, about the same environment
def _allowing(environment: Environment) -> Sequence[tuple[Resource, str, Statement]]:
    found = []
    for resource in environment.resources():
        written = [(_kind(resource, path), body) for path, body in _within(resource.properties, "")]
        if resource.type == "AWS::Lambda::Permission":
            written = [("resource", {"Statement": permission_statement(resource)})]
        found += [(resource, kind, one) for kind, body in written for one in statements(body) if one.effect == "Allow"]
    return found


def _within(value: Json, path: str) -> Iterator[tuple[str, Json]]:
    """Yield what reads like a policy, also as text."""
    if has_effects(value) or (isinstance(value, str) and value.startswith("{") and '"Statement"' in value):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _within(item, f"{path}.{key}")
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from _within(item, path)


def _kind(resource: Resource, path: str) -> str:
    if path == ".AssumeRolePolicyDocument":
        return "trust"
    guarded = "endpoint" if resource.type == "AWS::EC2::VPCEndpoint" else "resource"
    return "identity" if resource.type in (ROLE, *POLICIES) else guarded


def permission_statement(resource: Resource) -> Json:
    """Return the policy statement that a function's permission adds (Lambda API, AddPermission)."""
    principal = resource.text("Principal")
    sources = {f"aws:{key}": resource.get(key) for key in ("SourceArn", "SourceAccount", "PrincipalOrgID")}
    return {
        "Effect": "Allow",
        "Principal": {"Service" if "amazonaws.com" in principal else "AWS": principal},
        "Action": resource.get("Action"),
        "Resource": resource.get("FunctionName"),
        "Condition": {"StringLike": {key: value for key, value in sources.items() if value}},
    }


def matches(pattern: str, text: str) -> bool:
    """Whether an IAM pattern covers a text; a text's own wildcards are covered by the same or wider ones."""
    return _expression(pattern).fullmatch(text) is not None


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    parts = [".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", pattern)]
    return re.compile("".join(parts), re.DOTALL)
