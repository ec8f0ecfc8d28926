"""The alarms that stop a release: they watch the version that is being released, not the function as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from ..config import FluxConfig, Severity
from ..constructs.alarm_limits import within_limits
from ..constructs.alarm_words import describe_alarm
from ..constructs.names import ALIAS, alarm_name
from .function import FluxFunction

# The shortest period of a standard metric: a canary of five minutes has five of them.
_PERIOD = Duration.minutes(1)

LAMBDA, FLUX = "AWS/Lambda", "Flux"
# What the api counts: requests of those whom it knows, and nobody else's (docs/decisions/0045).
REQUESTS, SERVER_ERRORS, LATENCY = "Requests", "ServerErrors", "Latency"

# None of them pages: CodeDeploy has gone back before anybody is up. Where users are hurt, an objective's alarm says so.
RELEASE_SEVERITY = Severity.TICKET


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a function promises, and when it has kept it."""

    promised: str
    kept: str


# By name, the functions whose answers do not say whether the work is done (lambdas/flux_core/tally.py).
PROMISES: Mapping[str, Work] = {
    "webhook": Work(promised="the events that it answers with 202", kept="confirmed by SQS"),
    "sync": Work(promised="the orders that Square gives it", kept="stored, or set aside for a reason"),
}


class ReleaseAlarms(Construct):
    """The alarms on one function's new version; CodeDeploy watches each of them (docs/decisions/0042).

    The old version's traffic cannot hide the new one's failures, because the metrics' ExecutedVersion is the new
    version's number (Lambda Developer Guide, "Viewing metrics for Lambda functions": dimension of weighted aliases).

    Attributes:
        alarms: for the deployment group, which takes ten at most. Each opens a ticket.
    """

    def __init__(  # noqa: PLR0913 - what it watches, whom it tells
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        function: FluxFunction,
        topic: sns.ITopic,
        counts_requests: bool,
        called_by_strangers: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        self._config, self._function, self._topic = config, function, topic
        executed = self._executed()
        # An answer of 500 is no error to Lambda, so the function counts those itself, by its version alone.
        version = {name: value for name, value in executed.items() if name != "Resource"}
        errors, invocations = (_metric(LAMBDA, name, executed, "Sum") for name in ("Errors", "Invocations"))
        self.alarms: Sequence[cloudwatch.Alarm] = (
            *self._failures("Errors", "errors", "errors", errors, among=invocations),
            *(
                self._failures(
                    "ServerErrors",
                    "server-errors",
                    "answers of 500 and above",
                    _metric(FLUX, SERVER_ERRORS, version, "Sum"),
                    among=_metric(FLUX, REQUESTS, version, "Sum"),
                )
                if counts_requests
                else ()
            ),
            *((self._lost_work(version),) if self._function.name in PROMISES else ()),
            self._memory(version),
            self._latency(
                _metric(FLUX, LATENCY, version, "p99")
                if counts_requests
                else _metric(LAMBDA, "Duration", executed, "p99")
            ),
            # Who floods a function could stop its release; the alarm of its own that speaks to on-call remains.
            *(() if called_by_strangers else (self._throttles(),)),
        )

    def _executed(self) -> dict[str, str]:
        return {**_alias(self._function), "ExecutedVersion": self._function.version.version}

    def _failures(
        self, construct_id: str, subject: str, named: str, failures: cloudwatch.Metric, *, among: cloudwatch.Metric
    ) -> tuple[cloudwatch.Alarm, cloudwatch.Alarm]:
        """Many failures in a minute, and a few that go on for several."""

        def series(period: Duration) -> Mapping[str, cloudwatch.IMetric]:
            return {"failures": failures.with_(period=period), "invocations": among.with_(period=period)}

        sustained = self._config.release_thresholds.sustained
        window = Duration.seconds(sustained.window_seconds)
        return (
            self._alarm(
                construct_id,
                subject,
                f"fails: at least {self._config.rollback_errors} {named} in one minute, and at least "
                f"{self._config.rollback_error_percent:g} % of its invocations.",
                cloudwatch.MathExpression(
                    expression=many_and_a_share(self._config),
                    label="failures, % of invocations",
                    using_metrics=series(_PERIOD),
                    period=_PERIOD,
                ),
                threshold=self._config.rollback_error_percent,
            ),
            self._alarm(
                f"{construct_id}Sustained",
                f"{subject}-sustained",
                f"keeps failing: {named} in {sustained.window_seconds} s exceed "
                f"{100 * sustained.tolerated_share:g} % of its invocations by at least {sustained.count:g}.",
                cloudwatch.MathExpression(
                    expression=f"failures - {sustained.tolerated_share} * invocations",
                    label="failures beyond the tolerated share",
                    using_metrics=series(window),
                    period=window,
                ),
                threshold=sustained.count,
            ),
        )

    def _latency(self, tail: cloudwatch.Metric) -> cloudwatch.Alarm:
        """Milliseconds in the handler; a cold start's initialization is not among them."""
        seconds, minutes = self._function.release_p99_seconds, self._config.release_thresholds.latency.minutes
        return self._alarm(
            "Latency",
            "latency",
            f"is slow: its p99 has been {seconds:g} s or more for {minutes} minutes.",
            tail,
            threshold=seconds * 1000,
            minutes=minutes,
        )

    def _lost_work(self, version: Mapping[str, str]) -> cloudwatch.Alarm:
        """What it has promised and not done, as both are counted where they cross its border."""
        work = PROMISES[self._function.name]
        return self._alarm(
            "LostWork",
            "lost-work",
            f"loses work: of {work.promised}, {self._config.rollback_errors} or more in one minute are not "
            f"{work.kept}, and that is {self._config.rollback_error_percent:g} % of them or more.",
            cloudwatch.MathExpression(
                expression=(
                    f"IF(promised - kept >= {self._config.rollback_errors}, 100 * (promised - kept) / promised, 0)"
                ),
                label="lost, % of what was promised",
                using_metrics={
                    "promised": _metric(FLUX, "WorkPromised", version, "Sum"),
                    "kept": _metric(FLUX, "WorkKept", version, "Sum"),
                },
                period=_PERIOD,
            ),
            threshold=self._config.rollback_error_percent,
        )

    def _memory(self, version: Mapping[str, str]) -> cloudwatch.Alarm:
        """The most that any of its instances has needed: a leak shows long before Lambda ends an instance for it."""
        percent = self._config.release_thresholds.memory_percent
        return self._alarm(
            "Memory",
            "memory",
            f"needs {percent:g} % or more of its {self._function.size.memory_mib} MiB of memory.",
            _metric(FLUX, "MemoryUsed", version, "Maximum"),
            threshold=percent * self._function.size.memory_mib / 100,
        )

    def _throttles(self) -> cloudwatch.Alarm:
        """Of the alias: what was throttled did not run, so it has no executed version."""
        return self._alarm(
            "Throttles",
            "throttles",
            f"is throttled: {self._config.rollback_errors} or more requests in one minute.",
            _metric(LAMBDA, "Throttles", _alias(self._function), "Sum"),
            threshold=self._config.rollback_errors,
        )

    def _alarm(  # noqa: PLR0913 - an alarm has this many sides
        self,
        construct_id: str,
        subject: str,
        what: str,
        metric: cloudwatch.IMetric,
        *,
        threshold: float,
        minutes: int = 1,
    ) -> cloudwatch.Alarm:
        return _build_alarm(
            self,
            construct_id,
            name=alarm_name(self._config, f"{self._function.name}-release-{subject}"),
            description=_describe(
                self._config, f"The new version of {self._function.name} {what} CodeDeploy rolls it back."
            ),
            metric=metric,
            threshold=threshold,
            topic=self._topic,
            minutes=minutes,
        )


def build_customer_errors_alarm(
    scope: Construct, construct_id: str, *, config: FluxConfig, api: FluxFunction, topic: sns.ITopic
) -> cloudwatch.Alarm:
    """Return the alarm on the share of owners' requests, through the alias and of all versions, that end in a 5xx.

    It stops the release of every function: a worker's release can hurt people through the database, where no metric of
    its own version shows it.
    """
    percent = config.release_thresholds.customer_errors_percent
    return _build_alarm(
        scope,
        construct_id,
        name=alarm_name(config, "release-api-5xx"),
        description=_describe(
            config,
            f"{percent:g} % or more of what owners ask the api ends in a 5xx, whichever version answers. "
            "CodeDeploy rolls back every release that is under way and starts none.",
        ),
        metric=cloudwatch.MathExpression(
            expression=many_and_a_share(config),
            label="5xx, % of requests",
            using_metrics={
                "failures": _metric(FLUX, SERVER_ERRORS, _alias(api), "Sum"),
                "invocations": _metric(FLUX, REQUESTS, _alias(api), "Sum"),
            },
            period=_PERIOD,
        ),
        threshold=percent,
        topic=topic,
    )


def _describe(config: FluxConfig, impact: str) -> str:
    return describe_alarm(
        config,
        impact=impact,
        first=f"./flux status --env {config.name} shows what is live; go back by hand if CodeDeploy has not.",
        runbook="ship-a-fix-while-an-alarm-fires",
    )


def many_and_a_share(config: FluxConfig) -> str:
    """The failures in % of the invocations, and 0 where they are few.

    A count alone rolls back good releases where traffic is heavy, a share alone where it is light.
    """
    return f"IF(failures >= {config.rollback_errors}, 100 * failures / invocations, 0)"


def _build_alarm(  # noqa: PLR0913 - an alarm has this many sides
    scope: Construct,
    construct_id: str,
    *,
    name: str,
    description: str,
    metric: cloudwatch.IMetric,
    threshold: float,
    topic: sns.ITopic,
    minutes: int = 1,
) -> cloudwatch.Alarm:
    """Return an alarm on a period of a metric, or on several that must all breach."""
    alarm = cloudwatch.Alarm(
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
    within_limits(alarm).add_alarm_action(actions.SnsAction(topic))
    return alarm


def _alias(function: FluxFunction) -> dict[str, str]:
    name = function.function.function_name
    return {"FunctionName": name, "Resource": f"{name}:{ALIAS}"}


def _metric(namespace: str, metric_name: str, dimensions: Mapping[str, str], statistic: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=namespace, metric_name=metric_name, dimensions_map=dimensions, statistic=statistic, period=_PERIOD
    )
