"""What the subjects of monitoring have in common: alarms that say what to do, and graphs for the dashboard."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from constructs import Construct

from ..config import FluxConfig, Severity
from ..constructs.alarm_words import describe_alarm
from ..constructs.names import alarm_name
from .topics import Topics

MINUTE = Duration.minutes(1)
FIVE_MINUTES = Duration.minutes(5)

GRAPH_COLUMNS = 8  # of the dashboard's 24: three graphs a row
GRAPH_ROWS = 6


class Section(Construct):
    """One subject: its alarms, and its part of the dashboard.

    Attributes:
        title: heading on the dashboard.
        alarms: all of the subject's alarms; each speaks to its severity's topic when it begins and when it is over.
        graphs: the subject's graphs, the most telling first.
    """

    def __init__(self, scope: Construct, construct_id: str, *, title: str, config: FluxConfig, topics: Topics) -> None:
        super().__init__(scope, construct_id)
        self.title = title
        self.alarms: list[cloudwatch.Alarm] = []
        self.graphs: list[cloudwatch.IWidget] = []
        self._config = config
        self._actions = {severity: actions.SnsAction(topic) for severity, topic in topics.items()}

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
        alarm = cloudwatch.Alarm(
            self,
            "".join(word.capitalize() for word in subject.split("-")),
            alarm_name=alarm_name(self._config, subject),
            alarm_description=describe_alarm(self._config, impact=impact, first=first, runbook=runbook),
            metric=metric,
            threshold=threshold,
            comparison_operator=comparison.LESS_THAN_THRESHOLD if below else comparison.GREATER_THAN_THRESHOLD,
            evaluation_periods=of or periods,
            datapoints_to_alarm=periods,
            treat_missing_data=silent,
        )
        alarm.add_alarm_action(self._actions[severity])
        alarm.add_ok_action(self._actions[severity])
        self.alarms.append(alarm)
        return alarm

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
