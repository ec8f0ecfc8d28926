"""The alarm on what people get while anything is released."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..building.naming import alarm_name
from ..config import FluxConfig
from .function import FluxFunction
from .release_metrics import FLUX, LAMBDA, PERIOD, SERVER_ERRORS, build_release_alarm, one_minute, through_alias

# One request in twenty: far above Flux's ordinary errors (0.1 %), and above what a canary's tenth of the traffic causes
# before the alarms on its own version have taken it back.
USERS_HURT_PERCENT = 5


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
                "failures": one_minute(FLUX, SERVER_ERRORS, through_alias(api), "Sum"),
                "invocations": one_minute(LAMBDA, "Invocations", through_alias(api), "Sum"),
            },
            period=PERIOD,
        ),
        threshold=USERS_HURT_PERCENT,
    )
