"""The forecast worker: the night's forecasts, restaurant by restaurant."""

import datetime as dt
from functools import cache

import boto3
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config
from pydantic import ValidationError

from flux_core.aws import CLIENT_CONFIG
from flux_core.batch import SqsEvent, take
from flux_core.database import Database
from flux_core.logs import logger
from flux_core.poison import hurry_poison
from flux_core.queue import Queue
from flux_core.secrets import Secrets

from .model import Model
from .settings import ForecastSettings
from .worker import ForecastWorker

# A restaurant with a long menu takes the model longer than other calls to AWS take; two tries fit into one run.
MODEL_CONFIG = CLIENT_CONFIG.merge(Config(read_timeout=20, retries={"mode": "standard", "total_max_attempts": 2}))


@cache
def _queue() -> Queue:
    return Queue(boto3.client("sqs", config=CLIENT_CONFIG), url=ForecastSettings.load().forecast_queue_url)


@cache
def _worker() -> ForecastWorker:
    settings = ForecastSettings.load()
    secrets = Secrets(boto3.client("secretsmanager", config=CLIENT_CONFIG))
    return ForecastWorker(
        database=Database(settings, secrets, statement_seconds=30),
        model=Model(boto3.client("sagemaker-runtime", config=MODEL_CONFIG), endpoint=settings.forecast_endpoint),
        queue=_queue(),
    )


@logger.inject_lambda_context(clear_state=True)
def handler(event: SqsEvent, context: LambdaContext) -> PartialItemFailureResponse:  # noqa: ARG001 - Lambda's signature
    """Take one SQS batch; the response names the messages that failed."""
    worker = _worker()

    def take_one(record: SQSRecord) -> None:
        sent_at = dt.datetime.fromtimestamp(int(record.attributes.sent_timestamp) / 1000, dt.UTC)
        worker.take(record.body, sent_at=sent_at)

    return take(event, hurry_poison(take_one, queue=_queue(), hopeless=(ValidationError,)))
