"""The dashboards: the one that is opened first on call, and one for each layer and for releases."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import batched

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..config import FluxConfig
from ..constructs.alarm_words import dashboard_url
from ..constructs.names import dashboard_name
from .section import GRAPH_COLUMNS, Section

COLUMNS = 24  # CloudWatch's grid

type Row = Sequence[cloudwatch.IWidget]


class FluxDashboards(Construct):
    """`flux-<environment>`: the state of every alarm, objectives and business. `flux-<environment>-<part>`: the rest.

    A dashboard costs 3 USD a month: where nobody was promised anything, one shows everything.

    overview: the sections of the first. parts: those of each other one. alarms: all that speak.
    """

    def __init__(  # noqa: PLR0913 - what is shown where
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        overview: Sequence[Section],
        parts: Mapping[str, Sequence[Section]],
        alarms: Sequence[cloudwatch.IAlarm],
    ) -> None:
        super().__init__(scope, construct_id)
        self._config = config
        states = self._states(alarms)
        if config.objectives is not True:
            everything = [*overview, *(section for sections in parts.values() for section in sections)]
            self._dashboard("", [states, *_rows(everything)])
            return
        self._dashboard("", [states, self._links(parts), *_rows(overview)])
        for part, sections in parts.items():
            self._dashboard(part, list(_rows(sections)))

    def _dashboard(self, part: str, rows: Sequence[Row]) -> None:
        cloudwatch.Dashboard(
            self,
            part.capitalize() or "Overview",
            dashboard_name=dashboard_name(self._config, part),
            default_interval=Duration.hours(3),
            widgets=[list(row) for row in rows],
        )

    def _states(self, alarms: Sequence[cloudwatch.IAlarm]) -> Row:
        return [
            cloudwatch.AlarmStatusWidget(
                title=f"Flux {self._config.name}: alarms",
                alarms=list(alarms),
                sort_by=cloudwatch.AlarmStatusWidgetSortBy.STATE_UPDATED_TIMESTAMP,
                width=COLUMNS,
                height=5,
            )
        ]

    def _links(self, parts: Mapping[str, Sequence[Section]]) -> Row:
        links = " | ".join(f"[{part}]({dashboard_url(self._config, part)})" for part in parts)
        return [cloudwatch.TextWidget(markdown=links, width=COLUMNS, height=1)]


def _rows(sections: Sequence[Section]) -> Iterator[Row]:
    """Yield a heading for each subject, then its graphs."""
    for section in sections:
        yield [cloudwatch.TextWidget(markdown=f"## {section.title}", width=COLUMNS, height=1)]
        yield from batched(section.graphs, COLUMNS // GRAPH_COLUMNS, strict=False)
