"""How a new model gets its requests, and how it loses them again: SageMaker's deployment guardrails."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns
from constructs import Construct

from ..config import FluxConfig, Severity
from ..constructs.alarm_limits import within_limits
from ..constructs.alarm_words import describe_alarm
from ..constructs.names import alarm_name, topic_arn

# SageMaker's greatest canary, and the least that two instances can make ("CapacitySize": at most 50 % of the fleet).
CANARY_PERCENT = 50

# The old instances stay this long after all requests have moved, seconds: going back then takes no start.
TERMINATION_WAIT = 300

# A restaurant's forecast takes well under a second.
P95_LATENCY = Duration.seconds(10)


class Guardrails(Construct):
    """Blue/green deployment: new instances, half of the requests for a while, rolled back by alarms.

    The alarms see the endpoint's old and new instances together, because its metrics know no others; so they must be
    silent before a release (SageMaker Developer Guide, "Auto-Rollback Configuration and Monitoring"). A model that
    does not load never gets a request: SageMaker keeps the old instances. Forecasts are made at night; by day a canary
    sees few requests and its alarms little, which is why model/acceptance.py judges a model before it is released.

    Attributes:
        deployment: for the endpoint. The alarms must be made before it.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, config: FluxConfig, endpoint_name: str, variant: str
    ) -> None:
        super().__init__(scope, construct_id)
        self._config = config
        self._dimensions = {"EndpointName": endpoint_name, "VariantName": variant}
        # By ARN: the topic belongs to the monitoring layer, which is deployed after this one.
        self._tickets = sns.Topic.from_topic_arn(self, "Tickets", topic_arn(config, Severity.TICKET))
        errors = self._alarm(
            "Errors", "model-release-errors", "Invocation5XXErrors", "Sum", threshold=config.rollback_errors
        )
        latency = self._alarm(
            "Latency",
            "model-release-latency",
            "ModelLatency",
            "p95",
            threshold=P95_LATENCY.to_seconds() * 1_000_000,  # SageMaker counts in microseconds
        )
        self.deployment = sagemaker.CfnEndpoint.DeploymentConfigProperty(
            blue_green_update_policy=sagemaker.CfnEndpoint.BlueGreenUpdatePolicyProperty(
                traffic_routing_configuration=sagemaker.CfnEndpoint.TrafficRoutingConfigProperty(
                    type="CANARY",
                    canary_size=sagemaker.CfnEndpoint.CapacitySizeProperty(
                        type="CAPACITY_PERCENT", value=CANARY_PERCENT
                    ),
                    wait_interval_in_seconds=config.model.bake_minutes * 60,
                ),
                termination_wait_in_seconds=TERMINATION_WAIT,
                # Starting instances takes about ten minutes each time; twice, and the two waits.
                maximum_execution_timeout_in_seconds=config.model.bake_minutes * 60 + TERMINATION_WAIT + 3_600,
            ),
            auto_rollback_configuration=sagemaker.CfnEndpoint.AutoRollbackConfigProperty(
                alarms=[sagemaker.CfnEndpoint.AlarmProperty(alarm_name=alarm.alarm_name) for alarm in (errors, latency)]
            ),
        )

    def _alarm(
        self, construct_id: str, subject: str, metric_name: str, statistic: str, *, threshold: float
    ) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            construct_id,
            alarm_name=alarm_name(self._config, subject),
            alarm_description=describe_alarm(
                self._config,
                impact="The model being released fails or is slow; SageMaker takes it back.",
                first=f"./flux status --env {self._config.name} shows which model is live; if it is still the new one, "
                "go back by hand.",
                runbook="roll-back-model",
            ),
            metric=cloudwatch.Metric(
                namespace="AWS/SageMaker",
                metric_name=metric_name,
                dimensions_map=self._dimensions,
                statistic=statistic,
                period=Duration.minutes(1),
            ),
            threshold=threshold,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        within_limits(alarm).add_alarm_action(actions.SnsAction(self._tickets))
        return alarm
