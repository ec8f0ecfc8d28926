"""What a deployment makes first, where references alone do not say so. In another order it fails half-way."""

from collections.abc import Iterable, Iterator

from ..finding import Broken, Rules
from ..model import Environment, Resource
from ..workloads import RELEASE_GATE, RELEASED, ROTATIONS, WORKLOADS, Workload
from .model import ENDPOINT, MODEL

RULES = Rules()
_DOORS = ("AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroupIngress")
_GROUPS = ("GroupId", "SourceSecurityGroupId", "DestinationSecurityGroupId")


def _doors(environment: Environment, workload: Workload) -> list[Resource]:
    """Return the rules that let a function out, or in elsewhere."""
    group = f"${{{workload.part('SecurityGroup')}.GroupId}}"
    return [door for door in environment.of(*_DOORS) if group in [door.text(name) for name in _GROUPS]]


@RULES.rule(
    "LAMBDA-AFTER-RIGHTS",
    source="Lambda Developer Guide, Giving functions access to a VPC",
    remedy="let the function depend on its role's policy",
)
def functions_wait_for_their_rights(environment: Environment) -> Iterable[Broken]:
    """Without them Lambda cannot place it into the VPC."""
    for workload in WORKLOADS:
        function, policy = environment.named(workload.name), environment.named(workload.part("RoleDefaultPolicy"))
        if function and policy and policy.logical_id not in function.depends_on:
            yield Broken(resource=function, what="may be made before its role may do anything")


@RULES.rule(
    "LAMBDA-AFTER-DOORS", source="decision 0002, 0011", remedy="let the alias depend on the function's connections"
)
def aliases_wait_for_their_doors(environment: Environment) -> Iterable[Broken]:
    """Whoever starts an alias starts what speaks to PostgreSQL and AWS; the release gate's doors, too."""
    for workload in WORKLOADS:
        alias = environment.named(workload.part("Live"))
        if alias is None:
            continue
        doors = _doors(environment, workload)
        if workload in RELEASED:
            doors += _doors(environment, RELEASE_GATE)
        missing = sorted({door.logical_id for door in doors if door.layer == alias.layer} - set(alias.depends_on))
        if missing:
            yield Broken(resource=alias, what=f"may be started before {', '.join(missing)}"[:300])


@RULES.rule(
    "ROTATION-AFTER-PERMISSION",
    source="Secrets Manager User Guide, Permissions for rotation",
    remedy="let the schedule depend on the permission",
)
def schedules_wait_until_they_may_start_their_function(environment: Environment) -> Iterable[Broken]:
    """Secrets Manager refuses a schedule whose function it may not start."""
    for rotation in ROTATIONS:
        permission = environment.named(rotation.part("BySecretsManager"))
        for schedule in environment.of("AWS::SecretsManager::RotationSchedule"):
            ours = schedule.text("SecretId") == f"${{{rotation.rotates}}}"
            if ours and permission and permission.logical_id not in schedule.depends_on:
                yield Broken(resource=schedule, what="may be made before it may start its function")


@RULES.rule("MIGRATE-ONCE", source="decision 0002", remedy="let the run depend on the configuration of its retries")
def migrations_wait_until_they_run_only_once(environment: Environment) -> Iterable[Broken]:
    """Before it, Lambda would try a failed migration twice more."""
    run = environment.named("Compute/MigrationsRun")
    once = environment.named("Compute/FunctionsMigrateLiveEventInvokeConfig")
    if run and once and once.logical_id not in run.depends_on:
        yield Broken(resource=run, what="may run before its retries are switched off")


def _awaited_by_the_model(environment: Environment) -> Iterator[tuple[Resource, str]]:
    """Yield what must wait, and the name of what it waits for."""
    for model in environment.of(MODEL):
        # The artifact is fetched with the role, through the group.
        yield model, "Ml/ForecastRolePolicy"
        for rule in environment.of("AWS::EC2::SecurityGroupEgress"):
            if rule.text("GroupId") in model.texts("VpcConfig.SecurityGroupIds"):
                yield model, rule.name
    for endpoint in environment.of(ENDPOINT):
        # Or SageMaker makes a group of the same name: not encrypted, for ever, and ours can be made no more.
        yield endpoint, "Ml/ForecastLogs"


@RULES.rule("ML-ORDER", source="SageMaker Developer Guide, Model artifacts; Logs", remedy="add the dependency")
def model_and_endpoint_wait_for_what_they_need(environment: Environment) -> Iterable[Broken]:
    """Without it a first deployment fails, now and then."""
    for resource, name in _awaited_by_the_model(environment):
        awaited = environment.named(name)
        if awaited and awaited.logical_id not in resource.depends_on:
            yield Broken(resource=resource, what=f"may be made before {name}")
