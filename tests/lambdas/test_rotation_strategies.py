"""Each kind of secret is rotated while others use it, on the real thing that it opens."""

import base64
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from botocore.model import OperationModel
from psycopg import sql

from api.tokens import AccessTokens, Caller, InvalidTokenError
from flux_core.cache import Cache
from flux_core.database import Database
from flux_core.secrets import REFRESH_SECONDS, Login, Secrets
from flux_core.settings import CacheSettings, DatabaseSettings
from flux_core.token_key import ACCEPTED_AFTER, MAX_PENDING_SECONDS
from local.till import signature
from rotation.cache_login import CacheLogin
from rotation.database_login import DatabaseLogin
from rotation.square_webhook import ADDRESS_TO_FILL_IN, SUBSCRIPTION_TO_FILL_IN, SquareWebhook
from rotation.strategy import RotationError, Value
from rotation.token_key import TokenKeyRotation
from tests.support.emulator import Aws, running
from tests.support.stacks import CloudFormation, attribute
from webhook.square import SquareSignatures

from .support.platform import Platform
from .support.ports import free_port
from .support.rotating import RotatingSecret

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

CALLER = Caller(sub=uuid4(), restaurant_id=uuid4(), role="chef")


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with running() as aws:
        yield aws


@pytest.fixture(scope="module")
def client(aws: Aws) -> "SecretsManagerClient":
    client: SecretsManagerClient = aws.session().client("secretsmanager", endpoint_url=aws.url)
    return client


# The database.


@pytest.fixture
def login(platform: Platform, client: "SecretsManagerClient") -> RotatingSecret:
    """The secret of a role of its own, which owns nothing."""
    name, password = f"role_{secrets.token_hex(4)}", secrets.token_hex(20)
    with platform.connect_as_owner() as connection:
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(password))
        )
    return RotatingSecret.create(client, {"username": name, "password": password, "engine": "postgres"})


def rotation_of(secret: RotatingSecret) -> DatabaseLogin:
    return DatabaseLogin(DatabaseSettings.load().model_copy(update={"database_secret": secret.arn}))


def instance_of(secret: RotatingSecret, *, clock: list[float] | None = None) -> Database:
    """A function's instance that logs in by the secret."""
    known = Secrets(secret.client, clock=lambda: clock[0] if clock else time.monotonic())
    settings = DatabaseSettings.load().model_copy(update={"database_secret": secret.arn})
    return Database(settings, known, statement_seconds=5)


def opens(login: dict[str, str]) -> bool:
    settings = DatabaseSettings.load()
    try:
        psycopg.connect(
            host=settings.database_host,
            port=settings.database_port,
            dbname=settings.database_name,
            user=login["username"],
            password=login["password"],
        ).close()
    except psycopg.OperationalError as error:
        if "authentication failed" not in str(error):
            raise
        return False
    return True


def test_a_database_password_is_replaced_again_and_again_and_the_old_one_ends(login: RotatingSecret) -> None:
    for _ in range(2):
        before = login.value()
        login.rotate(rotation_of(login))
        after = login.value()
        assert {**after, "password": ""} == {**before, "password": ""}
        assert (opens(before), opens(after)) == (False, True)


@pytest.mark.parametrize("step", ["createSecret", "setSecret", "testSecret", "finishSecret"])
def test_an_instance_can_log_in_after_each_step_whatever_it_knew(login: RotatingSecret, step: str) -> None:
    now = [0.0]
    cold, warm = instance_of(login), instance_of(login, clock=now)
    warm.ping()
    with login.halfway(rotation_of(login), until=step):
        warm.close()
        now[0] += REFRESH_SECONDS  # the rotation waits longer before it uses what it has published
        warm.ping()
        cold.ping()


def test_while_the_database_is_away_the_old_password_goes_on_working(login: RotatingSecret) -> None:
    token = login.begin()
    settings = DatabaseSettings.load().model_copy(update={"database_port": free_port()})
    with pytest.raises(RotationError, match=r"(?s)none of the 2 passwords.*docs/runbooks"):
        login.do(DatabaseLogin(settings), token)
    assert opens(login.value())
    instance_of(login).ping()
    login.do(rotation_of(login), token)
    assert opens(login.value())


def test_a_password_that_did_not_get_into_force_does_not_become_current(login: RotatingSecret) -> None:
    token = login.begin()
    login.do(rotation_of(login), token, "createSecret")
    with pytest.raises(RotationError, match="refuses the new password"):
        login.do(rotation_of(login), token, "testSecret")
    assert opens(login.value())


# The cache.


@pytest.fixture(scope="module")
def cache(aws: Aws, client: "SecretsManagerClient") -> Iterator[tuple[RotatingSecret, CacheSettings]]:
    """A real Valkey with one user, and where it is."""
    secret = RotatingSecret.create(client, {"username": "flux", "password": secrets.token_hex(20)})
    resources = {
        "User": {
            "Type": "AWS::ElastiCache::User",
            "Properties": {
                "Engine": "valkey",
                "UserId": "rotating",
                "UserName": "flux",
                "AccessString": "on ~* &* +@all",
                "Passwords": [secret.value()["password"]],
            },
        },
        "Users": {
            "Type": "AWS::ElastiCache::UserGroup",
            "Properties": {"Engine": "valkey", "UserGroupId": "rotating", "UserIds": [{"Ref": "User"}]},
        },
        "Cache": {
            "Type": "AWS::ElastiCache::ReplicationGroup",
            "Properties": {
                "Engine": "valkey",
                "CacheNodeType": "cache.t4g.micro",
                "ReplicationGroupDescription": "test",
                "NumCacheClusters": 1,
                "Port": free_port(),
                "TransitEncryptionEnabled": True,
                "UserGroupIds": [{"Ref": "Users"}],
            },
        },
    }
    outputs = {
        "Host": attribute("Cache", "PrimaryEndPoint.Address"),
        "Port": attribute("Cache", "PrimaryEndPoint.Port"),
    }
    put_out = CloudFormation.of(aws).create("rotating", resources, outputs)
    yield (
        secret,
        CacheSettings(
            flux_environment="test",
            cache_host=put_out["Host"],
            cache_port=int(put_out["Port"]),
            cache_secret=secret.arn,
        ),
    )
    CloudFormation.of(aws).delete("rotating")


@pytest.fixture
def _trusting(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", aws.authority)


def cache_rotation(aws: Aws, settings: CacheSettings) -> CacheLogin:
    return CacheLogin(settings, aws.session().client("elasticache", endpoint_url=aws.url), user="rotating")


@pytest.mark.usefixtures("_trusting")
def test_a_cache_password_is_replaced_while_both_work_and_then_the_old_one_ends(
    aws: Aws, cache: tuple[RotatingSecret, CacheSettings]
) -> None:
    secret, settings = cache
    strategy = cache_rotation(aws, settings)
    for _ in range(2):
        old = json.dumps(secret.value())
        with secret.halfway(strategy, until="testSecret"):
            new = json.dumps(secret.value("AWSPENDING"))
            strategy.test(Value(content=old, created=datetime.now(UTC)))
            strategy.test(Value(content=new, created=datetime.now(UTC)))
        with pytest.raises(RotationError, match="refuses"):
            strategy.test(Value(content=old, created=datetime.now(UTC)))
        strategy.test(Value(content=new, created=datetime.now(UTC)))


@pytest.mark.usefixtures("_trusting")
def test_an_instance_that_knows_the_old_cache_password_finds_the_new_one(
    aws: Aws, cache: tuple[RotatingSecret, CacheSettings]
) -> None:
    secret, settings = cache
    now = [0.0]
    known = Secrets(secret.client, clock=lambda: now[0])
    known.read(secret.arn, Login)
    instance = Cache(settings, known)
    secret.rotate(cache_rotation(aws, settings))
    now[0] += REFRESH_SECONDS
    instance.ping()


# The key of the access tokens.


@pytest.fixture
def token_key(client: "SecretsManagerClient") -> RotatingSecret:
    return RotatingSecret.create(client, {"kid": "1", "key": secrets.token_hex(32)})


def tokens_of(secret: RotatingSecret, *, later: float = 0.0, clock: list[float] | None = None) -> AccessTokens:
    """An instance of the api; `later` seconds from now."""
    known = Secrets(secret.client, clock=lambda: clock[0] if clock else time.monotonic())
    return AccessTokens(known, key_name=secret.arn, clock=lambda: time.time() + later)


def test_an_instance_reads_tokens_of_every_key_in_use_whatever_it_knew(token_key: RotatingSecret) -> None:
    now = [0.0]
    warm = tokens_of(token_key, clock=now)
    old = warm.issue(CALLER)
    with token_key.halfway(TokenKeyRotation(), until="testSecret"):
        assert tokens_of(token_key).read(old) == CALLER
        assert tokens_of(token_key).issue(CALLER).split(".")[0] == old.split(".")[0]  # AWSPENDING does not sign
        now[0] += REFRESH_SECONDS
        with pytest.raises(InvalidTokenError):
            warm.read(_with_kid(old, "forged"))  # and so it has just asked
    now[0] += REFRESH_SECONDS
    new = tokens_of(token_key).issue(CALLER)
    assert new.split(".")[0] != old.split(".")[0]
    assert warm.read(new) == CALLER
    assert warm.read(old) == CALLER
    assert tokens_of(token_key).read(old) == CALLER
    assert warm.issue(CALLER).split(".")[0] == new.split(".")[0]  # nor does the old key go on signing


def test_a_replaced_key_is_of_no_use_once_its_tokens_have_expired(token_key: RotatingSecret) -> None:
    old = tokens_of(token_key, later=ACCEPTED_AFTER.total_seconds()).issue(CALLER)
    token_key.rotate(TokenKeyRotation())
    assert tokens_of(token_key).read(_reissued(token_key, "AWSPREVIOUS")) == CALLER
    with pytest.raises(InvalidTokenError, match="not in use"):
        tokens_of(token_key, later=ACCEPTED_AFTER.total_seconds() + 1).read(old)


def test_a_key_before_the_last_one_is_of_no_use(token_key: RotatingSecret) -> None:
    old = tokens_of(token_key).issue(CALLER)
    token_key.rotate(TokenKeyRotation())
    token_key.rotate(TokenKeyRotation())
    with pytest.raises(InvalidTokenError, match="not in use"):
        tokens_of(token_key).read(old)


def test_a_key_that_was_left_pending_does_not_sign_anybody_out() -> None:
    content = TokenKeyRotation().create("{}", token="t")  # noqa: S106 - a version's name
    forgotten = datetime.fromtimestamp(time.time() - MAX_PENDING_SECONDS - 1, UTC)
    with pytest.raises(RotationError, match="pending for"):
        TokenKeyRotation().test(Value(content=content, created=forgotten))
    with pytest.raises(RotationError, match="no key"):
        TokenKeyRotation().test(Value(content="{}", created=datetime.now(UTC)))


def _with_kid(token: str, kid: str) -> str:
    header = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": kid}).encode()).decode().rstrip("=")
    return ".".join([header, *token.split(".")[1:]])


def _reissued(secret: RotatingSecret, stage: str) -> str:
    """A token that is signed with the key of that label."""
    client = secret.client
    name = f"signer/{uuid4()}"
    client.create_secret(
        Name=name, SecretString=client.get_secret_value(SecretId=secret.arn, VersionStage=stage)["SecretString"]
    )
    return AccessTokens(Secrets(client), key_name=name).issue(CALLER)


# The key of Square's webhooks.

BODY = b'{"event":"signed"}'


@pytest.fixture
def subscription(platform: Platform, client: "SecretsManagerClient") -> RotatingSecret:
    content = {"signature_key": secrets.token_hex(16), "notification_url": "https://flux.example/webhook"}
    secret = RotatingSecret.create(client, content)
    platform.square.subscriptions.put(id_of(secret), {**content, "access_token": "access"})
    client.create_secret(Name=f"access/{id_of(secret)}", SecretString=access_to(secret))
    return secret


def id_of(secret: RotatingSecret) -> str:
    """The subscription's id at Square."""
    return secret.arn.rpartition("/")[2]


def access_to(secret: RotatingSecret, *, token: str = "access") -> str:  # noqa: S107 - no secret
    return json.dumps({"subscription_id": id_of(secret), "access_token": token})


def square_rotation(platform: Platform, secret: RotatingSecret) -> SquareWebhook:
    return SquareWebhook(
        Secrets(secret.client),
        url=platform.environment["SQUARE_API_URL"],
        access=f"access/{id_of(secret)}",
        sleep=secret.waits.append,
    )


def signed_by_square(platform: Platform, secret: RotatingSecret) -> str:
    """What Square signs at this moment."""
    answer = platform.square.subscriptions.retrieve("access", id_of(secret))["subscription"]
    assert isinstance(answer, dict)
    return signature(BODY, key=str(answer["signature_key"]), notification_url=str(answer["notification_url"]))


def test_squares_key_is_replaced_at_square_and_the_webhook_takes_both(
    platform: Platform, subscription: RotatingSecret
) -> None:
    webhook = SquareSignatures(Secrets(subscription.client), subscription=subscription.arn)
    first = signed_by_square(platform, subscription)
    for _ in range(2):
        before = signed_by_square(platform, subscription)
        subscription.rotate(square_rotation(platform, subscription))
        after = signed_by_square(platform, subscription)
        assert before != after
        fresh = SquareSignatures(Secrets(subscription.client), subscription=subscription.arn)
        assert fresh.accept(BODY, after)
        assert fresh.accept(BODY, before)
    assert not fresh.accept(BODY, first)
    assert webhook.accept(BODY, after)


def test_a_rotation_that_lost_squares_answer_gets_it_again(platform: Platform, subscription: RotatingSecret) -> None:
    strategy, token = square_rotation(platform, subscription), subscription.begin()
    current = subscription.client.get_secret_value(SecretId=subscription.arn)["SecretString"]
    strategy.create(current, token=token)  # and then it died
    replaced = signed_by_square(platform, subscription)
    subscription.do(strategy, token)
    assert signed_by_square(platform, subscription) == replaced
    webhook = SquareSignatures(Secrets(subscription.client), subscription=subscription.arn)
    assert webhook.accept(BODY, replaced)


def test_an_event_signed_before_the_new_key_is_stored_waits_for_it(
    platform: Platform, subscription: RotatingSecret
) -> None:
    strategy, token = square_rotation(platform, subscription), subscription.begin()
    webhook = SquareSignatures(Secrets(subscription.client), subscription=subscription.arn)
    current = subscription.client.get_secret_value(SecretId=subscription.arn)["SecretString"]
    strategy.create(current, token=token)
    early = signed_by_square(platform, subscription)
    storing = threading.Timer(0.5, lambda: subscription.do(strategy, token))
    storing.start()
    assert webhook.accept(BODY, early)
    storing.join()


def test_without_a_rotation_a_forged_event_waits_for_nothing(subscription: RotatingSecret) -> None:
    webhook = SquareSignatures(Secrets(subscription.client), subscription=subscription.arn)
    assert not webhook.accept(BODY, "forged")
    began = time.monotonic()
    assert not any(webhook.accept(BODY, "forged") for _ in range(100))
    assert time.monotonic() - began < 0.2  # nor does it ask AWS


def test_a_rotation_that_does_not_go_on_holds_an_instance_up_once(
    platform: Platform, subscription: RotatingSecret, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webhook.square.ARRIVAL_SECONDS", 0.5)
    now = [0.0]
    known = Secrets(subscription.client, clock=lambda: now[0])
    webhook = SquareSignatures(known, subscription=subscription.arn)
    token = subscription.begin()
    for _ in range(2):
        began = time.monotonic()
        assert not webhook.accept(BODY, "forged")
        assert time.monotonic() - began >= 0.5
        now[0] += REFRESH_SECONDS  # it asks again what there is, and does not wait for it
        with calls_of(subscription.client) as calls:
            assert not any(webhook.accept(BODY, "forged") for _ in range(100))
        assert calls == ["DescribeSecret", *["GetSecretValue"] * 3]
        # Mended, it goes on.
        subscription.do(square_rotation(platform, subscription), token)
        now[0] += REFRESH_SECONDS
        assert webhook.accept(BODY, signed_by_square(platform, subscription))
        token = subscription.begin()  # the next rotation is waited for again
        now[0] += REFRESH_SECONDS


def test_a_new_key_that_is_known_is_not_waited_for(platform: Platform, subscription: RotatingSecret) -> None:
    webhook = SquareSignatures(Secrets(subscription.client, clock=lambda: 0.0), subscription=subscription.arn)
    subscription.do(square_rotation(platform, subscription), subscription.begin(), "createSecret")
    with calls_of(subscription.client) as calls:
        assert not any(webhook.accept(BODY, "forged") for _ in range(100))
    assert calls == ["GetSecretValue", "DescribeSecret", *["GetSecretValue"] * 3]
    assert webhook.accept(BODY, signed_by_square(platform, subscription))


@contextmanager
def calls_of(client: "SecretsManagerClient") -> Iterator[list[str]]:
    """The operations that are asked of Secrets Manager until the block ends."""
    calls: list[str] = []

    def note(model: OperationModel, **_: object) -> None:
        calls.append(model.name)

    client.meta.events.register("before-call.secrets-manager", note)
    yield calls
    client.meta.events.unregister("before-call.secrets-manager", note)


def test_a_key_that_square_does_not_sign_with_does_not_become_current(
    platform: Platform, subscription: RotatingSecret
) -> None:
    strategy, token = square_rotation(platform, subscription), subscription.begin()
    subscription.do(strategy, token, "createSecret", "setSecret")
    platform.square.subscriptions.replace_key("access", id_of(subscription), {})  # somebody else, in the console
    with pytest.raises(RotationError, match="another key"):
        subscription.do(strategy, token, "testSecret")


def test_square_refusing_leaves_the_key_as_it_is(platform: Platform, subscription: RotatingSecret) -> None:
    before = signed_by_square(platform, subscription)
    subscription.client.put_secret_value(
        SecretId=f"access/{id_of(subscription)}",
        SecretString=access_to(subscription, token="revoked"),  # noqa: S106 - no secret
    )
    token = subscription.begin()
    with pytest.raises(RotationError, match="HTTP 401"):
        subscription.do(square_rotation(platform, subscription), token)
    assert signed_by_square(platform, subscription) == before


NOT_CONNECTED = json.dumps({"subscription_id": SUBSCRIPTION_TO_FILL_IN, "access_token": "random"})


@pytest.fixture
def without_square(client: "SecretsManagerClient") -> RotatingSecret:
    """The secrets as a deployment leaves them."""
    secret = RotatingSecret.create(client, {"signature_key": "random", "notification_url": ADDRESS_TO_FILL_IN})
    client.create_secret(Name=f"access/{id_of(secret)}", SecretString=NOT_CONNECTED)
    return secret


def test_before_square_is_connected_a_rotation_succeeds_and_changes_nothing(
    platform: Platform, without_square: RotatingSecret
) -> None:
    strategy, before = square_rotation(platform, without_square), without_square.value()
    strategy.test(Value(content=json.dumps(before), created=datetime.now(UTC)))  # how Secrets Manager tries a schedule
    for _ in range(2):
        without_square.rotate(strategy)
        assert without_square.value() == before


def test_a_key_of_squares_that_cannot_be_replaced_is_no_quiet_success(
    platform: Platform, subscription: RotatingSecret
) -> None:
    subscription.client.put_secret_value(SecretId=f"access/{id_of(subscription)}", SecretString=NOT_CONNECTED)
    before = subscription.value()
    with pytest.raises(RotationError, match="fill in the secret of Square's access"):
        subscription.do(square_rotation(platform, subscription), subscription.begin())
    assert subscription.value() == before
