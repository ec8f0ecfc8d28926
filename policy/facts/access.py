"""Policies in sentences: who may do what on what, and when.

Ways of writing that IAM reads alike become one sentence (IAM User Guide, "IAM JSON policy elements"). What cannot be
read becomes a line that says so; it is never left out.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from policy.values import Json, as_list, as_map, as_text, as_texts

from .names import Names

_ELEMENTS = (
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
)
_BY_LOWER_CASE = {element.lower(): element for element in _ELEMENTS}
_KINDS = {"AWS": "", "Service": "service "}
_VERSION = "2012-10-17"
# Operators that compare a value with a whole one. Their `...IfExists` and `...Not...` kin also let through no value.
_EQUAL = {"stringequals", "arnequals", "arnlike", "stringlike"}
_ROOT = re.compile(r"(?:arn:aws:iam::)?(\d{12})(?::root)?")


def is_policy(value: Json) -> bool:
    """Whether a value is a policy document. Other things have statements, too: a firewall's have no Effect."""
    body = as_map(value)
    return set(body) <= {"Statement", "Version", "Id"} and any(
        isinstance(item, Mapping) and "Effect" in item for item in as_list(body.get("Statement"))
    )


def policy_lines(
    document: Json, *, subjects: Sequence[str], names: Names, path: str, own: Sequence[str] = ()
) -> Iterator[str]:
    """Yield a sentence for each subject, principal, action and resource.

    subjects: who has the policy. own: resources that mean the subject itself, and go unsaid.
    """
    if isinstance(document, str):
        try:
            document = cast("Json", json.loads(document))
        except ValueError:
            document = {"Statement": [document]}
    body = as_map(document)
    if body.get("Version") != _VERSION:
        written = names.text(body["Version"]) if "Version" in body else "2008-10-17, because none is written"
        yield from (f"{subject} {path} policy version = {written}" for subject in subjects)
    for statement in as_list(body.get("Statement")):
        for sentence in _sentences(statement, names, path, own):
            yield from (f"{subject} {sentence}" for subject in subjects)


def _sentences(statement: Json, names: Names, path: str, own: Sequence[str]) -> Iterator[str]:
    raw = as_map(statement)
    parts = {_BY_LOWER_CASE.get(key.lower(), key): value for key, value in raw.items()}
    effect = as_text(parts.get("Effect"))
    unknown = {key: value for key, value in parts.items() if key not in _ELEMENTS}
    if effect not in ("Allow", "Deny") or unknown or not isinstance(statement, Mapping):
        yield f"{path} has a statement that cannot be read = {names.text(statement)}"
        if effect not in ("Allow", "Deny"):
            return
    when = condition_text(as_map(parts.get("Condition")), names)
    trust = path == "AssumeRolePolicyDocument"
    for who in _principals(parts, names):
        verb = {(True, True): "lets", (True, False): "may", (False, True): "forbids", (False, False): "may not"}[
            effect == "Allow", bool(who)
        ]
        for resource in _resources(parts, names, trust=trust):
            on = "" if resource in own or not resource else f" on {resource}"
            for action in _actions(parts, names):
                yield f"{verb} {who + ': ' if who else ''}{action}{on}{when}"


def _actions(parts: Mapping[str, Json], names: Names) -> list[str]:
    if "NotAction" in parts:
        return ["everything but " + " and ".join(sorted(names.text(a) for a in as_texts(parts["NotAction"])))]
    return sorted({names.text(action) for action in as_texts(parts.get("Action"))}) or ["(no action)"]


def _resources(parts: Mapping[str, Json], names: Names, *, trust: bool) -> list[str]:
    if "NotResource" in parts:
        return ["everything but " + " and ".join(sorted(names.text(r) for r in as_texts(parts["NotResource"])))]
    return [names.text(r) for r in as_texts(parts.get("Resource"))] or ["" if trust else "(no resource)"]


def _principals(parts: Mapping[str, Json], names: Names) -> list[str]:
    if "NotPrincipal" in parts:
        return [f"everyone but {names.text(parts['NotPrincipal'])}"]
    if "Principal" not in parts:
        return [""]
    principal = parts["Principal"]
    if not isinstance(principal, Mapping):
        return ["anyone" if text == "*" else names.text(text) for text in as_texts(principal)] or ["(nobody)"]
    found = []
    for kind, values in principal.items():
        for value in as_texts(values):
            root = _ROOT.fullmatch(value)
            if kind == "AWS" and (value == "*" or root):
                found.append("anyone" if root is None else f"account {names.text(root[1])}")
            else:
                found.append(f"{_KINDS.get(kind, kind + ' ')}{names.text(value)}")
    return found or ["(nobody)"]


def condition_text(conditions: Mapping[str, Json], names: Names) -> str:
    """Return ` when ...`, or nothing."""
    parts = []
    for operator, tests in conditions.items():
        if not isinstance(tests, Mapping):
            parts.append(f"{operator} {names.text(tests)}")
            continue
        for key, values in tests.items():
            texts = [names.text(value) for value in as_list(values)]
            if operator.lower().startswith("bool"):
                texts = [text.lower() for text in texts]
            parts.append(f"{key} {_operator(operator, texts)} {' or '.join(sorted(texts))}")
    return " when " + " and ".join(sorted(parts)) if parts else ""


def _operator(operator: str, values: Sequence[str]) -> str:
    """Return `is` for what compares whole values. StringEquals takes a `*` for itself, and so never matches."""
    literal = operator.lower() == "stringequals" and any(set("*?") & set(value) for value in values)
    return "is" if operator.lower() in _EQUAL | {"bool"} and not literal else operator
