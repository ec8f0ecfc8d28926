"""The dashboard that is opened first on call."""

from collections.abc import Sequence
from itertools import batched

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..config import FluxConfig
from ..constructs.names import dashboard_name
from .section import GRAPH_COLUMNS, Section

COLUMNS = 24  # CloudWatch's grid


class FluxDashboard(Construct):
    """`flux-<environment>`: the state of every alarm, then a row of graphs for each subject, from viewer to model."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        sections: Sequence[Section],
        alarms: Sequence[cloudwatch.IAlarm],
    ) -> None:
        super().__init__(scope, construct_id)
        dashboard = cloudwatch.Dashboard(
            self, "Dashboard", dashboard_name=dashboard_name(config), default_interval=Duration.hours(3)
        )
        dashboard.add_widgets(
            cloudwatch.AlarmStatusWidget(
                title=f"Flux {config.name}: alarms",
                alarms=list(alarms),
                sort_by=cloudwatch.AlarmStatusWidgetSortBy.STATE_UPDATED_TIMESTAMP,
                width=COLUMNS,
                height=5,
            )
        )
        for section in sections:
            dashboard.add_widgets(cloudwatch.TextWidget(markdown=f"## {section.title}", width=COLUMNS, height=1))
            for row in batched(section.graphs, COLUMNS // GRAPH_COLUMNS, strict=False):
                dashboard.add_widgets(*row)
