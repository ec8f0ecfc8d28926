"""The doctor in an empty account on AWS for this machine."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

import boto3
import pytest

from flux_infra.config import Domain
from flux_infra.environments import PROD
from ops.aws import Aws
from ops.doctor import (
    bootstrap,
)
from ops.doctor.account import Account
from ops.doctor.check import State
from ops.doctor.examination import examine
from ops.doctor.report import stops
from tests.ops.doctor.stubs import found
from tests.support.emulator import running

OWN_DOMAIN = Domain(name="app.flux.example", zone_name="flux.example", zone_id="Z1")


class Recorded(Protocol):
    """What botocore hands to a listener before a request is sent."""

    name: str


@pytest.fixture(scope="module")
def emulator() -> Iterator[Account]:
    """An empty account on AWS for this machine."""
    with running() as aws:
        yield Account(Aws(config=PROD, session=aws.session(), url=aws.url, operator="arn"))


def test_an_empty_account_on_this_machine_lacks_its_bootstrap_and_says_what_it_cannot_know(emulator: Account) -> None:
    rows = examine(emulator)
    states = {row.what: row.answer.state for row in rows}
    assert states["CDK bootstrap in us-east-1"] is State.MISSING
    assert states["GitHub's identity provider"] is State.TO_DO
    zone = f"zone {PROD.network.zones[0]}"
    for what in ("SageMaker endpoint instances", zone, "RDS instance class", "service-linked role"):
        assert states[what] is State.UNKNOWN
    assert stops(rows)


def test_a_bootstrap_older_than_the_pinned_clis_is_to_do_and_a_current_one_is_ok(emulator: Account) -> None:
    client = emulator.stacks_in("us-east-1")

    def bootstrapped(version: int) -> State:
        template = {
            "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
            "Outputs": {"BootstrapVersion": {"Value": str(version)}},
        }
        client.create_stack(StackName=bootstrap.STACK, TemplateBody=json.dumps(template))
        client.get_waiter("stack_create_complete").wait(StackName=bootstrap.STACK, WaiterConfig={"Delay": 1})
        state = found(emulator, bootstrap.checks, "CDK bootstrap in us-east-1").state
        client.delete_stack(StackName=bootstrap.STACK)
        client.get_waiter("stack_delete_complete").wait(StackName=bootstrap.STACK, WaiterConfig={"Delay": 1})
        return state

    needed = bootstrap.pinned_version()
    assert [bootstrapped(version) for version in (5, needed - 1, needed)] == [State.MISSING, State.TO_DO, State.OK]


def test_the_doctor_only_reads(emulator: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulator.aws.url or "")
    asked: list[str] = []
    session = boto3.Session(
        aws_access_key_id="tests",
        aws_secret_access_key="tests",  # noqa: S106 - the emulator checks no signatures
        region_name="us-east-1",
    )

    def record(model: Recorded, **_: object) -> None:
        asked.append(model.name)

    session.events.register("before-call.*.*", record)
    # As on AWS, so that every question is asked.
    examine(Account(Aws(config=replace(PROD, domain=OWN_DOMAIN), session=session, url=None, operator="arn")))
    assert len(set(asked)) > 20
    assert [name for name in asked if not name.startswith(("Describe", "Get", "List"))] == []
