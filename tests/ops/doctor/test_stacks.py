from dataclasses import replace

import pytest

from flux_infra.constructs.names import LAYERS
from flux_infra.environments import PROD
from ops.doctor import stacks
from ops.doctor.check import State, ok
from tests.ops.doctor.stubs import account_of, answering, found, stack

EVERY = [stack(layer) for layer in LAYERS]


def test_nothing_deployed_is_where_every_environment_begins() -> None:
    assert found(account_of(PROD), stacks.checks, "stacks") == ok("none deployed yet")
    assert found(account_of(PROD, *EVERY), stacks.checks, "stacks") == ok("7 deployed")
    part = found(account_of(PROD, *EVERY[:2]), stacks.checks, "stacks")
    assert (part.state, part.remedy) == (State.TO_DO, "scripts/cdk deploy 'Flux-prod/*'")


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_FAILED", "ROLLBACK_FAILED", "DELETE_FAILED", "CREATE_IN_PROGRESS"])
def test_a_stack_that_no_deployment_goes_on_from_is_named(status: str) -> None:
    account = account_of(PROD, replace(EVERY[0], status=status), *EVERY[1:])
    answer = found(account, stacks.checks, "stacks")
    assert (answer.state, answer.present) == (State.MISSING, f"Flux-prod-Network is {status}")


@pytest.mark.parametrize(("protected", "state"), [(True, State.MISSING), (False, State.TO_DO)])
def test_a_first_deployment_that_failed_can_be_repeated_unless_its_stack_is_protected(
    protected: bool,  # noqa: FBT001 - a table's column
    state: State,
) -> None:
    account = account_of(PROD, replace(EVERY[0], status="ROLLBACK_COMPLETE"))
    described = {
        "StackName": "Flux-prod-Network",
        "CreationTime": 0,
        "StackStatus": "ROLLBACK_COMPLETE",
        "EnableTerminationProtection": protected,
    }
    with answering(account.aws.stacks, ("describe_stacks", {"Stacks": [described]})):
        assert found(account, stacks.checks, "stacks").state is state
