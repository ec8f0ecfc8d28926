"""What the subjects of monitoring have in common: alarms that say what to do, and graphs for the dashboard."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..config import FluxConfig, Severity
from ..constructs.alarm_limits import wait_for_data, within_limits
from ..constructs.alarm_words import describe_alarm
from ..constructs.names import alarm_name
from .causes import explanations

MINUTE = Duration.minutes(1)
FIVE_MINUTES = Duration.minutes(5)

GRAPH_COLUMNS = 8  # of the dashboard's 24: three graphs a row
GRAPH_ROWS = 6


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What somebody hears of.

    subject: `flux-<environment>-<subject>` is the alarm's name that they read.
    parts: it fires while all of these do.
    lasts: seconds for which it may go on when what it tells of is over.
    """

    subject: str
    severity: Severity
    parts: Sequence[cloudwatch.Alarm]
    description: str
    lasts: int = 0


class Section(Construct):
    """One subject: its alarms, and its part of the dashboard.

    Attributes:
        title: heading on the dashboard.
        notices: what its alarms have to say; paging.py says it.
        graphs: the subject's graphs, the most telling first.
    """

    def __init__(self, scope: Construct, construct_id: str, *, title: str, config: FluxConfig) -> None:
        super().__init__(scope, construct_id)
        self.title = title
        self.notices: list[Notice] = []
        self.graphs: list[cloudwatch.IWidget] = []
        self._config = config

    def _alarm(  # noqa: PLR0913 - an alarm is a sentence with this many parts
        self,
        subject: str,
        *,
        severity: Severity,
        metric: cloudwatch.IMetric,
        threshold: float,
        impact: str,
        first: str,
        runbook: str,
        below: bool = False,
        periods: int = 1,
        of: int | None = None,
        silent: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING,
    ) -> cloudwatch.Alarm:
        """Add the alarm `flux-<environment>-<subject>`.

        metric: with its statistic and period. threshold: in the metric's unit; the alarm begins above it, or with
            `below` under it, in `periods` of the last `of` periods.
        silent: what a period without data means. Nearly every metric here is silent while nothing happens; what is down
            shows in who calls it.
        impact, first: what has happened to whom, and what to do first; both are read on call, in the e-mail.
        runbook: the page of docs/runbooks that says what comes then, without `.md`.
        """
        comparison = cloudwatch.ComparisonOperator
        description = describe_alarm(self._config, impact=impact, first=first, runbook=runbook)
        # What another alarm explains is heard through a composite alarm, which then has the name.
        measured = f"{subject}-measured" if explanations(subject, self._config) else subject
        alarm = within_limits(
            cloudwatch.Alarm(
                self,
                as_construct_id(subject),
                alarm_name=alarm_name(self._config, measured),
                alarm_description=description,
                metric=metric,
                threshold=threshold,
                comparison_operator=comparison.LESS_THAN_THRESHOLD if below else comparison.GREATER_THAN_THRESHOLD,
                evaluation_periods=of or periods,
                datapoints_to_alarm=periods,
                treat_missing_data=silent,
            )
        )
        if silent is cloudwatch.TreatMissingData.BREACHING:
            wait_for_data(alarm)
        self.notices.append(Notice(subject=subject, severity=severity, parts=[alarm], description=description))
        return alarm

    def _missing(  # noqa: PLR0913 - as above, but for what is the same of all that come by the clock
        self,
        subject: str,
        *,
        metric: cloudwatch.Metric,
        periods: int,
        impact: str,
        first: str,
        runbook: str = "an-alarm-fires",
    ) -> None:
        """Add the ticket on what comes by the clock, when it has not come for so many of the metric's periods.

        metric: counts it.
        """
        self._alarm(
            f"{subject}-missing",
            severity=Severity.TICKET,
            # Zero, not nothing: what came before would count in place of periods without data (decision 64).
            metric=cloudwatch.MathExpression(
                expression="FILL(came, 0)", using_metrics={"came": metric}, period=metric.period, label=subject
            ),
            threshold=1,
            below=True,
            periods=periods,
            silent=cloudwatch.TreatMissingData.BREACHING,
            impact=impact,
            first=first,
            runbook=runbook,
        )

    def _graph(
        self, title: str, metrics: Sequence[cloudwatch.IMetric], *, alarms: Sequence[cloudwatch.Alarm] = ()
    ) -> None:
        """Add a graph of `metrics`, with the thresholds of `alarms` drawn in."""
        self.graphs.append(
            cloudwatch.GraphWidget(
                title=title,
                left=list(metrics),
                left_annotations=[alarm.to_annotation() for alarm in alarms],
                left_y_axis=cloudwatch.YAxisProps(min=0),
                width=GRAPH_COLUMNS,
                height=GRAPH_ROWS,
            )
        )


def as_construct_id(subject: str) -> str:
    """Return the construct of an alarm: `DatabaseCpu` of `database-cpu`."""
    return "".join(word.capitalize() for word in subject.split("-"))
