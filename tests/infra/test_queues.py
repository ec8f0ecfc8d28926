import json
from typing import cast

import pytest
from aws_cdk.assertions import Match

from flux_infra.compute.function import BATCH_SIZE
from flux_infra.config import Worker
from sync.journal import FULL
from tests.infra.templates import Resource, Templates, properties, resources

QUEUE = "AWS::SQS::Queue"
RULE = "AWS::Events::Rule"
MAPPING = "AWS::Lambda::EventSourceMapping"


def queue(templates: Templates, name: str) -> Resource:
    """Return the properties of the one queue whose logical id contains `name`."""
    (found,) = (q for logical_id, q in resources(templates.compute, QUEUE).items() if name in logical_id)
    return cast("Resource", found["Properties"])


@pytest.mark.parametrize(("name", "worker"), [("PosSyncQueue", "sync"), ("ForecastsQueue", "forecast")])
def test_a_message_stays_hidden_for_six_timeouts_of_its_worker(environment: Templates, name: str, worker: str) -> None:
    size = cast("Worker", getattr(environment.config.functions, worker))

    assert queue(environment, name)["VisibilityTimeout"] == 6 * size.timeout_seconds


@pytest.mark.parametrize("name", ["PosSync", "Forecasts"])
def test_what_failed_five_times_is_kept_for_a_fortnight(environment: Templates, name: str) -> None:
    redrive = cast("Resource", queue(environment, f"{name}Queue")["RedrivePolicy"])

    assert redrive["maxReceiveCount"] == 5
    assert f"{name}DeadLetters" in json.dumps(redrive["deadLetterTargetArn"])
    assert queue(environment, f"{name}DeadLetters")["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert queue(environment, f"{name}Queue")["MessageRetentionPeriod"] == 4 * 24 * 3600


def test_queues_are_encrypted_with_our_key_and_refuse_plain_http(environment: Templates) -> None:
    environment.compute.all_resources_properties(
        QUEUE, {"KmsMasterKeyId": {"Fn::GetAtt": [Match.string_like_regexp("^Key"), "Arn"]}}
    )
    environment.compute.resource_count_is("AWS::SQS::QueuePolicy", 4)
    environment.compute.all_resources_properties(
        "AWS::SQS::QueuePolicy",
        {
            "PolicyDocument": Match.object_like(
                {
                    "Statement": Match.array_with(
                        [Match.object_like({"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}})]
                    )
                }
            )
        },
    )


@pytest.mark.parametrize(
    ("schedule", "queue_name", "message"),
    [
        ("cron(0 2 * * ? *)", "Forecasts", {"type": "forecast.tick"}),
        ("cron(0/15 * * * ? *)", "PosSync", {"type": "sync.tick"}),
    ],
)
def test_a_schedule_puts_its_tick_on_a_queue(
    environment: Templates, schedule: str, queue_name: str, message: dict[str, str]
) -> None:
    (rule,) = (r for r in properties(environment.compute, RULE) if r["ScheduleExpression"] == schedule)
    (target,) = cast("list[Resource]", rule["Targets"])

    assert rule["State"] == "ENABLED"
    assert f"{queue_name}Queue" in json.dumps(target["Arn"])
    assert json.loads(cast("str", target["Input"])) == message
    assert f"{queue_name}DeadLetters" in json.dumps(target["DeadLetterConfig"])


@pytest.mark.parametrize(("name", "worker"), [("PosSync", "sync"), ("Forecasts", "forecast")])
def test_a_queue_starts_the_live_version_of_its_worker_below_its_concurrency(
    environment: Templates, name: str, worker: str
) -> None:
    size = cast("Worker", getattr(environment.config.functions, worker))
    (mapping,) = (
        m for m in properties(environment.compute, MAPPING) if f"{name}Queue" in json.dumps(m["EventSourceArn"])
    )

    assert json.dumps(mapping["FunctionName"]).endswith('":live"]]}')
    assert f"Functions{worker.capitalize()}Live" in json.dumps(mapping["FunctionName"])
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": size.polled_concurrency}
    assert size.polled_concurrency < size.concurrency


def test_a_message_that_fails_does_so_alone(environment: Templates) -> None:
    environment.compute.resource_count_is(MAPPING, 2)
    environment.compute.all_resources_properties(MAPPING, {"FunctionResponseTypes": ["ReportBatchItemFailures"]})


def test_the_sync_worker_takes_for_a_full_batch_what_lambda_hands_over_at_once() -> None:
    assert FULL == BATCH_SIZE
