"""AWS's services that speak JSON, without boto3: for a function whose cold start somebody waits for.

docs/decisions/0074 says what it saves. It behaves as boto3's clients do under flux_core.aws and flux_core.bounded_aws.
"""

import datetime as dt
import json
import os
import random
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple, cast
from urllib.parse import urlsplit

from botocore.exceptions import ClientError, HTTPClientError
from botocore.retries.quota import RetryQuota

from .aws_exchange import AwsExchange
from .exchange import Answer
from .patience import ATTEMPTS, CONNECT_SECONDS, READ_SECONDS
from .signature import Signer

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

# Asks for an operation by AWS's name for it, like `SendMessage`, and gives what the service answers.
# Raises ClientError for an answer that is an error, HTTPClientError without an answer.
type Call = Callable[[str, Mapping[str, object]], dict[str, object]]


class _Retry(NamedTuple):
    """seconds: that are waited before at the most. cost: of a quota, which ends retries while a service is away."""

    seconds: float
    cost: int


# As in botocore/retries/standard.py, which takes 15 ms to import.
_TRANSIENT = frozenset({500, 502, 503, 504})
_THROTTLED = ("Throttl", "TooManyRequests", "LimitExceeded", "SlowDown")
_RETRY, _RETRY_THROTTLED = _Retry(0.05, 14), _Retry(1.0, 5)


class Service:
    """One service, in the environment's region and with its credentials.

    name: of its host. variable: ends the name of AWS_ENDPOINT_URL_..., which leads elsewhere. target: begins the names
    of operations. version: of AWS's JSON.

    Attributes:
        url: where it is.
    """

    def __init__(self, name: str, *, variable: str, target: str, version: str) -> None:
        region = os.environ["AWS_REGION"]
        elsewhere = os.environ.get(f"AWS_ENDPOINT_URL_{variable}") or os.environ.get("AWS_ENDPOINT_URL")
        self.url = (elsewhere or f"https://{name}.{region}.amazonaws.com").rstrip("/")
        self._signer = Signer(
            access_key=os.environ["AWS_ACCESS_KEY_ID"],
            secret_key=os.environ["AWS_SECRET_ACCESS_KEY"],
            token=os.environ.get("AWS_SESSION_TOKEN"),
            region=region,
            service=name,
        )
        self._headers = {"content-type": f"application/x-amz-json-{version}", "host": urlsplit(self.url).netloc}
        self._target = target
        self._exchange = AwsExchange(self.url, connect_seconds=CONNECT_SECONDS, read_seconds=READ_SECONDS)
        self._quota = RetryQuota()

    def call(self, operation: str, parameters: Mapping[str, object]) -> dict[str, object]:
        """See Call."""
        body = json.dumps(parameters).encode()
        attempt, cost = 1, 1
        while True:
            try:
                answer = self._ask(operation, body)
            except (ClientError, HTTPClientError) as error:
                retry = _retry_of(error)
                if attempt == ATTEMPTS or retry is None or not self._quota.acquire(retry.cost):
                    raise
                attempt, cost = attempt + 1, retry.cost
                time.sleep(random.uniform(0, retry.seconds))  # noqa: S311 - jitter, not a secret
            else:
                self._quota.release(cost)
                return answer

    def _ask(self, operation: str, body: bytes) -> dict[str, object]:
        headers = self._headers | {"x-amz-target": f"{self._target}.{operation}"}
        signed = self._signer.sign(headers, body, now=dt.datetime.now(dt.UTC))
        answer = self._exchange.ask("POST", "/", headers=signed, body=body)
        try:
            said: object = json.loads(answer.content)
        except ValueError:
            said = None
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise _error(operation, answer, said)
        if not isinstance(said, dict):
            raise HTTPClientError(error="this is no answer of AWS: it is no JSON")
        return {name: _moment(value) if name.endswith("Date") else value for name, value in said.items()}


def sqs_service() -> Service:
    """SQS."""
    return Service("sqs", variable="SQS", target="AmazonSQS", version="1.0")


def sqs(call: Call) -> "SQSClient":
    """Of SQS's client as much as its operations."""
    return cast("SQSClient", _Operations(call))


def secrets_manager() -> "SecretsManagerClient":
    """Of Secrets Manager's client as much as its operations."""
    service = Service("secretsmanager", variable="SECRETS_MANAGER", target="secretsmanager", version="1.1")
    return cast("SecretsManagerClient", _Operations(service.call))


class _Operations:
    """Operations by boto3's names for them."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def __getattr__(self, name: str) -> Callable[..., dict[str, object]]:
        operation = name.title().replace("_", "")
        return lambda **parameters: self._call(operation, parameters)


def _moment(value: object) -> object:
    """AWS's JSON has seconds where boto3 has moments."""
    return dt.datetime.fromtimestamp(value, dt.UTC) if isinstance(value, int | float) else value


def _error(operation: str, answer: Answer, said: object) -> ClientError:
    told: dict[str, object] = said if isinstance(said, dict) else {}
    return ClientError(
        {
            "Error": {
                "Code": str(told.get("__type", int(answer.status))).rpartition("#")[2],
                "Message": str(told.get("message", told.get("Message", ""))),
            },
            # The stubs want more than AWS gives with an error.
            "ResponseMetadata": {"HTTPStatusCode": answer.status},  # type: ignore[typeddict-item]
        },
        operation,
    )


def _retry_of(error: ClientError | HTTPClientError) -> _Retry | None:
    """None if it is in vain."""
    if isinstance(error, HTTPClientError):
        return _RETRY
    status, code = error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]
    if status == HTTPStatus.TOO_MANY_REQUESTS or any(word in code for word in _THROTTLED):
        return _RETRY_THROTTLED
    return _RETRY if status in _TRANSIENT else None
