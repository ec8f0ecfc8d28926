"""What the functions run on in these tests: real servers on the loopback, reached as on AWS, TLS included."""

import json
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from uuid import UUID

import boto3
import psycopg
from psycopg.rows import TupleRow

from local.square import Handler, Square
from local_aws.servers.postgres import Master, PostgresServer
from local_aws.servers.valkey import CacheUser, ValkeyServer
from local_aws.tls.authority import CertificateAuthority
from local_aws.tls.postgres import postgres_tls
from local_aws.tls.terminator import Terminator, TerminatorThread, plain_tls

from .aws import REGION, start_aws
from .ports import free_port

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

OWNER = Master(username="flux_owner", password=secrets.token_urlsafe(24), database="flux")
FUNCTIONS = {"username": "flux_app", "password": secrets.token_urlsafe(24)}
CACHE_USER = CacheUser(username="flux", password=secrets.token_urlsafe(24))
TOKEN_KEY = {"kid": "1", "key": secrets.token_urlsafe(48)}
SUBSCRIPTION = {
    "signature_key": "key of the subscription",
    "notification_url": "https://flux.example/api/v1/webhooks/square",
}
ORIGIN = {"value": secrets.token_urlsafe(48)}
APPLICATION = {"application_id": "sq0idp-flux", "application_secret": "sq0csp-secret"}


@dataclass(kw_only=True)
class Platform:
    """Everything that stands in for AWS and Square, and the variables that lead there."""

    postgres: PostgresServer
    valkey: ValkeyServer
    square: Square
    database_port: int
    environment: dict[str, str] = field(repr=False)

    @cached_property
    def sqs(self) -> "SQSClient":
        return boto3.client("sqs")

    @cached_property
    def secrets(self) -> "SecretsManagerClient":
        return boto3.client("secretsmanager")

    @cached_property
    def kms(self) -> "KMSClient":
        return boto3.client("kms")

    def connect_as_owner(self, database: str = OWNER.database) -> psycopg.Connection[TupleRow]:
        return self._connect(OWNER.username, OWNER.password, database)

    def connect_as_functions(self) -> psycopg.Connection[TupleRow]:
        return self._connect(FUNCTIONS["username"], FUNCTIONS["password"], OWNER.database)

    @contextmanager
    def tenant(self, restaurant_id: UUID) -> Iterator[psycopg.Cursor[TupleRow]]:
        """A cursor of the owner's, inside a transaction for the restaurant."""
        with self.connect_as_owner() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.restaurant_id', %s, true)", [str(restaurant_id)])
            yield cursor

    def drain(self, queue: str) -> list[dict[str, object]]:
        """Take all messages out of a queue."""
        bodies: list[dict[str, object]] = []
        while messages := self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            for message in messages:
                bodies.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return bodies

    def _connect(self, user: str, password: str | None, database: str) -> psycopg.Connection[TupleRow]:
        return psycopg.connect(host="127.0.0.1", port=self.database_port, user=user, password=password, dbname=database)


@contextmanager
def running_platform(folder: Path) -> Iterator[Platform]:
    """Start everything with its data in `folder`; stop it in the end."""
    with ExitStack() as stack:
        authority = CertificateAuthority(folder / "authority")
        threads = TerminatorThread()
        stack.callback(threads.stop)
        context = authority.server_context()

        postgres = PostgresServer(folder / "postgres", free_port(), master=OWNER, parameters={"fsync": "off"})
        postgres.start()
        stack.callback(postgres.stop)
        database = Terminator.listen(
            threads, port=free_port(), backend=postgres.port, context=context, opening=postgres_tls
        )
        stack.callback(database.close)

        valkey = ValkeyServer(folder / "valkey", free_port(), user=CACHE_USER)
        valkey.start()
        stack.callback(valkey.stop)
        cache = Terminator.listen(threads, port=free_port(), backend=valkey.port, context=context, opening=plain_tls)
        stack.callback(cache.close)

        square = Square()
        square_server = ThreadingHTTPServer(("127.0.0.1", 0), Handler.serving(square))
        Thread(target=square_server.serve_forever, daemon=True).start()
        stack.callback(square_server.server_close)
        stack.callback(square_server.shutdown)

        aws_port = free_port()
        aws = start_aws(aws_port, folder)
        stack.callback(aws.wait)
        stack.callback(aws.terminate)
        yield Platform(
            postgres=postgres,
            valkey=valkey,
            square=square,
            database_port=database.port,
            environment={
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{aws_port}",
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_DEFAULT_REGION": REGION,
                "AWS_REGION": REGION,
                "PGSSLMODE": "verify-full",
                "PGSSLROOTCERT": str(authority.certificate),
                "SSL_CERT_FILE": str(authority.certificate),
                "FLUX_ENVIRONMENT": "test",
                "DATABASE_HOST": "127.0.0.1",
                "DATABASE_PORT": str(database.port),
                "DATABASE_NAME": OWNER.database,
                "DATABASE_SECRET": "database/functions",
                "CACHE_HOST": "127.0.0.1",
                "CACHE_PORT": str(cache.port),
                "CACHE_SECRET": "cache",
                "TOKEN_KEYS_SECRET": "token-keys",
                "SQUARE_API_URL": f"http://127.0.0.1:{square_server.server_port}",
                "SQUARE_APPLICATION_SECRET": "square/application",
                "SQUARE_WEBHOOK_SECRET": "square/webhook",
                "ORIGIN_SECRET": "origin",
                "FORECAST_ENDPOINT": "flux-test",
            },
        )


def furnish(platform: Platform) -> dict[str, str]:
    """Make the secrets, queues and key that a deployment makes; returns the variables that name them."""
    for name, content in {
        "database/owner": {"username": OWNER.username, "password": OWNER.password, "engine": "postgres"},
        "database/functions": FUNCTIONS,
        "cache": {"username": CACHE_USER.username, "password": CACHE_USER.password},
        "token-keys": TOKEN_KEY,
        "square/application": APPLICATION,
        "square/webhook": SUBSCRIPTION,
        "origin": ORIGIN,
    }.items():
        platform.secrets.create_secret(Name=name, SecretString=json.dumps(content))
    return {
        "POS_SYNC_QUEUE_URL": platform.sqs.create_queue(QueueName="pos-sync")["QueueUrl"],
        "FORECAST_QUEUE_URL": platform.sqs.create_queue(QueueName="forecast")["QueueUrl"],
        "POS_TOKEN_KEY": platform.kms.create_key()["KeyMetadata"]["Arn"],
    }
