"""Our roles beside what AWS itself gives to roles with their purpose: what is left out has a reason."""

import fnmatch
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from policy.model import Environment
from policy.values import as_list, as_map, as_texts

from .simulator import own_policies
from .tables import FUNCTIONS, ROLES

# Not assumed by a service, or wholly aws-cdk-lib's.
OURS_ALONE = {"Frontend/PublisherPolicy", "Network/CustomVpcRestrictDefaultSGCustomResourceProviderRole"}


@dataclass(frozen=True, kw_only=True)
class AwsPolicy:
    """One table of aws_policies.toml."""

    source: str
    roles: Sequence[str]
    statements: Sequence[Mapping[str, Sequence[str]]]
    left_out: Mapping[str, str] = field(default_factory=dict)

    def resources(self) -> Iterator[tuple[str, Sequence[str]]]:
        """Yield each action with where AWS allows it."""
        for statement in self.statements:
            for action in statement["actions"]:
                yield action, statement["resources"]

    def ours(self) -> Iterator[str]:
        """Yield the roles that it is compared with."""
        for role in self.roles:
            if role == "functions":
                yield from (name for name in FUNCTIONS if name not in OURS_ALONE)
            else:
                yield role


POLICIES = {
    name: AwsPolicy(**table)
    for name, table in tomllib.loads(Path(__file__).with_name("aws_policies.toml").read_text()).items()
}


def _granted(environment: Environment, role: str, action: str) -> list[str]:
    """Return the resources that the role's own policies name for an action."""
    found = environment.find(role)
    assert found is not None, f"{role} is gone: take it out of aws_policies.toml"
    return [
        resource
        for policy in own_policies(environment, found)
        for statement in map(as_map, as_list(as_map(policy).get("Statement")))
        if action in as_texts(statement["Action"])
        for resource in as_texts(statement["Resource"])
    ]


PAIRS = [(name, role) for name, policy in POLICIES.items() for role in policy.ours()]


@pytest.mark.parametrize(("name", "role"), PAIRS)
def test_a_role_may_what_awss_own_may_but_for_what_is_left_out_with_a_reason(
    name: str, role: str, prod: Environment
) -> None:
    policy = POLICIES[name]
    missing = []
    for action, patterns in policy.resources():
        # Ours are narrower. One that AWS's pattern does not reach is on something else.
        there = [
            own for own in _granted(prod, role, action) if any(fnmatch.fnmatchcase(own, each) for each in patterns)
        ]
        if action in policy.left_out:
            assert there == [], f"{role} has {action} after all: take it out of left_out"
        elif not there:
            missing.append(action)
    assert missing == [], f"{role} lacks what {policy.source} lists"


def test_what_is_left_out_is_part_of_the_policy() -> None:
    for name, policy in POLICIES.items():
        assert set(policy.left_out) <= {action for action, _ in policy.resources()}, name


def test_every_role_that_a_service_takes_is_compared() -> None:
    assert {role for _, role in PAIRS} == set(ROLES) - OURS_ALONE, "add its purpose to aws_policies.toml"
