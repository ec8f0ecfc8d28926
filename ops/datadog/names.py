"""What Datadog calls the metrics that CloudWatch streams to it.

Only Datadog can confirm these names: `./flux datadog plan` asks it whether it knows each of them.
"""

import re
from collections.abc import Mapping

from flux_infra.monitoring.objectives import Deployed, Series


def metric(series: Series) -> str:
    """Return a metric's name: `aws.apigateway.count` of AWS/ApiGateway, `flux.salesstored` of our own namespace."""
    return series.namespace.replace("/", ".").lower() + "." + series.name.lower()


def scope(series: Series, places: Mapping[Deployed, str]) -> str:
    """Return the dimensions as Datadog's tags, `{apiid:abc,method:any}`.

    Datadog writes tags in lower case, and everything but letters, digits and `_-:./` as one underscore ("Getting
    Started with Tags", Datadog documentation).
    """
    tags = (f"{name}:{_tag(value)}" for name, value in series.dimensions_in(places).items())
    return "{" + ",".join(tags).lower() + "}"


def count(series: Series, places: Mapping[Deployed, str]) -> str:
    """Return the query for how often something happened."""
    return f"sum:{metric(series)}{scope(series, places)}.as_count()"


def percentile(series: Series, percent: float, places: Mapping[Deployed, str]) -> str:
    """Return the query for a percentile, which the metric stream sends besides."""
    return f"avg:{metric(series)}.p{percent:g}{scope(series, places)}"


def _tag(value: str) -> str:
    return re.sub(r"[^\w\-:./]+", "_", value).rstrip("_")
