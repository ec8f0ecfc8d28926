"""The alarms that stop a release: they watch the version that is being released, not the function as a whole."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from ..building.naming import alarm_name
from ..config import FluxConfig
from .function import ALIAS, FluxFunction

# The shortest period of a standard metric: a canary of five minutes has five of them.
_PERIOD = Duration.minutes(1)


class ReleaseAlarms(Construct):
    """Alarms on one function's new version.

    The old version's traffic cannot hide the new one's failures, because the metrics' ExecutedVersion is the new
    version's number (Lambda Developer Guide, "Viewing metrics for Lambda functions": dimension of weighted aliases).

    Attributes:
        alarms: for the deployment group.
    """

    def __init__(  # noqa: PLR0913 - what it watches, whom it tells
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        function: FluxFunction,
        topic: sns.ITopic,
        counts_server_errors: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        self._config, self._function, self._topic = config, function, topic
        self.alarms = [self._errors()]
        if counts_server_errors:
            self.alarms.append(self._server_errors())

    def _errors(self) -> cloudwatch.Alarm:
        name = self._function.function.function_name
        dimensions = {
            "FunctionName": name,
            "Resource": f"{name}:{ALIAS}",
            "ExecutedVersion": self._function.version.version,
        }
        return self._alarm("Errors", "release-errors", "AWS/Lambda", "Errors", dimensions)

    def _server_errors(self) -> cloudwatch.Alarm:
        """An answer of 500 is no error to Lambda, so the function counts those itself."""
        dimensions = {
            "FunctionName": self._function.function.function_name,
            "ExecutedVersion": self._function.version.version,
        }
        return self._alarm("ServerErrors", "release-server-errors", "Flux", "ServerErrors", dimensions)

    def _alarm(
        self, construct_id: str, subject: str, namespace: str, metric_name: str, dimensions: Mapping[str, str]
    ) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            construct_id,
            alarm_name=alarm_name(self._config, f"{self._function.name}-{subject}"),
            alarm_description=f"The version of {self._function.name} being released fails; CodeDeploy takes it back.",
            metric=cloudwatch.Metric(
                namespace=namespace,
                metric_name=metric_name,
                dimensions_map=dimensions,
                statistic="Sum",
                period=_PERIOD,
            ),
            threshold=self._config.rollback_errors,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self._topic))
        return alarm
