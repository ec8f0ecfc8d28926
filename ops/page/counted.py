"""What CloudWatch has counted of one environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from flux_infra.monitoring.objectives import Deployed, Series

from ..aws import Aws
from ..stacks import DeployedStack

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

type Points = Mapping[datetime, float]
"""Values by the beginnings of their periods, the oldest first."""


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Asks CloudWatch. now: what `back` is counted from."""

    aws: Aws
    now: datetime

    def read(
        self,
        series: Mapping[str, Series],
        *,
        back: timedelta,
        period: int,
        math: Mapping[str, str] | None = None,
    ) -> Mapping[str, Points]:
        """The series' points by their ids; a series that nobody has counted has none.

        math: metric math over the series by ids of their own. period: in seconds.
        """
        queries: list[MetricDataQueryTypeDef] = [
            {
                "Id": name,
                "MetricStat": {
                    "Metric": {
                        "Namespace": one.namespace,
                        "MetricName": one.name,
                        "Dimensions": [
                            {"Name": dimension, "Value": value}
                            for dimension, value in one.dimensions_in(self._places(one)).items()
                        ],
                    },
                    "Period": period,
                    "Stat": one.statistic,
                },
            }
            for name, one in series.items()
        ]
        queries += [{"Id": name, "Expression": expression} for name, expression in (math or {}).items()]
        found: dict[str, dict[datetime, float]] = {str(query["Id"]): {} for query in queries}
        pages = self.aws.alarms.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries,
            StartTime=aligned(self.now - back, period),
            EndTime=self.now,
            ScanBy="TimestampAscending",
        )
        for page in pages:
            for result in page["MetricDataResults"]:
                found[result["Id"]] |= dict(zip(result["Timestamps"], result["Values"], strict=True))
        return found

    def _places(self, series: Series) -> Mapping[Deployed, str]:
        places = {Deployed.ENVIRONMENT: self.aws.config.name}
        if Deployed.HTTP_API in series.dimensions.values():
            places[Deployed.HTTP_API] = self._http_api
        return places

    @cached_property
    def _http_api(self) -> str:
        return DeployedStack.read(self.aws, "Api").output("HttpApiId")


def aligned(moment: datetime, period: int) -> datetime:
    """The beginning of the period that the moment is in."""
    return moment - timedelta(seconds=moment.timestamp() % period)
