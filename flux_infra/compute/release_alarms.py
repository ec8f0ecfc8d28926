"""The alarms that stop a release: they watch the version that is being released, not the function as a whole."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from ..config import FluxConfig
from ..constructs.names import ALIAS, alarm_name
from .function import FluxFunction
from .release_thresholds import RELEASE_THRESHOLDS

# The shortest period of a standard metric: a canary of five minutes has five of them.
_PERIOD = Duration.minutes(1)

LAMBDA, FLUX = "AWS/Lambda", "Flux"
SERVER_ERRORS = "ServerErrors"


class ReleaseAlarms(Construct):
    """One alarm for CodeDeploy, composed of those on one function's new version.

    The old version's traffic cannot hide the new one's failures, because the metrics' ExecutedVersion is the new
    version's number (Lambda Developer Guide, "Viewing metrics for Lambda functions": dimension of weighted aliases).
    Failures count only if they are both many enough not to be chance and a share that matters: a count alone takes back
    good releases where traffic is heavy, a share alone where it is light.

    Attributes:
        alarm: for the deployment group; the only one that tells people.
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
        users_hurt: cloudwatch.IAlarm,
    ) -> None:
        super().__init__(scope, construct_id)
        self._config, self._function = config, function
        reasons = [self._failures("Errors", "error", LAMBDA, "Errors", self._executed())]
        if counts_server_errors:
            # An answer of 500 is no error to Lambda, so the function counts those itself.
            version = {name: value for name, value in self._executed().items() if name != "Resource"}
            reasons.append(self._failures("ServerErrors", "server-error", FLUX, SERVER_ERRORS, version))
            reasons.append(
                self._sustained("ServerErrorsSustained", "server-errors-sustained", FLUX, SERVER_ERRORS, version)
            )
        reasons.append(self._sustained("ErrorsSustained", "errors-sustained", LAMBDA, "Errors", self._executed()))
        self.alarm = cloudwatch.CompositeAlarm(
            self,
            "Release",
            composite_alarm_name=alarm_name(config, f"{function.name}-release"),
            alarm_description=(
                f"The version of {function.name} being released fails, is slow or is throttled, or people get errors "
                "meanwhile; CodeDeploy takes it back. Runbook: docs/runbooks/ship-a-fix-while-an-alarm-fires.md"
            ),
            alarm_rule=cloudwatch.AlarmRule.any_of(
                *reasons,
                cloudwatch.AlarmRule.from_alarm(self._latency(), cloudwatch.AlarmState.ALARM),
                cloudwatch.AlarmRule.from_alarm(self._throttles(), cloudwatch.AlarmState.ALARM),
                cloudwatch.AlarmRule.from_alarm(users_hurt, cloudwatch.AlarmState.ALARM),
            ),
        )
        self.alarm.add_alarm_action(actions.SnsAction(topic))

    def _executed(self) -> dict[str, str]:
        return {**_alias(self._function), "ExecutedVersion": self._function.version.version}

    def _failures(
        self, construct_id: str, subject: str, namespace: str, metric_name: str, dimensions: Mapping[str, str]
    ) -> cloudwatch.IAlarmRule:
        """Many enough, and a share that matters."""
        failures = _metric(namespace, metric_name, dimensions, "Sum")
        count = self._alarm(
            construct_id,
            f"release-{subject}s",
            failures,
            threshold=self._config.rollback_errors,
        )
        rate = self._alarm(
            f"{construct_id}Rate",
            f"release-{subject}-rate",
            cloudwatch.MathExpression(
                expression="100 * failures / invocations",
                label="failures, % of invocations",
                using_metrics={
                    "failures": failures,
                    "invocations": _metric(LAMBDA, "Invocations", self._executed(), "Sum"),
                },
                period=_PERIOD,
            ),
            threshold=self._config.rollback_error_percent,
        )
        return cloudwatch.AlarmRule.all_of(
            cloudwatch.AlarmRule.from_alarm(count, cloudwatch.AlarmState.ALARM),
            cloudwatch.AlarmRule.from_alarm(rate, cloudwatch.AlarmState.ALARM),
        )

    def _sustained(
        self, construct_id: str, subject: str, namespace: str, metric_name: str, dimensions: Mapping[str, str]
    ) -> cloudwatch.IAlarmRule:
        """More failures in several minutes than a share of the invocations excuses: what a minute is too short to show.

        docs/canary.md has the reasons for the numbers.
        """
        rule, period = RELEASE_THRESHOLDS.sustained, Duration.seconds(RELEASE_THRESHOLDS.sustained.window_seconds)
        alarm = self._alarm(
            construct_id,
            f"release-{subject}",
            cloudwatch.MathExpression(
                expression=f"failures - {rule.tolerated_share} * invocations",
                label="failures beyond the tolerated share",
                using_metrics={
                    "failures": _metric(namespace, metric_name, dimensions, "Sum", period=period),
                    "invocations": _metric(LAMBDA, "Invocations", self._executed(), "Sum", period=period),
                },
                period=period,
            ),
            threshold=rule.count,
        )
        return cloudwatch.AlarmRule.from_alarm(alarm, cloudwatch.AlarmState.ALARM)

    def _latency(self) -> cloudwatch.Alarm:
        """Milliseconds in the handler; a cold start's initialization is not among them."""
        return self._alarm(
            "Latency",
            "release-latency",
            _metric(LAMBDA, "Duration", self._executed(), "p99"),
            threshold=self._function.size.release_p99_seconds * 1000,
            minutes=RELEASE_THRESHOLDS.latency.minutes,
        )

    def _throttles(self) -> cloudwatch.Alarm:
        """Of the alias: what was throttled did not run, so it has no executed version."""
        return self._alarm(
            "Throttles",
            "release-throttles",
            _metric(LAMBDA, "Throttles", _alias(self._function), "Sum"),
            threshold=self._config.rollback_errors,
        )

    def _alarm(
        self, construct_id: str, subject: str, metric: cloudwatch.IMetric, *, threshold: float, minutes: int = 1
    ) -> cloudwatch.Alarm:
        return build_release_alarm(
            self,
            construct_id,
            name=alarm_name(self._config, f"{self._function.name}-{subject}"),
            description=f"Part of flux-{self._config.name}-{self._function.name}-release: the version being released.",
            metric=metric,
            threshold=threshold,
            minutes=minutes,
        )


def build_users_hurt_alarm(
    scope: Construct, construct_id: str, *, config: FluxConfig, api: FluxFunction
) -> cloudwatch.Alarm:
    """Return the alarm on the share of the api's requests, through the alias and of all versions, that end in a 5xx.

    Part of every function's release alarm: a worker's release can hurt people through the database, where no metric of
    its own version shows it.
    """
    return build_release_alarm(
        scope,
        construct_id,
        name=alarm_name(config, "release-api-5xx"),
        description="People get errors from the api, whichever version answers; no release goes on meanwhile.",
        metric=cloudwatch.MathExpression(
            # A few errors are no share of anything where hardly anybody asks.
            expression=f"IF(failures >= {config.rollback_errors}, 100 * failures / invocations, 0)",
            label="5xx, % of requests",
            using_metrics={
                "failures": _metric(FLUX, SERVER_ERRORS, _alias(api), "Sum"),
                "invocations": _metric(LAMBDA, "Invocations", _alias(api), "Sum"),
            },
            period=_PERIOD,
        ),
        threshold=USERS_HURT_PERCENT,
    )


# One request in twenty: far above Flux's ordinary errors (0.1 %), and above what a canary's tenth of the traffic causes
# before the alarms on its own version have taken it back.
USERS_HURT_PERCENT = 5


def build_release_alarm(  # noqa: PLR0913 - an alarm has this many sides
    scope: Construct,
    construct_id: str,
    *,
    name: str,
    description: str,
    metric: cloudwatch.IMetric,
    threshold: float,
    minutes: int = 1,
) -> cloudwatch.Alarm:
    """Return an alarm on a minute of a metric, or on several that must all breach; only its composite tells people."""
    return cloudwatch.Alarm(
        scope,
        construct_id,
        alarm_name=name,
        alarm_description=description,
        metric=metric,
        threshold=threshold,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluation_periods=minutes,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )


def _alias(function: FluxFunction) -> dict[str, str]:
    name = function.function.function_name
    return {"FunctionName": name, "Resource": f"{name}:{ALIAS}"}


def _metric(
    namespace: str, metric_name: str, dimensions: Mapping[str, str], statistic: str, *, period: Duration = _PERIOD
) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=metric_name,
        dimensions_map=dimensions,
        statistic=statistic,
        period=period,
    )
