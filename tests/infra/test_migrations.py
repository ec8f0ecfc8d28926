"""What the migrate function may do to the database's instance."""

import json

from aws_cdk.assertions import Match

from flux_infra.config import Backups
from flux_infra.constructs.names import database_identifier
from tests.infra.templates import Resource, Templates, properties
from tests.infra.test_compute import environment_of, policy_of

POLICY = "AWS::IAM::ManagedPolicy"


def test_the_function_knows_which_migrations_it_carries(environment: Templates) -> None:
    (run,) = properties(environment.compute, "Custom::Migrations")
    assert environment_of(environment, "migrate")["MIGRATIONS_HASH"] == run["Migrations"]


def test_migrations_may_take_snapshots_of_their_own_database_under_their_own_name(prod: Templates) -> None:
    assert environment_of(prod, "migrate")["SNAPSHOT_INSTANCE"] == "flux-prod-database"
    rds = f"arn:aws:rds:us-east-1:{prod.config.account}"
    has_statement(
        prod,
        {
            "Action": ["rds:CreateDBSnapshot", "rds:DescribeDBSnapshots"],
            "Effect": "Allow",
            "Resource": [f"{rds}:db:flux-prod-database", f"{rds}:snapshot:flux-prod-migration-*"],
        },
    )
    has_statement(
        prod,
        Match.object_like(
            {
                "Action": "kms:CreateGrant",
                "Condition": {
                    "StringEquals": {"kms:ViaService": "rds.us-east-1.amazonaws.com"},
                    "Bool": {"kms:GrantIsForAWSResource": "true"},
                },
            }
        ),
    )
    assert "rds:Delete" not in policy_of(prod, "migrate")


def test_nobody_else_touches_the_instance(environment: Templates) -> None:
    users = [policy for policy in properties(environment.compute, POLICY) if "db:flux-" in json.dumps(policy)]
    live = [policy for policy in users if f"db:{database_identifier(environment.config)}" in json.dumps(policy)]
    assert len(live) == (0 if environment.config.ephemeral else 1)
    assert len(users) == (1 if isinstance(environment.config.backups, Backups) else 0)  # what a drill restored


def has_statement(templates: Templates, statement: Resource | object) -> None:
    templates.compute.has_resource_properties(
        POLICY, {"PolicyDocument": Match.object_like({"Statement": Match.array_with([statement])})}
    )
