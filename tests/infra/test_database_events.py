"""What RDS says about the database reaches people."""

from typing import cast

import pytest
from aws_cdk.assertions import Match

from flux_infra.config import Severity
from tests.infra.templates import Json, Resource, Templates, properties, resources

SUBSCRIPTION = "AWS::RDS::EventSubscription"


@pytest.mark.parametrize(
    ("source_type", "categories"),
    [
        ("db-instance", ["configuration change", "failure", "maintenance", "failover", "low storage", "recovery"]),
        ("db-parameter-group", ["configuration change"]),
        ("db-security-group", ["configuration change", "failure"]),
    ],
)
def test_its_events_are_sent_to_the_tickets(environment: Templates, source_type: str, categories: list[str]) -> None:
    topic = environment.topic(Severity.TICKET)
    environment.monitoring.has_resource_properties(
        SUBSCRIPTION,
        {"SourceType": source_type, "EventCategories": categories, "Enabled": True, "SnsTopicArn": {"Ref": topic}},
    )


def test_an_environment_hears_of_its_own_database(environment: Templates) -> None:
    environment.monitoring.has_resource_properties(
        SUBSCRIPTION, {"SourceType": "db-instance", "SourceIds": [f"flux-{environment.config.name}-database"]}
    )


def test_a_subscription_waits_for_the_topics_policy_because_rds_tries_it(environment: Templates) -> None:
    policy = environment.topic_policy(Severity.TICKET)
    environment.monitoring.all_resources(SUBSCRIPTION, {"DependsOn": Match.array_with([policy])})


def test_only_this_accounts_databases_may_write_to_the_tickets(environment: Templates) -> None:
    account, region, name = environment.config.account, environment.config.region, environment.config.name
    policies = resources(environment.monitoring, "AWS::SNS::TopicPolicy")
    policy = cast("Resource", policies[environment.topic_policy(Severity.TICKET)]["Properties"])
    (key,) = properties(environment.monitoring, "AWS::KMS::Key")

    assert _condition(policy["PolicyDocument"]) == {
        "StringEquals": {"aws:SourceAccount": account},
        "ArnLike": {"aws:SourceArn": f"arn:aws:rds:{region}:{account}:*"},
    }
    assert _condition(key["KeyPolicy"]) == {
        "StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": f"arn:aws:sns:{region}:{account}:flux-{name}-ticket"}
    }


def _condition(document: Json) -> Json:
    statements = cast("list[Resource]", cast("Resource", document)["Statement"])
    (found,) = [s for s in statements if s["Principal"] == {"Service": "events.rds.amazonaws.com"}]
    return found["Condition"]
