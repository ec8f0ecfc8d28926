"""Metrics in log lines: the embedded metric format ("Specification: Embedded metric format")."""

import json
from collections.abc import Iterator, Mapping

from ..values import InvalidValueError, Json, Properties
from .sample import Sample


def samples(line: str) -> tuple[Sample, ...]:
    """The metric values in one log line; none if it is not in the format, or malformed, as on AWS."""
    if '"_aws"' not in line:
        return ()
    try:
        document: Json = json.loads(line)
        return tuple(_samples(document)) if isinstance(document, dict) else ()
    except (ValueError, InvalidValueError):
        return ()


def _samples(document: Mapping[str, Json]) -> Iterator[Sample]:
    root = Properties(document)
    metadata = root.child("_aws")
    at = metadata.number("Timestamp") / 1000
    for directive in metadata.children("CloudWatchMetrics"):
        sets = _dimension_sets(root, directive)
        for metric in directive.children("Metrics"):
            name = metric.text("Name")
            for value in _numbers(document.get(name)):
                for dimensions in sets:
                    yield Sample(
                        namespace=directive.text("Namespace"),
                        name=name,
                        value=value,
                        unit=metric.text("Unit", "None"),
                        dimensions=dimensions,
                        at=at,
                    )


def _dimension_sets(root: Properties, directive: Properties) -> list[dict[str, str]]:
    """Each set of dimensions with its values, which are other members of the document; no sets: one empty set."""
    sets = directive.values.get("Dimensions") or [[]]
    if not isinstance(sets, list):
        raise InvalidValueError(f"Dimensions={sets!r}: must be a list of lists")
    return [{name: root.text(name) for name in Properties({"set": names}).texts("set")} for names in sets]


def _numbers(value: Json) -> list[float]:
    values = value if isinstance(value, list) else [value]
    return [float(number) for number in values if isinstance(number, int | float) and not isinstance(number, bool)]
