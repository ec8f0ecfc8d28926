"""The sync worker: brings point-of-sale data into PostgreSQL, message by message."""

from dataclasses import dataclass
from functools import cache
from typing import Self

import boto3
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

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

from .access import Access
from .connections import Connections
from .events import EventSync
from .freshness import Freshness
from .incremental import IncrementalSync
from .journal import Journal
from .rehearsal import RehearsalCipher, RehearsalSquare
from .revocations import Revocations
from .session import SquareOrders
from .settings import SyncSettings
from .square_client import SquareClient
from .square_faults import SquareAnswerError, SquareUnavailableError
from .tokens import TokenCipher
from .worker import SyncWorker, is_away

# A page of orders is fetched and stored well within this.
PAGE_MILLISECONDS = 30_000

# A message that meets a hanging Square and a slow database takes this long at the most.
MESSAGE_MILLISECONDS = 45_000

STATEMENT_SECONDS = 20

# What delivering a message again cannot mend.
HOPELESS = (ValidationError, SquareAnswerError)


@dataclass(frozen=True, kw_only=True)
class _Instance:
    """What the function works with. effects: of a rehearsal, of which nothing stays, and Square is left alone."""

    database: Database
    queue: Queue
    worker: SyncWorker
    journal: Journal

    @classmethod
    def build(cls, effects: Effects | None = None) -> Self:
        settings = SyncSettings.load()
        secrets = Secrets(bounded(boto3.client("secretsmanager", config=CLIENT_CONFIG)))
        sqs, kms = (
            bounded(boto3.client("sqs", config=CLIENT_CONFIG)),
            bounded(boto3.client("kms", config=CLIENT_CONFIG)),
        )
        database = (
            Database(settings, secrets, statement_seconds=STATEMENT_SECONDS)
            if effects is None
            else RehearsalDatabase(settings, secrets, statement_seconds=STATEMENT_SECONDS, effects=effects)
        )
        cipher = (TokenCipher if effects is None else RehearsalCipher)(kms, key=settings.pos_token_key)
        square = (SquareClient if effects is None else RehearsalSquare)(
            url=settings.square_api_url, secrets=secrets, application_secret=settings.square_application_secret
        )
        queue = Queue(sqs if effects is None else effects.stand_in_for(sqs), url=settings.pos_sync_queue_url)
        connections = Connections(database)
        freshness, journal = Freshness(promised_seconds=settings.sales_visible_seconds), Journal()
        worker = SyncWorker(
            events=EventSync(
                database=database,
                connections=connections,
                orders=SquareOrders(database=database, cipher=cipher, square=square),
                freshness=freshness,
                journal=journal,
            ),
            incremental=IncrementalSync(
                database=database, cipher=cipher, square=square, queue=queue, freshness=freshness, journal=journal
            ),
            revocations=Revocations(
                connections=connections,
                access=Access(database=database, cipher=cipher, square=square),
                journal=journal,
            ),
            journal=journal,
        )
        return cls(database=database, queue=queue, worker=worker, journal=journal)


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

    def has_time() -> bool:
        return context.get_remaining_time_in_millis() > PAGE_MILLISECONDS

    def take_one(record: SQSRecord) -> None:
        age = Age.of(record)
        instance.worker.take(
            record.body, has_time=has_time, age=age.seconds, request_id=age.request_id, ticket=age.ticket
        )

    def has_time_for_one() -> bool:
        return context.get_remaining_time_in_millis() > MESSAGE_MILLISECONDS

    failing_fast = fail_fast(take_one, queue=instance.queue, non_retryable=HOPELESS)
    postponing = Postponing(queue=instance.queue, name="pos-sync", is_away=is_away, wait=_wait)
    try:
        return take(event, failing_fast, has_time=has_time_for_one, postponing=postponing)
    finally:
        instance.journal.write(messages=len(event["Records"]))


def _wait(error: Exception) -> float:
    return error.seconds if isinstance(error, SquareUnavailableError) else 0.0


def _rehearse(event: SqsEvent) -> Rehearsed:
    """Work the batch off for the release gate, and tell what it would have changed; Square is left alone.

    Everything is made anew and ended, so that an instance that takes traffic later holds one connection, not two.
    """
    effects = Effects()
    instance = _Instance.build(effects)
    try:
        response = take(event, lambda record: instance.worker.take(record.body, has_time=lambda: True))
        instance.journal.write(messages=len(event["Records"]))
        return {**response, "rehearsal": effects.take()}
    finally:
        instance.database.close()
