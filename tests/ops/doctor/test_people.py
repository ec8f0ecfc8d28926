"""What waits for a person, and for AWS Backup's settings."""

import json

import pytest

from flux_infra.environments import DEV, PROD
from ops.doctor import (
    alerts,
    backups,
    secrets,
)
from ops.doctor.check import State
from ops.doctor.examination import ask
from tests.ops.doctor.stubs import Refusal, account_of, answering, found, stack


def test_aws_backup_must_have_rds_switched_on_where_backups_are_and_where_their_copies_go() -> None:
    account = account_of(PROD)
    here, there = account.aws.session.client("backup"), account.aws.session.client("backup", region_name="us-west-2")
    account.__dict__["backups_in"] = {"us-east-1": here, "us-west-2": there}.__getitem__
    with (
        answering(here, ("describe_region_settings", {"ResourceTypeOptInPreference": {"RDS": True}})),
        answering(
            there,
            ("describe_region_settings", {"ResourceTypeOptInPreference": {"RDS": False}}),
            ("describe_backup_vault", Refusal("ResourceNotFoundException")),
        ),
    ):
        rows = [ask(account, check) for check in backups.checks(account)]
    assert [row.state for row in rows] == [State.OK, State.MISSING, State.MISSING]
    assert rows[1].remedy == (
        "aws backup update-region-settings --region us-west-2 --resource-type-opt-in-preference RDS=true"
    )
    assert rows[2].remedy.endswith("Flux-backup-copies-prod")
    assert list(backups.checks(account_of(DEV))) == []


@pytest.mark.parametrize(
    ("arn", "state"),
    [
        ("PendingConfirmation", State.TO_DO),
        ("Deleted", State.TO_DO),
        ("arn:aws:sns:us-east-1:333333333333:flux-prod-page:1", State.OK),
    ],
)
def test_a_subscription_counts_only_when_it_is_confirmed(arn: str, state: State) -> None:
    account = account_of(PROD)
    subscriptions = [
        {"Protocol": "email", "Endpoint": email, "SubscriptionArn": arn}
        for email in (PROD.page_email, PROD.ticket_email)
    ]
    with answering(
        account.topics, *(("list_subscriptions_by_topic", {"Subscriptions": [each]}) for each in subscriptions)
    ):
        answers = [ask(account, check) for check in alerts.checks(account)]
    assert [answer.state for answer in answers] == [state, state]


def test_a_secret_that_nobody_filled_in_is_named_and_its_value_is_not_shown() -> None:
    account = account_of(PROD, stack("Data", outputs={"SquareAccessSecretName": "square-access"}))
    value = {"subscription_id": "fill-in", "access_token": "RaNdOm"}
    with answering(account.secrets, ("get_secret_value", {"SecretString": json.dumps(value)})):
        answer = found(account, secrets.checks, "secret SquareAccess")
    assert answer.state is State.TO_DO
    assert answer.present == "subscription_id of square-access says 'fill-in'"
    assert "RaNdOm" not in answer.remedy
    assert found(account, secrets.checks, "secret SquareWebhook").present == "not deployed yet"
