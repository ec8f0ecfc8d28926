"""The questions that are saved for whoever reads the logs."""

import re

from flux_core.vocabulary import VOCABULARY
from flux_infra.monitoring.queries import QUERIES
from tests.infra.templates import Templates, properties

QUERY = "AWS::Logs::QueryDefinition"


def test_every_query_asks_log_groups_of_its_environment(environment: Templates) -> None:
    name = environment.config.name
    found = properties(environment.monitoring, QUERY)
    assert {each["Name"] for each in found} == {f"flux/{name}/{query.name}" for query in QUERIES}
    groups = {
        str(group["LogGroupName"])
        for template in (environment.compute, environment.api, environment.frontend, environment.monitoring)
        for group in properties(template, "AWS::Logs::LogGroup")
        if "LogGroupName" in group
    }
    for each in found:
        assert isinstance(each["LogGroupNames"], list)
        assert each["LogGroupNames"]
        assert set(each["LogGroupNames"]) <= groups


def test_a_metric_that_a_query_adds_up_is_one_that_the_function_prints() -> None:
    known = {metric.name: metric.service for metric in VOCABULARY}
    added_up = [(each, name) for each in QUERIES for name in re.findall(r"(\w+)\.0\b", each.query)]
    assert added_up
    for each, name in added_up:
        assert each.functions == (known[name],)
