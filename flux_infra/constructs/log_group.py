"""Log groups that do not keep logs for ever."""

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from ..config import FluxConfig
from .removal import state_removal

_RETENTION = {
    7: logs.RetentionDays.ONE_WEEK,
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    90: logs.RetentionDays.THREE_MONTHS,
    180: logs.RetentionDays.SIX_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
    400: logs.RetentionDays.THIRTEEN_MONTHS,
    731: logs.RetentionDays.TWO_YEARS,
}


def log_retention(config: FluxConfig) -> logs.RetentionDays:
    """Return how long the environment keeps its logs."""
    return _RETENTION[config.log_days]


def build_log_group(
    scope: Construct, construct_id: str, *, config: FluxConfig, name: str | None, key: kms.IKey | None = None
) -> logs.LogGroup:
    """Return a log group called `name`, kept for the environment's `log_days`.

    name: None lets CloudFormation choose, where somebody else's role may create log groups: one that a late line makes
        again, after a deployment that failed, has another name than the next deployment's.
    key: encrypts it instead of CloudWatch's own key; `key.allow_log_groups` must have been called for it.
    """
    return logs.LogGroup(
        scope,
        construct_id,
        log_group_name=name,
        retention=log_retention(config),
        encryption_key=key,
        removal_policy=state_removal(config),
    )


def log_group_arn(log_group: logs.LogGroup) -> str:
    """Return the ARN without the ":*" that the log group's own ends in: API Gateway and WAF refuse that."""
    return Stack.of(log_group).format_arn(
        service="logs",
        resource="log-group",
        resource_name=log_group.log_group_name,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
