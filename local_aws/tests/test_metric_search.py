import pytest

from local_aws import metric_search
from local_aws.alarms.metric_math import ExpressionError
from local_aws.metric_search import Metric

BY_VERSION = (
    "SEARCH('{AWS/Lambda,ExecutedVersion,FunctionName,Resource} MetricName=\"Errors\" FunctionName=\"api\"', 'Sum', 60)"
)


def errors(**dimensions: str) -> Metric:
    return Metric(namespace="AWS/Lambda", name="Errors", dimensions=dimensions)


def test_a_search_finds_metrics_with_exactly_its_dimensions_and_values() -> None:
    search = metric_search.parse(BY_VERSION)
    assert (search.statistic, search.period) == ("Sum", 60)
    assert search.finds(errors(FunctionName="api", Resource="api:live", ExecutedVersion="3"))
    assert not search.finds(errors(FunctionName="sync", Resource="sync:live", ExecutedVersion="3"))
    assert not search.finds(errors(FunctionName="api", Resource="api:live"))
    other = Metric(namespace="AWS/Lambda", name="Duration", dimensions={"FunctionName": "api"})
    assert not search.finds(other)


def test_what_it_finds_is_called_by_what_differs() -> None:
    found = [errors(FunctionName="api", ExecutedVersion=version) for version in ("3", "4")]
    assert metric_search.labels(found) == ["3", "4"]
    assert metric_search.labels(found[:1]) == ["Errors"]


@pytest.mark.parametrize("words", ["api", 'MetricName="Errors" OR MetricName="Duration"', 'NOT MetricName="Errors"'])
def test_what_is_not_supported_is_an_error_and_finds_nothing(words: str) -> None:
    with pytest.raises(ExpressionError, match="of SEARCH only"):
        metric_search.parse(f"SEARCH('{{AWS/Lambda,FunctionName}} {words}', 'Sum', 60)")
