"""SEARCH of GetMetricData: which metrics an expression finds ("Using search expressions in graphs").

Of its syntax what dashboards here use: a schema, and properties of which each must equal a text.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .alarms.metric_math import ExpressionError

_SEARCH = re.compile(
    r"SEARCH\(\s*'\{(?P<schema>[^{}']+)\}(?P<terms>[^']*)'\s*,\s*'(?P<statistic>[^']+)'\s*(?:,\s*(?P<period>\d+)\s*)?\)"
)
_TERM = re.compile(r'\s*(\w+)="([^"]*)"')
_PERIOD = 300  # seconds, where the expression has none


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric that somebody has counted. dimensions: value by name."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Search:
    """A parsed expression. period: in seconds."""

    namespace: str
    dimensions: frozenset[str]
    terms: Mapping[str, str]
    statistic: str
    period: int

    def finds(self, metric: Metric) -> bool:
        """Whether the metric has this namespace, these dimensions and no other, and the values that are asked for."""
        said = {**metric.dimensions, "MetricName": metric.name, "Namespace": metric.namespace}
        return (
            metric.namespace == self.namespace
            and metric.dimensions.keys() == self.dimensions
            and all(said.get(name) == value for name, value in self.terms.items())
        )


def is_search(expression: str) -> bool:
    """Whether an expression searches, and computes nothing."""
    return expression.lstrip().startswith("SEARCH(")


def parse(expression: str) -> Search:
    """Read the expression.

    Raises:
        ExpressionError: it uses what is not supported here.
    """
    match = _SEARCH.fullmatch(expression.strip())
    if match is None or _TERM.sub("", match["terms"]).strip():
        raise ExpressionError(f"{expression}: of SEARCH only '{{schema}} Name=\"value\" ...' is supported here")
    namespace, *dimensions = (part.strip().strip('"') for part in match["schema"].split(","))
    return Search(
        namespace=namespace,
        dimensions=frozenset(dimensions),
        terms=dict(_TERM.findall(match["terms"])),
        statistic=match["statistic"],
        period=int(match["period"] or _PERIOD),
    )


def labels(metrics: Iterable[Metric]) -> list[str]:
    """What each is called beside the others: the values in which they differ, or its name if it is alone."""
    found = list(metrics)
    dimensions = sorted({name for metric in found for name in metric.dimensions})
    differing = [name for name in dimensions if len({metric.dimensions[name] for metric in found}) > 1]
    return [" ".join(metric.dimensions[name] for name in differing) or metric.name for metric in found]
