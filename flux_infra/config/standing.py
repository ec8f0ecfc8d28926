"""What the standing environments must be together, and what delivery may say of them."""

import re
from collections.abc import Sequence

from .delivery import Delivery
from .flux import FluxConfig
from .rules import ConfigError, require

_SANDBOX = "https://connect.squareupsandbox.com"


def require_standing(configs: Sequence[FluxConfig], *, delivery: Delivery) -> None:
    """Check names and the choices that one environment alone cannot judge.

    Raises:
        ConfigError: there is no environment, one has a name that is taken or says what only a command may say, or
            delivery names one that it cannot deploy to.
    """
    if not configs:
        raise ConfigError("environments: there is none; list one or more in environments()")
    names = [config.name for config in configs]
    for config in configs:
        require(names.count(config.name) == 1, "FluxConfig.name", config.name, "two environments have it; rename one")
        require(
            re.fullmatch(r"account|pr-.*", config.name) is None,
            "FluxConfig.name",
            config.name,
            "is kept for the accounts' baselines (account) and for previews (pr-...); choose another name",
        )
        require(
            config.bypassed_alarms is None,
            "FluxConfig.bypassed_alarms",
            config.bypassed_alarms,
            f'would hold for each deployment of {config.name}; leave it out, and give -c bypass_alarms="reason" to one',
        )
    _require_delivered({config.name: config for config in configs if config.aws_url is None}, delivery)


def _require_delivered(on_aws: dict[str, FluxConfig], delivery: Delivery) -> None:
    tried = {branch.tried_on for branch in delivery.branches}
    for branch in delivery.branches:
        require(
            branch.environment in on_aws,
            "Branch.environment",
            branch.environment,
            f"no environment on AWS has this name; must be one of {', '.join(on_aws)}",
        )
        config = on_aws[branch.environment]
        require(
            branch.name in tried or branch.tried_on is None or config.square_api_url != _SANDBOX,
            "FluxConfig.square_api_url",
            config.square_api_url,
            f"nobody sells in Square's sandbox, and {config.name} is the last to get a release, so restaurants use it; "
            "write 'https://connect.squareup.com'",
        )
    ephemeral = [config.name for config in on_aws.values() if config.ephemeral]
    require(
        delivery.previews in ephemeral,
        "Delivery.previews",
        delivery.previews,
        f"previews are deleted with all they hold; must be an environment on AWS that may be: {', '.join(ephemeral)}",
    )
