"""Which previews are still there although their pull request is closed: `python -m ci.abandoned`.

Prints `previews=["<number>", ...]` for $GITHUB_OUTPUT. A preview whose pull request GitHub does not know was deployed
by hand: it is told, and left to whoever did.
"""

import json
import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import boto3

from flux_infra.environments import environments

from .github import GitHub

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

_STACK = re.compile(r"Flux-pr-([0-9]+)-")


def deployed(stacks: "CloudFormationClient") -> list[int]:
    """Return the numbers of the previews that have a stack, whatever state that is in."""
    pages = stacks.get_paginator("describe_stacks").paginate()
    names = [stack["StackName"] for page in pages for stack in page["Stacks"]]
    return sorted({int(found[1]) for name in names if (found := _STACK.match(name))})


def abandoned(github: GitHub, previews: Iterable[int]) -> tuple[list[int], list[int]]:
    """Return those whose pull request is closed, and those that have none."""
    states = {number: github.pull_request_state(number) for number in previews}
    closed = [number for number, state in states.items() if state == "closed"]
    return closed, [number for number, state in states.items() if state is None]


def main() -> int:
    """Print them."""
    (config,) = environments(preview="pr-0")[-1:]  # all previews are in one account and region
    found = deployed(boto3.Session(region_name=config.region).client("cloudformation"))
    closed, unknown = abandoned(GitHub.of_this_job(), found)
    for number in unknown:
        sys.stderr.write(f"abandoned: Flux-pr-{number} has no pull request; whoever deployed it takes it away\n")
    sys.stderr.write(f"abandoned: {len(closed)} of {len(found)} previews\n")
    sys.stdout.write(f"previews={json.dumps([str(number) for number in closed])}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
