"""The probe: a function that makes a user's journey every minute, and the alarm that says when it does not."""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from ..compute.context import FunctionContext
from ..compute.function import FluxFunction
from ..config import FluxConfig, Severity
from ..frontend.stack import FrontendStack
from .section import FIVE_MINUTES, MINUTE, Section

# Longer than EventBridge and CloudWatch are late, and than a deployment of the function takes.
SILENT_MINUTES = 10

DAILY = events.Schedule.cron(minute="30", hour="6")  # when neither forecasts nor backups are made


class Probe(Construct):
    """The function, and the rule that starts it.

    Attributes:
        function: what runs.
        rule: what starts a journey.
    """

    def __init__(  # noqa: PLR0913 - what it shows of itself, and what it looks at
        self,
        scope: Construct,
        construct_id: str,
        *,
        context: FunctionContext,
        frontend: FrontendStack,
        secret: secretsmanager.ISecret,
        rotated: Sequence[secretsmanager.ISecret],
    ) -> None:
        """Create them.

        secret: what it signs in and signs with. rotated: whose age it reports; of these it reads no value.
        """
        super().__init__(scope, construct_id)
        config = context.config
        self.function = FluxFunction(
            self, "Probe", package="probe", context=context, description="makes a user's journey every minute"
        )
        self.function.set_variables(_address(config, frontend))
        self.function.use_secret("PROBE_SECRET", secret)
        names = [each.secret_arn for each in rotated]
        self.function.set_variables({"ROTATED_SECRETS": Stack.of(self).to_json_string(names)})
        self.function.allow("secretsmanager:ListSecretVersionIds", on=names)
        self.function.use_internet("Flux's own public address, through NAT")
        # A journey that could not begin is not made up for: the next one begins within the minute.
        self.function.alias.configure_async_invoke(retry_attempts=0, max_event_age=MINUTE)
        self.rule = events.Rule(
            self,
            "EveryMinute",
            description="Flux: a user's journey",
            schedule=events.Schedule.rate(MINUTE),
            targets=[targets.LambdaFunction(self.function.alias, retry_attempts=0, max_event_age=MINUTE)],
        )
        events.Rule(
            self,
            "Daily",
            description="Flux: how old the secrets are",
            schedule=DAILY,
            targets=[
                targets.LambdaFunction(
                    self.function.alias, event=events.RuleTargetInput.from_object({"type": "probe.secret-ages"})
                )
            ],
        )


class ProbeSection(Section):
    """How the journeys go. Those that fail, the objective `journey` counts."""

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig, function: FluxFunction) -> None:
        super().__init__(scope, construct_id, title="Journey", config=config)
        self._alarm(
            "probe-broken",
            severity=Severity.TICKET,
            metric=function.function.metric_errors(statistic="Sum", period=FIVE_MINUTES),
            threshold=0,
            periods=2,
            of=3,
            impact="The probe's function raises errors. A journey that fails is none, so the fault is its own.",
            first=f"read the log /flux/{config.name}/{function.name}; roll back what has just been released.",
            runbook="an-alarm-fires",
        )
        runs = self._metric("JourneyRuns", "journeys")
        self._alarm(
            "probe-missing",
            severity=Severity.PAGE,
            metric=runs,
            threshold=1,
            below=True,
            periods=SILENT_MINUTES,
            silent=cloudwatch.TreatMissingData.BREACHING,
            impact=f"The probe has been silent for {SILENT_MINUTES} minutes: nobody knows whether users reach Flux, "
            "and other alarms may be silent for the same cause.",
            first="open the site yourself, then look for AWS's own trouble with Lambda or EventBridge.",
            runbook="probe-missing",
        )
        self._graph("Journey: runs and successes", [runs, self._metric("JourneysSucceeded", "succeeded")])
        self._graph("Journey: duration", [self._metric("JourneyMilliseconds", "milliseconds", statistic="Maximum")])

    def _metric(self, name: str, label: str, *, statistic: str = "Sum") -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="Flux",
            metric_name=name,
            dimensions_map={"Environment": self._config.name, "service": "probe"},
            statistic=statistic,
            period=MINUTE,
            label=label,
        )


def _address(config: FluxConfig, frontend: FrontendStack) -> dict[str, str]:
    """Return where the probe finds the site, as ops/site_address.py does for people."""
    if config.aws_url is not None:
        return {
            "SITE_URL": config.aws_url,
            "SITE_HOST": f"{frontend.distribution.distribution_id}.cloudfront.localhost",
        }
    return {"SITE_URL": f"https://{frontend.host}"}
