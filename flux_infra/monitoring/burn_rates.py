"""Alarms on error budgets that are spent too fast (docs/decisions/0060)."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..config import FluxConfig
from ..constructs.alarm_limits import within_limits
from ..constructs.alarm_words import describe_alarm
from ..constructs.names import alarm_name
from .objectives import BUDGET_DAYS, DAY, HOUR, MINUTE, OBJECTIVES, Burn, Deployed, Objective, Series
from .section import GRAPH_COLUMNS, GRAPH_ROWS, Notice, Section, as_construct_id


class ObjectivesSection(Section):
    """For each objective and speed an alarm that fires while the budget is spent that fast in its windows."""

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig, http_api_id: str) -> None:
        super().__init__(scope, construct_id, title="Objectives", config=config)
        self._places = {Deployed.ENVIRONMENT: config.name, Deployed.HTTP_API: http_api_id}
        for objective in OBJECTIVES:
            self._budget_left(objective)
            for burn in objective.burns:
                self._burn_alarm(objective, burn)
        for objective in OBJECTIVES:
            self._graph(f"{objective.name}: times too fast, in an hour", [self._burning(objective, HOUR, least=1)])

    def _burn_alarm(self, objective: Objective, burn: Burn) -> None:
        subject = f"{objective.name}-{burn.name}"
        description = describe_alarm(
            self._config,
            impact=f"{objective.impact} So the error budget of {BUDGET_DAYS} days lasts {burn.lasts_days:.2g} days.",
            first=objective.first,
            runbook=objective.name,
        )
        parts = [self._part(subject, objective, burn, window, description) for window in burn.windows]
        self.notices.append(
            Notice(
                subject=subject,
                severity=burn.severity,
                parts=parts,
                description=description,
                lasts=burn.short or 0,
            )
        )

    def _part(self, subject: str, objective: Objective, burn: Burn, window: int, description: str) -> cloudwatch.Alarm:
        # One bad answer at night is no trend, so the long window must have some. The short one only ends the alarm.
        least = objective.least if window == burn.long else 1
        name = f"{subject}-{spoken(window)}"
        return within_limits(
            cloudwatch.Alarm(
                self,
                as_construct_id(name),
                alarm_name=alarm_name(self._config, name),
                alarm_description=description,
                metric=self._burning(objective, window, least=least),
                threshold=burn.rate,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                evaluation_periods=1,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
        )

    def _burning(self, objective: Objective, window: int, *, least: int) -> cloudwatch.MathExpression:
        return cloudwatch.MathExpression(
            expression=objective.burning(least=least),
            using_metrics=self._metrics(objective, window),
            period=Duration.seconds(window),
            label=objective.name,
        )

    def _budget_left(self, objective: Objective) -> None:
        """How much of the budget of the last four weeks is left, as one number."""
        measure = objective.measure
        self.graphs.append(
            cloudwatch.SingleValueWidget(
                title=f"{objective.name}: budget left, %",
                metrics=[
                    cloudwatch.MathExpression(
                        expression=f"100 * (1 - {measure.bad_count} / total / {objective.budget:g})",
                        using_metrics=self._metrics(objective, HOUR),
                        period=Duration.seconds(HOUR),
                        label=objective.promise,
                    )
                ],
                set_period_to_time_range=True,
                start="-P28D",
                width=GRAPH_COLUMNS // 2,
                height=GRAPH_ROWS // 2,
            )
        )

    def _metrics(self, objective: Objective, window: int) -> dict[str, cloudwatch.IMetric]:
        return {name: self._metric(series, window) for name, series in objective.measure.series.items()}

    def _metric(self, series: Series, window: int) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=series.namespace,
            metric_name=series.name,
            statistic=series.statistic,
            dimensions_map=series.dimensions_in(self._places),
            period=Duration.seconds(window),
        )


def spoken(seconds: int) -> str:
    """Return a window as its alarm's name says it: 5m, 6h, 3d."""
    for unit, length in (("d", DAY), ("h", HOUR)):
        if seconds % length == 0:
            return f"{seconds // length}{unit}"
    return f"{seconds // MINUTE}m"
