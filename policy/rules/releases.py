"""Releases: checked, shifted slowly, watched by alarms that see the new version, and taken back by themselves."""

from collections.abc import Iterable

from ..finding import Broken, Rules
from ..model import Environment, Resource, plain
from ..values import as_map, as_text, dig
from ..wanted import NOT_TRUE, TRUE, contains, one_of
from ..workloads import RELEASE_GATE, RELEASED, WORKLOADS, Workload

RULES = Rules()
GROUP = "AWS::CodeDeploy::DeploymentGroup"
ALIAS = "AWS::Lambda::Alias"
VERSION = "AWS::Lambda::Version"
APPLICATION = "Compute/ReleasesApplication"

# CodeDeploy's names of what configuration calls a traffic shift.
_SHIFTS = {
    "ALL_AT_ONCE": "CodeDeployDefault.LambdaAllAtOnce",
    "CANARY_10PERCENT_5MINUTES": "CodeDeployDefault.LambdaCanary10Percent5Minutes",
    "CANARY_10PERCENT_10MINUTES": "CodeDeployDefault.LambdaCanary10Percent10Minutes",
}
# What is at least as careful as a canary of ten percent for five minutes.
_CAREFUL = (
    *("CodeDeployDefault.LambdaCanary10Percent5Minutes", "CodeDeployDefault.LambdaCanary10Percent10Minutes"),
    *("CodeDeployDefault.LambdaCanary10Percent15Minutes", "CodeDeployDefault.LambdaCanary10Percent30Minutes"),
    *("CodeDeployDefault.LambdaLinear10PercentEvery1Minute", "CodeDeployDefault.LambdaLinear10PercentEvery2Minutes"),
    *("CodeDeployDefault.LambdaLinear10PercentEvery3Minutes", "CodeDeployDefault.LambdaLinear10PercentEvery10Minutes"),
)

RULES.demands(
    GROUP,
    ("CD-ALARMS-ON", "AlarmConfiguration.Enabled", TRUE, "CodeDeploy User Guide, Alarms", "enable the alarms"),
    (
        "CD-ALARMS-READ",
        "AlarmConfiguration.IgnorePollAlarmFailure",
        NOT_TRUE,
        "CodeDeploy User Guide, Alarms",
        "stop when the alarms cannot be read",
    ),
    ("CD-ROLLBACK", "AutoRollbackConfiguration.Enabled", TRUE, "CodeDeploy User Guide, Rollbacks", "roll back"),
    (
        "CD-ROLLBACK-EVENTS",
        "AutoRollbackConfiguration.Events",
        contains("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"),
        "CodeDeploy User Guide, Rollbacks",
        "roll back on failure, on an alarm and on a stop",
    ),
    (
        "CD-TRAFFIC",
        "DeploymentStyle.DeploymentOption",
        one_of("WITH_TRAFFIC_CONTROL"),
        "CodeDeploy User Guide, Lambda",
        "shift traffic",
    ),
    ("CD-BLUE-GREEN", "DeploymentStyle.DeploymentType", one_of("BLUE_GREEN"), "CodeDeploy User Guide", "BLUE_GREEN"),
    ("CD-APPLICATION", "ApplicationName", one_of(f"${{{APPLICATION}}}"), "CodeDeploy User Guide", "Flux's application"),
)
RULES.demands(
    APPLICATION,
    ("CD-APPLICATION-NAME", "ApplicationName", one_of("flux-<name>-lambda"), "building/naming.py", "keep the name"),
    ("CD-PLATFORM", "ComputePlatform", one_of("Lambda"), "CodeDeploy User Guide", "Lambda"),
)


def _group_of(environment: Environment, workload: Workload) -> Resource | None:
    name = f"flux-{environment.name}-{workload.config.replace('_', '-')}-deployment"
    return next((group for group in environment.of(GROUP) if group.text("DeploymentGroupName") == name), None)


@RULES.rule("CD-GROUP", source="CodeDeploy User Guide, one group per alias", remedy="one deployment group per function")
def every_released_function_has_its_group(environment: Environment) -> Iterable[Broken]:
    """Under the name that operators type, as its own service role."""
    for workload in RELEASED:
        group = _group_of(environment, workload)
        if group is None:
            yield Broken(subject=workload.config, what=f"{workload.config} has no deployment group of its name")
        elif group.text("ServiceRoleArn") != f"${{Compute/Releases{workload.construct}Role.Arn}}":
            yield Broken(resource=group, what="does not run as its own service role")


@RULES.rule("CD-SHIFT", source="environments.py, traffic_shift", remedy="shift as configuration says, or more slowly")
def traffic_shifts_as_configured(environment: Environment) -> Iterable[Broken]:
    """All at once is only for environments that say so."""
    shift = environment.config.traffic_shift if environment.config else "CANARY_10PERCENT_5MINUTES"
    for group in environment.of(GROUP):
        found = group.text("DeploymentConfigName")
        shorter = shift == "CANARY_10PERCENT_10MINUTES" and found.endswith("Canary10Percent5Minutes")
        if found != _SHIFTS[shift] and (shorter or found not in _CAREFUL):
            yield Broken(
                resource=group, what=f"shifts traffic by {found or 'no configuration'}; must be {_SHIFTS[shift]}"
            )


@RULES.rule("CD-WATCHED", source="CodeDeploy User Guide, Alarms", remedy="attach the release's alarms, ten at most")
def deployments_are_stopped_by_every_release_alarm(environment: Environment) -> Iterable[Broken]:
    """Metric alarms only: CodeDeploy's guide says nothing of composite ones, which DescribeAlarms leaves out."""
    alarms = {alarm.text("AlarmName"): alarm for alarm in environment.of("AWS::CloudWatch::Alarm")}
    for workload in RELEASED:
        group = _group_of(environment, workload)
        if group is None:
            continue
        attached = [plain(as_text(a.get("Name"))) for a in group.items("AlarmConfiguration.Alarms")]
        if len(attached) > _MOST_ALARMS:
            yield Broken(resource=group, what=f"has {len(attached)} alarms; CodeDeploy takes {_MOST_ALARMS}")
        counted = ("errors", *(("server-errors",) if workload.counts_server_errors else ()))
        own = (*counted, *(f"{each}-sustained" for each in counted), "latency", "throttles")
        for subject in (*(f"{workload.config}-release-{each}" for each in own), "release-api-5xx"):
            name = f"flux-{environment.name}-{subject}"
            alarm = alarms.get(name)
            if alarm is None or not {name, alarm.refers()} & set(attached):
                yield Broken(resource=group, what=f"is not stopped by the alarm {name}")


_MOST_ALARMS = 10


@RULES.rule("CD-ALIAS", source="CloudFormation, UpdatePolicy of aliases", remedy="release the alias by CodeDeploy")
def every_released_alias_moves_by_codedeploy(environment: Environment) -> Iterable[Broken]:
    """By its own group, tried by the release gate before and after."""
    gate = "${Compute/FunctionsReleaseGateFunction}"
    for workload in RELEASED:
        alias, group = environment.named(workload.part("Live")), _group_of(environment, workload)
        if alias is None:
            continue
        update = as_map(alias.update_policy.get("CodeDeployLambdaAliasUpdate"))
        wanted = {
            "ApplicationName": f"${{{APPLICATION}}}",
            "DeploymentGroupName": group.refers() if group else "its deployment group",
            "BeforeAllowTrafficHook": gate,
            "AfterAllowTrafficHook": gate,
        }
        for key, value in wanted.items():
            found = plain(as_text(dig(update, key)))
            if found != value:
                yield Broken(resource=alias, what=f"moves with {key}={found or 'none'}; must be {value}")
        if group and group.logical_id not in alias.depends_on:
            yield Broken(resource=alias, what="may move before its deployment group is there")
        for whose, role in (
            ("CodeDeploy", f"Compute/Releases{workload.construct}Role"),
            ("the release gate", RELEASE_GATE.part("Role")),
        ):
            policy = environment.named(f"{role}DefaultPolicy")
            if policy is None or policy.logical_id not in alias.depends_on:
                yield Broken(resource=alias, what=f"may move before {whose} may do its part")


@RULES.rule("ALIAS-LIVE", source="Lambda Developer Guide, Aliases", remedy="point `live` at the current version")
def every_function_has_its_alias(environment: Environment) -> Iterable[Broken]:
    """Called `live`, of this function, at a published version of it and nothing else."""
    for workload in WORKLOADS:
        alias = environment.named(workload.part("Live"))
        if alias is None:
            continue
        name, _, attribute = alias.text("FunctionVersion").removesuffix("}").partition(".")
        version = environment.find(f"{name}}}") if attribute == "Version" else None
        if alias.text("Name") != "live" or not _is_of(alias, workload):
            yield Broken(resource=alias, what=f"is not the alias live of {workload.config}")
        if version is None or version.type != VERSION or not _is_of(version, workload):
            yield Broken(resource=alias, what=f"does not point at a published version of {workload.config}")
        if alias.get("RoutingConfig"):
            yield Broken(resource=alias, what="splits traffic by itself, beside CodeDeploy")


def _is_of(part: Resource, workload: Workload) -> bool:
    """Whether an alias or a version belongs to the function, by its name or its ARN."""
    return part.text("FunctionName") in (f"${{{workload.name}}}", f"${{{workload.name}.Arn}}")


@RULES.rule("VERSION-KEPT", source="AWS::Lambda::Version; SAM #291", remedy="retain versions on delete and replace")
def versions_are_kept_to_roll_back_to(environment: Environment) -> Iterable[Broken]:
    """A rollback to a deleted version is an outage."""
    for version in environment.of(VERSION):
        if not {version.deletion_policy, version.replace_policy} <= {"Retain", "RetainExceptOnCreate"}:
            yield Broken(resource=version, what="is deleted when the next one is published")
