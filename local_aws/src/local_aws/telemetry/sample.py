"""One published value of one metric."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A value, and the metric that it belongs to.

    unit: as in PutMetricData, like `Count` or `Milliseconds`.
    at: seconds since the epoch; None: now.
    """

    namespace: str
    name: str
    value: float
    unit: str
    dimensions: Mapping[str, str]
    at: float | None = None
