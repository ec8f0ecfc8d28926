"""The forecast worker: the night's forecasts, restaurant by restaurant."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Self

import boto3
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config
from pydantic import ValidationError

from flux_core.away import is_away
from flux_core.aws import CLIENT_CONFIG
from flux_core.batch import Postponing, Rehearsed, SqsEvent, fail_fast, take
from flux_core.bounded_aws import bounded
from flux_core.database import Database
from flux_core.effects import Effects
from flux_core.logs import logger
from flux_core.metrics import metered
from flux_core.postponing import Age
from flux_core.queue import Queue
from flux_core.rehearsal import is_rehearsal
from flux_core.rehearsal_database import RehearsalDatabase
from flux_core.secrets import Secrets
from flux_core.tally import tallied

from .model import MAX_BYTES, Model, ModelUnavailableError
from .settings import ForecastSettings
from .worker import ForecastWorker

# A restaurant with a long menu takes the model longer than other calls to AWS take; two tries fit into one run.
MODEL_CONFIG = CLIENT_CONFIG.merge(Config(read_timeout=20, retries={"mode": "standard", "total_max_attempts": 2}))

# A restaurant whose model hangs twice takes this long at the most.
MESSAGE_MILLISECONDS = 45_000

STATEMENT_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class _Instance:
    """What the function works with. effects: of a rehearsal, of which nothing stays."""

    database: Database
    queue: Queue
    worker: ForecastWorker

    @classmethod
    def build(cls, effects: Effects | None = None) -> Self:
        settings = ForecastSettings.load()
        secrets = Secrets(bounded(boto3.client("secretsmanager", config=CLIENT_CONFIG)))
        sqs = bounded(boto3.client("sqs", config=CLIENT_CONFIG))
        endpoint = bounded(boto3.client("sagemaker-runtime", config=MODEL_CONFIG), max_bytes=MAX_BYTES)
        if effects is None:
            database = Database(settings, secrets, statement_seconds=STATEMENT_SECONDS)
        else:
            database = RehearsalDatabase(settings, secrets, statement_seconds=STATEMENT_SECONDS, effects=effects)
            sqs, endpoint = effects.stand_in_for(sqs), effects.watch(endpoint)
        queue = Queue(sqs, url=settings.forecast_queue_url)
        model = Model(endpoint, endpoint=settings.forecast_endpoint)
        worker = ForecastWorker(database=database, model=model, queue=queue, due_hour=settings.forecasts_due_hour)
        return cls(database=database, queue=queue, worker=worker)


@cache
def _live() -> _Instance:
    return _Instance.build()


@logger.inject_lambda_context(clear_state=True)
def handler(event: SqsEvent, context: LambdaContext) -> PartialItemFailureResponse:
    """Take one SQS batch; the response names the messages that failed."""
    rehearsal = is_rehearsal(event)
    with metered(rehearsal=rehearsal), tallied(context):
        return _rehearse(event) if rehearsal else _take(event, context)


def _take(event: SqsEvent, context: LambdaContext) -> PartialItemFailureResponse:
    instance = _live()

    def has_time_for_one() -> bool:
        return context.get_remaining_time_in_millis() > MESSAGE_MILLISECONDS

    failing_fast = fail_fast(_with(instance.worker), queue=instance.queue, non_retryable=(ValidationError,))
    postponing = Postponing(queue=instance.queue, name="forecast", is_away=_is_away)
    return take(event, failing_fast, has_time=has_time_for_one, postponing=postponing)


def _is_away(error: Exception) -> bool:
    return isinstance(error, ModelUnavailableError) or is_away(error)


def _with(worker: ForecastWorker) -> Callable[[SQSRecord], None]:
    def take_one(record: SQSRecord) -> None:
        worker.take(record.body, sent_at=dt.datetime.fromtimestamp(Age.of(record).first_sent, dt.UTC))

    return take_one


def _rehearse(event: SqsEvent) -> Rehearsed:
    """Work the batch off for the release gate, the model included, and tell what it would have changed.

    Everything is made anew and ended, so that an instance that takes traffic later holds one connection, not two.
    """
    effects = Effects()
    instance = _Instance.build(effects)
    try:
        response = take(event, _with(instance.worker))
        return {**response, "rehearsal": effects.take()}
    finally:
        instance.database.close()
