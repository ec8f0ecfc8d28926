"""How a new version of a function gets its traffic, and how it loses it again."""

import re
from collections.abc import Container, Mapping, Sequence
from typing import cast

from aws_cdk import Annotations, Stack, Tags
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from ..config import WORKERS, FluxConfig, TrafficShift
from ..constructs.names import ALIAS, deployment_application_name, deployment_group_name, topic_arn
from ..constructs.role import ServiceRole
from .function import FluxFunction
from .release_alarms import RELEASE_SEVERITY, ReleaseAlarms, build_customer_errors_alarm

_TRAFFIC_SHIFTS: Mapping[TrafficShift, codedeploy.ILambdaDeploymentConfig] = {
    "ALL_AT_ONCE": codedeploy.LambdaDeploymentConfig.ALL_AT_ONCE,
    "CANARY_10PERCENT_5MINUTES": codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES,
    "CANARY_10PERCENT_10MINUTES": codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_10_MINUTES,
}


class Releases(Construct):
    """The CodeDeploy application, and a deployment group for every function that takes traffic.

    The release gate tries a new version before it takes any traffic and again when it has all of it; in between the
    traffic moves as the environment's `traffic_shift` says. A failed try, a firing alarm or a stopped deployment
    sends all of it back to the version before. With `-c bypass_alarms="reason"` alarms are ignored, and the reason
    is the tag `BypassedAlarms` of application and groups until the next deployment without it.

    api: whose failing answers stop every release, whatever function is released.
    counts_requests: the functions that count the requests of owners, and which of them end in a 5xx.

    Attributes:
        application: `flux-<environment>-lambda`.
        groups: by function name; `flux-<environment>-<function>-deployment`.
    """

    def __init__(  # noqa: PLR0913 - what is released, and what judges it
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        functions: Sequence[FluxFunction],
        gate: FluxFunction,
        api: FluxFunction,
        counts_requests: Container[FluxFunction],
    ) -> None:
        super().__init__(scope, construct_id)
        self._config = config
        self._gate = gate
        self._counts_requests = counts_requests
        # By ARN: the topic belongs to the monitoring layer, which is deployed after this one.
        self._tickets = sns.Topic.from_topic_arn(self, "Tickets", topic_arn(config, RELEASE_SEVERITY))
        self.application = codedeploy.LambdaApplication(
            self, "Application", application_name=deployment_application_name(config)
        )
        self._customer_errors = build_customer_errors_alarm(
            self, "UsersHurt", config=config, api=api, topic=self._tickets
        )
        # A deployment may name its AppSpec by the hash alone; the application keeps the text.
        gate.allow("codedeploy:GetApplicationRevision", on=[self.application.application_arn])
        self.groups = {function.name: self._group(function) for function in functions}
        # Flux's own name of a function says how to try it.
        names = {function.function.function_name: function.name for function in functions}
        gate.set_variables({"GATED_FUNCTIONS": Stack.of(self).to_json_string(names)})
        if config.bypassed_alarms is not None:
            Tags.of(self).add("BypassedAlarms", tag_value(config.bypassed_alarms.reason))
            Annotations.of(self).add_warning_v2(
                "flux:bypassed-alarms",
                f"releases of {config.name} do not heed their alarms: {config.bypassed_alarms.reason}",
            )

    def _group(self, function: FluxFunction) -> codedeploy.LambdaDeploymentGroup:
        scope = Construct(self, function.name.capitalize())
        release = ReleaseAlarms(
            scope,
            "Alarms",
            config=self._config,
            function=function,
            topic=self._tickets,
            counts_requests=function in self._counts_requests,
            called_by_strangers=function.name not in WORKERS,
        )
        role = _role(scope, function)
        group = codedeploy.LambdaDeploymentGroup(
            scope,
            "Group",
            application=self.application,
            role=role,
            deployment_group_name=deployment_group_name(self._config, function.name),
            alias=function.alias,
            deployment_config=_TRAFFIC_SHIFTS[self._config.traffic_shift],
            alarms=[*release.alarms, self._customer_errors],
            # The alarms stay attached, so that the group shows what is being ignored.
            ignore_alarm_configuration=self._config.bypassed_alarms is not None,
            # CodeDeploy calls its hooks by the function's bare name, so the gate itself is not released by canary.
            pre_hook=self._gate.function,
            post_hook=self._gate.function,
            auto_rollback=codedeploy.AutoRollbackConfig(
                failed_deployment=True, stopped_deployment=True, deployment_in_alarm=True
            ),
        )
        # The group attaches AWSCodeDeployRoleForLambdaLimited, which moves the aliases of every function.
        cast("iam.CfnRole", role.node.default_child).managed_policy_arns = None
        self._let_gate_judge(function, group)
        # CloudFormation starts a deployment by moving the alias: everything that guards it must be there by then, and
        # so must the policies of CodeDeploy's role and of the gate's, which are resources of their own.
        function.alias.node.add_dependency(group, role, self._gate)
        return group

    def _let_gate_judge(self, function: FluxFunction, group: codedeploy.LambdaDeploymentGroup) -> None:
        self._gate.allow("codedeploy:GetDeployment", on=[group.deployment_group_arn])
        # Versions of this one function: which of them is new, the gate learns from the deployment.
        self._gate.allow("lambda:InvokeFunction", on=[f"{function.function.function_arn}:*"])
        self._gate.allow("lambda:GetAlias", on=_alias_by_name(function))


def _role(scope: Construct, function: FluxFunction) -> ServiceRole:
    """What CodeDeploy may do for one function: AWSCodeDeployRoleForLambdaLimited, narrowed to it.

    Without the policy's S3 part: CloudFormation and `./flux rollback` hand the AppSpec over as text.
    """
    role = ServiceRole(scope, "Role", service="codedeploy.amazonaws.com")
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"],
            resources=_alias_by_name(function),
        )
    )
    # Of every alarm, as AWS's policy has it: by what CodeDeploy asks for its alarms is not documented.
    role.add_to_policy(iam.PolicyStatement(actions=["cloudwatch:DescribeAlarms"], resources=["*"]))
    return role


def _alias_by_name(function: FluxFunction) -> list[str]:
    """What a call about the live alias may be about, by name and not by reference: the alias waits for the policy."""
    return [function.function.function_arn, f"{function.function.function_arn}:{ALIAS}"]


def tag_value(text: str) -> str:
    """The text as far as a tag holds it: 256 letters, digits, spaces and `_.:/=+-@` (Tag naming limits)."""
    return re.sub(r"[^\w .:/=+@-]", "_", text)[:256]
