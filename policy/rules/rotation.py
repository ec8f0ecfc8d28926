"""Secrets grow no older than 90 days: each has a schedule, and a function of its own that may be started by it."""

import re
from collections.abc import Iterable

from flux_infra.config import OptOut

from ..finding import Broken, Rules
from ..model import Environment
from ..values import as_text
from ..workloads import NOT_ROTATED, ROTATIONS

RULES = Rules()
SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a resource type
SCHEDULE = "AWS::SecretsManager::RotationSchedule"
_LONGEST = 90  # days
_RATE = re.compile(r"rate\(([1-9][0-9]*) days?\)")


@RULES.rule(
    "SECRET-ROTATES", source="FSBP SecretsManager.1, SecretsManager.4", remedy="add it to compute/rotations.py, or to "
    "NOT_ROTATED in workloads.py with the reason"
)  # fmt: skip
def every_secret_rotates_or_says_why_not(environment: Environment) -> Iterable[Broken]:
    """As often as configured; never more seldom than every 90 days."""
    days = environment.config.rotation_days if environment.config else _LONGEST
    if isinstance(days, OptOut):
        return
    schedules = {schedule.text("SecretId"): schedule for schedule in environment.of(SCHEDULE)}
    for secret in environment.of(SECRET):
        schedule = schedules.get(secret.refers())
        if schedule is None:
            if secret.name not in NOT_ROTATED:
                yield Broken(resource=secret, what="keeps its value for ever")
            continue
        found = schedule.number("RotationRules.AutomaticallyAfterDays")
        expression = schedule.get("RotationRules.ScheduleExpression")
        if expression is not None:
            rate = _RATE.fullmatch(as_text(expression))
            found = int(rate[1]) if rate and found is None else None
        if found is None:
            yield Broken(resource=schedule, what="does not say in days how old a secret gets")
        elif not 1 <= found <= min(days, _LONGEST):
            yield Broken(resource=schedule, what=f"rotates every {found:g} days; must be {min(days, _LONGEST)} or less")


@RULES.rule("ROTATION-OWN", source="decision 0027", remedy="one rotation function for each secret")
def every_secret_is_rotated_by_its_own_function(environment: Environment) -> Iterable[Broken]:
    """Another function follows another strategy, and has no right to the secret."""
    functions = {f"${{{rotation.rotates}}}": rotation for rotation in ROTATIONS}
    for schedule in environment.of(SCHEDULE):
        rotation = functions.get(schedule.text("SecretId"))
        wanted = f"${{{rotation.name}.Arn}}" if rotation else "a function of its own"
        if schedule.text("RotationLambdaARN") != wanted:
            yield Broken(
                resource=schedule, what=f"starts {schedule.text('RotationLambdaARN') or 'nobody'}, not {wanted}"
            )
        if schedule.get("HostedRotationLambda") is not None:
            yield Broken(resource=schedule, what="has AWS make a function that is not ours")


@RULES.rule("ROTATION-QUIET", source="decision 0027", remedy="rotate_immediately_on_update=False")
def a_deployment_rotates_nothing(environment: Environment) -> Iterable[Broken]:
    """Its success would hang on that of every system that a secret opens."""
    for schedule in environment.of(SCHEDULE):
        if schedule.flag("RotateImmediatelyOnUpdate") is not False:
            yield Broken(resource=schedule, what="rotates whenever it is deployed")


@RULES.rule(
    "ROTATION-STARTED-BY",
    source="Secrets Manager User Guide, Permissions for rotation; confused deputy",
    remedy="let Secrets Manager invoke it for its own secret alone",
)
def only_its_own_secret_starts_a_rotation(environment: Environment) -> Iterable[Broken]:
    """Secrets Manager asks for many; whoever may have it ask with another secret would steer the function."""
    for rotation in ROTATIONS:
        permission = environment.named(rotation.part("BySecretsManager"))
        if permission is None:
            continue
        for path, wanted in {
            "Action": "lambda:InvokeFunction",
            "FunctionName": f"${{{rotation.name}.Arn}}",
            "Principal": "secretsmanager.amazonaws.com",
            "SourceAccount": environment.account,
            "SourceArn": f"${{{rotation.rotates}}}",
        }.items():
            if permission.text(path) != wanted:
                yield Broken(
                    resource=permission, what=f"has {path}={permission.text(path) or 'none'}; must be {wanted}"
                )
