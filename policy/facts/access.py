"""Policies in sentences: who may do what on what, and when.

Ways of writing that IAM reads alike become one sentence. What cannot be read becomes a line that says so; it is never
left out.
"""

from collections.abc import Iterator, Mapping, Sequence

from policy.statements import Statement, has_effects, operator_name, statements, version
from policy.values import Json, as_list, as_map, as_texts

from .names import Names

_KINDS = {"": "", "AWS": "", "Service": "service "}
_VERBS = {("Allow", True): "lets", ("Allow", False): "may", ("Deny", True): "forbids", ("Deny", False): "may not"}


def is_policy(value: Json) -> bool:
    """Whether a value is a policy document, and nothing besides."""
    return set(as_map(value)) <= {"Statement", "Version", "Id"} and has_effects(value)


def policy_lines(
    document: Json, *, subjects: Sequence[str], names: Names, path: str, own: Sequence[str] = ()
) -> Iterator[str]:
    """Yield a sentence for each subject, principal, action and resource.

    subjects: who has the policy. own: resources that mean the subject itself, and go unsaid.
    """
    written = version(document)
    if written != "2012-10-17":
        said = "2008-10-17, because none is written" if written is None else names.text(written)
        yield from (f"{subject} {path} policy version = {said}" for subject in subjects)
    for statement in statements(document):
        for sentence in _sentences(statement, names, path, own):
            yield from (f"{subject} {sentence}" for subject in subjects)


def _sentences(statement: Statement, names: Names, path: str, own: Sequence[str]) -> Iterator[str]:
    if not statement.readable:
        yield f"{path} has a statement that cannot be read = {names.text(statement.written)}"
    when = _conditions(statement, names)
    for who in _principals(statement, names):
        verb = _VERBS.get((statement.effect, bool(who)))
        for resource in _about(statement, "Resource", names):
            unsaid = not resource and path == "AssumeRolePolicyDocument"
            on = "" if resource in own or unsaid else f" on {resource or '(no resource)'}"
            for action in sorted(set(_about(statement, "Action", names))) if verb else ():
                yield f"{verb} {who + ': ' if who else ''}{action or '(no action)'}{on}{when}"


def _about(statement: Statement, element: str, names: Names) -> list[str]:
    """Return actions or resources; an empty text if there are none."""
    if f"Not{element}" in statement.parts:
        without = sorted(names.text(text) for text in as_texts(statement.parts[f"Not{element}"]))
        return ["everything but " + " and ".join(without)]
    return [names.text(text) for text in as_texts(statement.parts.get(element))] or [""]


def _principals(statement: Statement, names: Names) -> list[str]:
    if "NotPrincipal" in statement.parts:
        return [f"everyone but {names.text(statement.parts['NotPrincipal'])}"]
    if "Principal" not in statement.parts:
        return [""]
    return [
        "anyone" if name == "*" and kind in ("", "AWS") else f"{_KINDS.get(kind, f'{kind} ')}{names.text(name)}"
        for kind, name in statement.who()
    ] or ["(nobody)"]


def _conditions(statement: Statement, names: Names) -> str:
    """Return ` when ...`, or nothing."""
    parts = []
    for operator, tests in as_map(statement.parts.get("Condition")).items():
        if not isinstance(tests, Mapping):
            parts.append(f"{operator} {names.text(tests)}")
        for key, values in as_map(tests).items():
            texts = [names.text(value) for value in as_list(values)]
            if operator.lower().startswith("bool"):
                texts = [text.lower() for text in texts]
            parts.append(f"{key} {operator_name(operator, as_texts(values))} {' or '.join(sorted(texts))}")
    return " when " + " and ".join(sorted(parts)) if parts else ""
