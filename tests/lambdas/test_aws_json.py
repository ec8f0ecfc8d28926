"""AWS's JSON services without boto3, beside boto3: what is asked, how it is signed, asked again, and refused."""

import datetime as dt
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import given
from hypothesis import strategies as st

from flux_core.aws import CLIENT_CONFIG
from flux_core.aws_json import secrets_manager, sqs, sqs_service
from flux_core.bounded_aws import bounded
from flux_core.signature import Signer

from .support.http import OF_AWS, Reply, Request, serving

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

NOW = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
words = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1)
keys = st.text(st.characters(codec="ascii", exclude_categories=["C", "Z"]), min_size=1)


@given(words, keys, st.none() | keys, st.binary(), words)
def test_the_signature_is_botocores(
    access_key: str, secret_key: str, token: str | None, body: bytes, operation: str
) -> None:
    headers = {
        "content-type": "application/x-amz-json-1.0",
        "host": "sqs.eu-central-1.amazonaws.com",
        "x-amz-target": f"AmazonSQS.{operation}",
    }
    request = AWSRequest("POST", f"https://{headers['host']}/", headers=headers, data=body)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.auth.get_current_datetime", lambda: NOW.replace(tzinfo=None))
        SigV4Auth(ReadOnlyCredentials(access_key, secret_key, token), "sqs", "eu-central-1").add_auth(request)
    signer = Signer(access_key=access_key, secret_key=secret_key, token=token, region="eu-central-1", service="sqs")
    signed = signer.sign(headers, body, now=NOW)
    assert signed == {name.lower(): value for name, value in request.headers.items()}


type Clients = tuple[Callable[[], "SQSClient"], Callable[[], "SecretsManagerClient"]]

OURS: Clients = (lambda: sqs(sqs_service().call), secrets_manager)
BOTO3S: Clients = (
    lambda: bounded(boto3.Session().client("sqs", config=CLIENT_CONFIG)),
    lambda: bounded(boto3.Session().client("secretsmanager", config=CLIENT_CONFIG)),
)
both = pytest.mark.parametrize("clients", [OURS, BOTO3S], ids=["ours", "boto3's"])


@contextmanager
def aws(monkeypatch: pytest.MonkeyPatch, *replies: Reply) -> Iterator[list[Request]]:
    """Give these replies in turn, the last one for ever; gives what was asked."""
    asked: list[Request] = []

    def answer(request: Request) -> Reply:
        asked.append(request)
        return replies[min(len(asked), len(replies)) - 1]

    with serving(answer) as url:
        for name, value in {
            "AWS_ENDPOINT_URL": url,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "AKID",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_SESSION_TOKEN": "token",
        }.items():
            monkeypatch.setenv(name, value)
        yield asked


def reply(content: object, status: int = 200) -> Reply:
    return Reply(status=status, body=json.dumps(content).encode(), headers=OF_AWS)


def send(clients: Clients) -> object:
    return clients[0]().send_message(
        QueueUrl="https://queue",
        MessageBody="crème brûlée",
        MessageAttributes={"RequestId": {"DataType": "String", "StringValue": "id"}},
    )


def test_an_operation_is_asked_as_boto3_asks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    for clients in (OURS, BOTO3S):
        with aws(monkeypatch, reply({"MessageId": "m"})) as asked:
            send(clients)
            clients[1]().get_secret_value(SecretId="name", VersionStage="AWSCURRENT")
            clients[1]().describe_secret(SecretId="name")
        names = ("content-type", "x-amz-target", "x-amz-security-token")
        told.append([(each.path, json.loads(each.body), *(each.headers[name] for name in names)) for each in asked])
    assert told[0] == told[1]
    assert len(told[0]) == 3


@both
def test_a_moment_is_read_as_a_moment(monkeypatch: pytest.MonkeyPatch, clients: Clients) -> None:
    with aws(monkeypatch, reply({"SecretString": "s", "CreatedDate": NOW.timestamp()})):
        found = clients[1]().get_secret_value(SecretId="name")
    assert (found["SecretString"], found["CreatedDate"]) == ("s", NOW)


BUSY = reply({"__type": "com.amazonaws.sqs#RequestThrottled", "message": "slower"}, 400)
GONE = reply({"__type": "ResourceNotFoundException", "Message": "there is none"}, 400)
PAGE = Reply(body=b"<html>", headers={"content-type": "text/html"})


@both
@pytest.mark.parametrize(
    ("replies", "asked_for"),
    [
        ([reply({}, 500), reply({"MessageId": "m"})], 2),
        ([Reply(status=503, body=b"<html>"), reply({"MessageId": "m"})], 2),
        ([reply({}, 429), reply({"MessageId": "m"})], 2),
        ([BUSY, reply({"MessageId": "m"})], 2),
        ([PAGE, reply({"MessageId": "m"})], 2),
        ([reply({"MessageId": "m"})], 1),
    ],
)
def test_what_may_pass_is_asked_again_once(
    monkeypatch: pytest.MonkeyPatch, clients: Clients, replies: Sequence[Reply], asked_for: int
) -> None:
    with aws(monkeypatch, *replies) as asked:
        assert json.dumps(send(clients), default=str).count('"MessageId": "m"') == 1
    assert len(asked) == asked_for


@both
@pytest.mark.parametrize(
    ("refusal", "code", "asked_for"),
    [
        (reply({"__type": "x#AccessDenied", "message": "no"}, 403), "AccessDenied", 1),
        (reply({"__type": "x#InvalidParameterValue", "message": "no"}, 400), "InvalidParameterValue", 1),
        (BUSY, "RequestThrottled", 2),
        (reply({"__type": "InternalFailure"}, 500), "InternalFailure", 2),
        (Reply(status=503, body=b"<html>"), "503", 2),
        (Reply(status=404, body=b""), "404", 1),
    ],
)
def test_a_refusal_is_raised_with_its_code(
    monkeypatch: pytest.MonkeyPatch, clients: Clients, refusal: Reply, code: str, asked_for: int
) -> None:
    with aws(monkeypatch, refusal) as asked, pytest.raises(ClientError) as raised:
        send(clients)
    assert raised.value.response["Error"]["Code"] == code
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == refusal.status
    assert len(asked) == asked_for


# Of an answer with a request id that is no JSON, boto3 makes one in which nothing is said.
@pytest.mark.parametrize(
    ("clients", "strange"),
    [
        *((clients, strange) for clients in (OURS, BOTO3S) for strange in (PAGE, Reply(body=b"{}"))),
        (OURS, Reply(body=b"<html>", headers=OF_AWS)),
    ],
)
def test_what_is_no_answer_of_aws_is_an_error(
    monkeypatch: pytest.MonkeyPatch, clients: Clients, strange: Reply
) -> None:
    with aws(monkeypatch, strange), pytest.raises(BotoCoreError):
        send(clients)


def test_a_service_that_is_away_for_long_is_no_longer_asked_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    with aws(monkeypatch, reply({}, 500)) as asked:
        for clients in (OURS, BOTO3S):
            asked.clear()
            client = clients[0]()
            for _ in range(40):
                with pytest.raises(ClientError):
                    client.send_message(QueueUrl="https://queue", MessageBody="x")
            assert len(asked) == 40 + 500 // 14


def test_a_service_is_in_its_region_unless_a_variable_leads_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    with aws(monkeypatch, reply({})):
        monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:1/")
        assert sqs_service().url == "http://127.0.0.1:1"
        monkeypatch.delenv("AWS_ENDPOINT_URL_SQS")
        monkeypatch.delenv("AWS_ENDPOINT_URL")
        monkeypatch.setenv("AWS_REGION", "eu-central-1")
        assert sqs_service().url == "https://sqs.eu-central-1.amazonaws.com"
