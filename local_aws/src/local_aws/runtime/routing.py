"""Which version an alias runs: its own, or another one with the weight that a deployment has given it."""

from collections.abc import Mapping


def choose(primary: str, weights: Mapping[str, float], draw: float) -> str:
    """The version for one invocation of an alias ("Lambda function aliases", weighted routing).

    primary: the version that the alias names; it gets what the weights leave.
    weights: other versions, each with a share from 0 to 1.
    draw: a number from [0, 1), random per invocation.
    """
    reached = 0.0
    for version, share in weights.items():
        reached += share
        if draw < reached:
            return version
    return primary
