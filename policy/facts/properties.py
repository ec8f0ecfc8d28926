"""Every property that no sentence takes up, as `subject path = value`, so that none is left out by being forgotten."""

import re
from collections.abc import Iterator, Mapping, Sequence

from policy.registry import schema
from policy.values import Json, as_list, as_map, as_text

from .access import is_policy, policy_lines
from .left_out import is_left_out
from .names import Names, json_of

# What tells the items of a list apart, in the order in which they are looked for.
_KEYS = (
    *("Id", "Name", "Key", "PathPattern", "RuleName", "VariantName", "DomainName", "AttributeName", "Arn"),
    *("ParameterKey", "Header", "ModelName"),
)
# Lines that are comments from their beginning to their end; what stands behind code is shown with it.
_COMMENT = re.compile(r"^[ \t]*(?://[^\n]*|/\*(?:(?!\*/)[\s\S])*\*/[ \t]*)$", re.MULTILINE)


def property_lines(subject: str, kind: str, value: Json, names: Names, path: str = "") -> Iterator[str]:
    """Yield a line for each value in a property.

    kind: the resource's type. path: where the property stands; a list's items by their name where they have one.
    """
    bare = bare_path(path)
    if is_left_out(kind, bare):
        return
    if is_policy(value):
        yield from policy_lines(value, subjects=[subject], names=names, path=path)
    elif isinstance(value, Mapping):
        if not value and path:
            yield f"{subject} {path} = {{}}"
        for key, item in value.items():
            yield from property_lines(subject, kind, item, names, f"{path}.{names.text(key)}" if path else key)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield from _list_lines(subject, kind, value, names, path)
    elif value is not None:
        yield from _text_lines(subject, kind, as_text(value), names, path)


def bare_path(path: str) -> str:
    """Return a path without the names and numbers of lists' items."""
    return re.sub(r"\[[^\]]*\]", "", path)


def _list_lines(subject: str, kind: str, items: Sequence[Json], names: Names, path: str) -> Iterator[str]:
    loose = bare_path(path) in schema(kind).unordered
    if not any(isinstance(item, Mapping | Sequence) and not isinstance(item, str) for item in items):
        texts = [names.text(item) for item in items]
        yield f"{subject} {path} = [{', '.join(sorted(texts) if loose else texts)}]"
        return
    keys = [_key(item, names) for item in items]
    if None in keys or len(set(keys)) < len(keys):
        if loose:
            for item in items:
                yield f"{subject} {path} has {names.text(item)}"
            return
        keys = [str(index) for index in range(len(items))]
    elif len(keys) > 1 and not loose and not all("Priority" in as_map(item) for item in items):
        yield f"{subject} {path} order = {', '.join(map(str, keys))}"
    for key, item in zip(keys, items, strict=True):
        yield from property_lines(subject, kind, item, names, f"{path}[{key}]")


def _key(item: Json, names: Names) -> str | None:
    body = as_map(item)
    return next((names.text(body[key]) for key in _KEYS if isinstance(body.get(key), str | int)), None)


def _text_lines(subject: str, kind: str, text: str, names: Names, path: str) -> Iterator[str]:
    body = json_of(text)
    if isinstance(body, Mapping) and "widgets" in body:
        yield from _dashboard(subject, path, body, names)
    elif isinstance(body, Mapping):
        yield from property_lines(subject, kind, body, names, f"{path} as JSON")
    elif body is not None:
        yield f"{subject} {path} as JSON = {names.text(body)}"
    elif "\n" in text:
        lines = [line.rstrip() for line in _COMMENT.sub("", text).splitlines() if line.strip()]
        yield from (f"{subject} {path} line {number:02} = {names.text(line)}" for number, line in enumerate(lines, 1))
    else:
        yield f"{subject} {path} = {names.value(subject, text)}"


def _dashboard(subject: str, path: str, body: Mapping[str, Json], names: Names) -> Iterator[str]:
    """Yield a line for each widget, and one for each metric in it."""
    for widget in as_list(body["widgets"]):
        parts = dict(as_map(widget))
        shown = dict(as_map(parts.pop("properties", None)))
        kind, *place = (as_text(parts.pop(key, None)) for key in ("type", "x", "y", "width", "height"))
        where = "{},{}, {} by {}".format(*place)
        title = names.text(shown.pop("title", None) or shown.pop("markdown", None) or where)
        metrics = as_list(shown.pop("metrics", None))
        rest = f", {names.text({**parts, **shown})}" if parts or shown else ""
        yield f'{subject} shows "{title}" as {kind} at {where}{rest}'
        for metric in metrics:
            yield f'{subject} shows "{title}" of {" ".join(names.text(part) for part in as_list(metric))}'
    for key, value in body.items():
        if key != "widgets":
            yield f"{subject} {path} {key} = {names.text(value)}"
