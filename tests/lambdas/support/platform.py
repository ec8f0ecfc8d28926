"""What the functions run on in these tests: real servers on the loopback, reached as on AWS, TLS included."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.server import ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING
from uuid import UUID

import boto3
import psycopg
from psycopg.rows import TupleRow

from local.square import Handler, Square
from tests.support.emulator import running
from tests.support.stacks import CloudFormation, Resources, attribute

from .ports import free_port

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

REGION = "us-east-1"
DATABASE = "flux"
OWNER = {"username": "flux_owner", "password": secrets.token_urlsafe(24)}
FUNCTIONS = {"username": "flux_app", "password": secrets.token_urlsafe(24)}
CACHE_USER = {"username": "flux", "password": secrets.token_urlsafe(24)}
TOKEN_KEY = {"kid": "1", "key": secrets.token_urlsafe(48)}
SUBSCRIPTION = {
    "signature_key": "key of the subscription",
    "notification_url": "https://flux.example/api/v1/webhooks/square",
}
ORIGIN = {"value": secrets.token_urlsafe(48)}
PROBE = {"password": secrets.token_urlsafe(30)}
APPLICATION = {"application_id": "sq0idp-flux", "application_secret": "sq0csp-secret"}


@dataclass(kw_only=True)
class Platform:
    """Everything that stands in for AWS and Square, and the variables that lead there."""

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

    def connect_as_owner(self, database: str = DATABASE) -> psycopg.Connection[TupleRow]:
        return self._connect(OWNER, database)

    def connect_as_functions(self) -> psycopg.Connection[TupleRow]:
        return self._connect(FUNCTIONS, DATABASE)

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

    def _connect(self, login: Mapping[str, str], database: str) -> psycopg.Connection[TupleRow]:
        return psycopg.connect(
            host="127.0.0.1",
            port=self.database_port,
            user=login["username"],
            password=login["password"],
            dbname=database,
        )


def _servers() -> Resources:
    """A database and a cache, as a template asks for them."""
    return {
        "Database": {
            "Type": "AWS::RDS::DBInstance",
            "Properties": {
                "Engine": "postgres",
                "DBInstanceClass": "db.t4g.medium",
                "AllocatedStorage": "20",
                "DBName": DATABASE,
                "Port": str(free_port()),
                "MasterUsername": OWNER["username"],
                "MasterUserPassword": OWNER["password"],
            },
        },
        "User": {
            "Type": "AWS::ElastiCache::User",
            "Properties": {
                "UserId": "functions",
                "UserName": CACHE_USER["username"],
                "Engine": "valkey",
                "AccessString": "on ~* &* +@all",
                "AuthenticationMode": {"Type": "password", "Passwords": [CACHE_USER["password"]]},
            },
        },
        "Users": {
            "Type": "AWS::ElastiCache::UserGroup",
            "Properties": {"UserGroupId": "functions", "Engine": "valkey", "UserIds": [{"Ref": "User"}]},
        },
        "Cache": {
            "Type": "AWS::ElastiCache::ReplicationGroup",
            "Properties": {
                "ReplicationGroupDescription": "tests",
                "Engine": "valkey",
                "CacheNodeType": "cache.t4g.micro",
                "NumCacheClusters": 1,
                "Port": free_port(),
                "TransitEncryptionEnabled": True,
                "UserGroupIds": [{"Ref": "Users"}],
            },
        },
    }


@contextmanager
def running_platform() -> Iterator[Platform]:
    """Start everything; stop it in the end."""
    with ExitStack() as stack:
        aws = stack.enter_context(running())
        ports = CloudFormation.of(aws).create(
            "servers",
            _servers(),
            {
                "Database": attribute("Database", "Endpoint.Port"),
                "Cache": attribute("Cache", "PrimaryEndPoint.Port"),
            },
        )

        square = Square()
        square_server = ThreadingHTTPServer(("127.0.0.1", 0), Handler.serving(square))
        Thread(target=square_server.serve_forever, daemon=True).start()
        stack.callback(square_server.server_close)
        stack.callback(square_server.shutdown)

        yield Platform(
            square=square,
            database_port=int(ports["Database"]),
            environment={
                "AWS_ENDPOINT_URL": aws.url,
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_DEFAULT_REGION": REGION,
                "AWS_REGION": REGION,
                "PGSSLMODE": "verify-full",
                "PGSSLROOTCERT": aws.authority,
                "SSL_CERT_FILE": aws.authority,
                "FLUX_ENVIRONMENT": "test",
                "DATABASE_HOST": "127.0.0.1",
                "DATABASE_PORT": ports["Database"],
                "DATABASE_NAME": DATABASE,
                "DATABASE_SECRET": "database/functions",
                "CACHE_HOST": "127.0.0.1",
                "CACHE_PORT": ports["Cache"],
                "CACHE_SECRET": "cache",
                "TOKEN_KEYS_SECRET": "token-keys",
                "SQUARE_API_URL": f"http://127.0.0.1:{square_server.server_port}",
                "SQUARE_APPLICATION_SECRET": "square/application",
                "SQUARE_WEBHOOK_SECRET": "square/webhook",
                "ORIGIN_SECRET": "origin",
                "PROBE_SECRET": "probe",
                "ROTATED_SECRETS": json.dumps(["probe", "token-keys"]),
                "FORECAST_ENDPOINT": "flux-test",
                "SALES_VISIBLE_SECONDS": "1200",
                "FORECASTS_DUE_HOUR": "5",
            },
        )


def furnish(platform: Platform) -> dict[str, str]:
    """Make the secrets, queues and key that a deployment makes; returns the variables that name them."""
    for name, content in {
        "database/owner": OWNER | {"engine": "postgres"},
        "database/functions": FUNCTIONS,
        "cache": CACHE_USER,
        "token-keys": TOKEN_KEY,
        "square/application": APPLICATION,
        "square/webhook": SUBSCRIPTION,
        "origin": ORIGIN,
        "probe": PROBE,
    }.items():
        platform.secrets.create_secret(Name=name, SecretString=json.dumps(content))
    return {
        "POS_SYNC_QUEUE_URL": platform.sqs.create_queue(QueueName="pos-sync")["QueueUrl"],
        "FORECAST_QUEUE_URL": platform.sqs.create_queue(QueueName="forecast")["QueueUrl"],
        "POS_TOKEN_KEY": platform.kms.create_key()["KeyMetadata"]["Arn"],
    }
