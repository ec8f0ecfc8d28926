"""The four steps of a rotation, for any kind of secret."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from rotation import handler
from rotation.protocol import SETTLE_SECONDS, Request, Rotation
from rotation.strategy import RotationError, Strategy, Value, Values, random_text
from tests.support.emulator import running

from .support.lambda_events import Context
from .support.rotating import NOBODY, STEPS, RotatingSecret

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class Lock(Strategy):
    """A lock that opens to the words that it was told last."""

    retires = True

    def __init__(self) -> None:
        self.opens_to: list[str] = []
        self.broken = False

    def create(self, current: str, *, token: str) -> str:
        return f'{{"before":{current},"made for":"{token}","random":"{random_text(8)}"}}'

    def put_into_force(self, values: Values) -> None:
        self.opens_to = [values.current.content, values.pending.content]

    def test(self, pending: Value) -> None:
        if self.broken or pending.content not in self.opens_to:
            raise RotationError("the lock is stuck")

    def retire(self, current: Value) -> None:
        self.opens_to = [current.content]


@pytest.fixture(scope="module")
def client() -> Iterator["SecretsManagerClient"]:
    with running() as aws:
        yield aws.session().client("secretsmanager", endpoint_url=aws.url)


@pytest.fixture
def secret(client: "SecretsManagerClient") -> RotatingSecret:
    return RotatingSecret.create(client, {"word": "first"})


def test_a_rotation_makes_the_new_value_current_and_the_old_one_previous(secret: RotatingSecret) -> None:
    lock = Lock()
    secret.rotate(lock)
    assert '"before":{"word"' in secret.client.get_secret_value(SecretId=secret.arn)["SecretString"]
    assert secret.value("AWSPREVIOUS") == {"word": "first"}
    assert secret.stages() == [["AWSCURRENT"], ["AWSPREVIOUS"]]
    first = secret.value()
    secret.rotate(lock)
    assert secret.value("AWSPREVIOUS") == first
    assert secret.stages() == [["AWSCURRENT"], ["AWSPREVIOUS"]]
    assert len(lock.opens_to) == 1


def test_a_step_that_is_delivered_again_makes_no_other_value(secret: RotatingSecret) -> None:
    lock, token = Lock(), secret.begin()
    secret.do(lock, token, "createSecret")
    made = secret.value("AWSPENDING")
    secret.do(lock, token, "createSecret", "setSecret", "createSecret", "testSecret", "finishSecret")
    assert secret.value() == made
    secret.do(lock, token, *STEPS)
    assert secret.value() == made


def test_a_value_is_known_for_a_while_before_it_is_used_and_before_the_old_one_ends(secret: RotatingSecret) -> None:
    lock, token = Lock(), secret.begin()
    secret.do(lock, token, "createSecret")
    assert secret.waits == []
    secret.do(lock, token, "setSecret", "testSecret")
    assert secret.waits == [SETTLE_SECONDS]
    secret.do(lock, token, "finishSecret")
    assert secret.waits == [SETTLE_SECONDS] * 2


def test_a_rotation_that_fails_leaves_the_current_value_and_goes_on_where_it_was(secret: RotatingSecret) -> None:
    lock, token = Lock(), secret.begin()
    lock.broken = True
    with pytest.raises(RotationError, match="stuck"):
        secret.do(lock, token)
    assert secret.value() == {"word": "first"}
    made = secret.value("AWSPENDING")
    lock.broken = False
    secret.do(lock, token)
    assert secret.value() == made


def test_a_rotation_that_died_before_it_ended_the_old_value_ends_it_when_the_step_is_repeated(
    secret: RotatingSecret,
) -> None:
    lock, token = Lock(), secret.begin()
    secret.do(lock, token)
    lock.opens_to.insert(0, "the old word")
    secret.do(lock, token, "finishSecret")
    assert len(lock.opens_to) == 1


def test_only_a_version_that_is_under_way_is_rotated(secret: RotatingSecret) -> None:
    secret.rotate(Lock())
    versions = secret.client.describe_secret(SecretId=secret.arn)["VersionIdsToStages"]
    (previous,) = (version for version, labels in versions.items() if labels == ["AWSPREVIOUS"])
    for step in STEPS:
        with pytest.raises(RotationError, match="Nothing was changed"):
            secret.do(Lock(), previous, step)
        with pytest.raises(RotationError, match="has no version"):
            secret.do(Lock(), "00000000-0000-0000-0000-000000000000", step)


def test_a_secret_that_is_not_to_rotate_is_left_alone(client: "SecretsManagerClient") -> None:
    secret = RotatingSecret.create(client, {"word": "first"})
    token = client.put_secret_value(SecretId=secret.arn, SecretString="{}", VersionStages=["AWSPENDING"])["VersionId"]
    with pytest.raises(RotationError, match="no rotation enabled"):
        secret.do(Lock(), token)


def test_no_other_secret_than_its_own_is_rotated(secret: RotatingSecret) -> None:
    another = RotatingSecret.create(secret.client, {"word": "other"})
    rotation = Rotation(secret.client, secret=another.arn, strategy=Lock())
    request = Request.model_validate({"Step": STEPS[0], "SecretId": secret.arn, "ClientRequestToken": secret.begin()})
    with pytest.raises(RotationError, match=f"rotates {another.arn} alone"):
        rotation.run(request)


@pytest.mark.parametrize("step", STEPS[1:])
def test_nothing_follows_a_value_that_was_not_made(secret: RotatingSecret, step: str) -> None:
    token = secret.begin()
    with pytest.raises(RotationError, match="createSecret has not succeeded"):
        secret.do(Lock(), token, step)
    assert secret.value() == {"word": "first"}


def test_a_second_rotation_does_not_begin_before_the_first_has_ended(secret: RotatingSecret) -> None:
    token = secret.begin()
    with pytest.raises(secret.client.exceptions.InvalidRequestException, match="isn't complete"):
        secret.client.rotate_secret(SecretId=secret.arn, RotationLambdaARN=NOBODY)
    secret.do(Lock(), token)
    secret.rotate(Lock())


@pytest.mark.parametrize("event", [{}, {"Step": "dropSecret", "SecretId": "a", "ClientRequestToken": "b"}])
def test_what_secrets_manager_never_sends_is_refused(
    monkeypatch: pytest.MonkeyPatch, event: dict[str, object], client: "SecretsManagerClient"
) -> None:
    del client
    for name, value in {
        "FLUX_ENVIRONMENT": "test",
        "ROTATED_SECRET": "a",
        "ROTATION_STRATEGY": "token-key",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    handler.rotation.cache_clear()
    with pytest.raises(ValidationError):
        handler.handler(event, Context())
    handler.rotation.cache_clear()
