"""The API answers only what came through CloudFront, on the deployed local AWS."""

from collections.abc import Mapping
from http import HTTPStatus

import httpx
import pytest

from flux_infra.constructs.origin import ORIGIN_HEADER
from local import machine
from local.platform import Platform, wait_until
from local.proof.users import steadily
from tests.system.conftest import Flux

HEALTH, WEBHOOK = ("GET", "/api/v1/health"), ("POST", "/api/v1/webhooks/square")


def straight(platform: Platform, request: tuple[str, str], headers: Mapping[str, str]) -> httpx.Response:
    """Send a request to the API's own address, past CloudFront."""
    method, path = request
    host = platform.outputs["Api.ApiUrl"].removeprefix("https://")
    return httpx.request(method, f"{machine.AWS_URL}{path}", headers={"host": host, **headers}, timeout=30)


@pytest.mark.parametrize("request_", [HEALTH, WEBHOOK, ("POST", "/api/v1/auth/token")])
def test_the_api_refuses_whoever_does_not_come_through_cloudfront(flux: Flux, request_: tuple[str, str]) -> None:
    assert straight(flux.platform, request_, {}).status_code == 401
    assert straight(flux.platform, request_, {ORIGIN_HEADER: ""}).status_code == 401
    assert straight(flux.platform, request_, {ORIGIN_HEADER: "forged"}).status_code == 403


def test_the_api_answers_whoever_comes_through_cloudfront_whatever_they_send(flux: Flux) -> None:
    with flux.platform.visitor() as visitor:
        assert visitor.get("/api/v1/health").status_code == 200
        assert visitor.get("/api/v1/health", headers={ORIGIN_HEADER: "forged"}).status_code == 200


def test_no_template_and_no_output_holds_the_origin_secret(flux: Flux) -> None:
    value = flux.platform.secret("Data.OriginSecretName")["value"]
    stacks = machine.session().client("cloudformation", endpoint_url=machine.AWS_URL)
    for page in stacks.get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            assert value not in str(stack)
            assert value not in str(stacks.get_template(StackName=stack["StackName"])["TemplateBody"])


# The wait before a value is sent is six seconds of it; a busy machine takes its time to start the function.
ROTATION_SECONDS = 120.0
# What API Gateway and the authorizer keep, 30 seconds each, and a little.
FORGOTTEN_SECONDS = 70.0


def rotate(platform: Platform) -> None:
    """Rotate the origin secret, and wait until it is done."""
    secret = platform.outputs["Data.OriginSecretName"]
    version = platform.secrets.rotate_secret(SecretId=secret)["VersionId"]

    def done() -> bool | None:
        return (
            platform.secrets.describe_secret(SecretId=secret)["VersionIdsToStages"][version] == ["AWSCURRENT"] or None
        )

    wait_until("the origin secret is rotated", done, seconds=ROTATION_SECONDS)


def sent(platform: Platform) -> list[str]:
    """The values of the origin header that CloudFront sends."""
    client = machine.session().client("cloudfront", endpoint_url=machine.AWS_URL)
    config = client.get_distribution_config(Id=platform.outputs["Frontend.DistributionId"])["DistributionConfig"]
    return [
        header["HeaderValue"]
        for origin in config["Origins"]["Items"]
        for header in origin.get("CustomHeaders", {}).get("Items", [])
        if header["HeaderName"] == ORIGIN_HEADER
    ]


def test_rotating_the_origin_secret_twice_hurts_nobody_and_shuts_out_the_value_before_last(
    flux: Flux, capsys: pytest.CaptureFixture[str]
) -> None:
    platform = flux.platform
    values = [platform.secret("Data.OriginSecretName")["value"]]
    with platform.visitor() as visitor, platform.visitor() as other:
        health = ("GET", "/api/v1/health")
        with (
            steadily(lambda: visitor.get(health[1]).status_code, good=HTTPStatus.OK, per_second=8) as reads,
            # Forgeries make the authorizer look at the secret at the worst moments.
            steadily(
                lambda: straight(platform, health, {ORIGIN_HEADER: "forged"}).status_code,
                good=HTTPStatus.FORBIDDEN,
                per_second=2,
            ) as forgeries,
            steadily(
                lambda: other.post(WEBHOOK[1], json={}).status_code, good=HTTPStatus.UNAUTHORIZED, per_second=4
            ) as webhooks,
        ):
            for _ in range(2):
                rotate(platform)
                values.append(platform.secret("Data.OriginSecretName")["value"])
                assert sent(platform) == [values[-1]]
    with capsys.disabled():
        print(f"\nreads {reads.total}, webhooks {webhooks.total}, forgeries {forgeries.total}", end="")  # noqa: T201
    assert {
        name: dict(got.statuses)
        for name, got in (("reads", reads), ("webhooks", webhooks), ("forgeries", forgeries))
        if got.failed or not got.total
    } == {}

    assert len(set(values)) == 3
    first, second, third = ({ORIGIN_HEADER: value} for value in values)
    wait_until(
        "the value before last is refused",
        lambda: straight(platform, HEALTH, first).status_code == 403 or None,
        seconds=FORGOTTEN_SECONDS,
    )
    assert [straight(platform, HEALTH, known).status_code for known in (second, third)] == [200, 200]
    assert straight(platform, HEALTH, {}).status_code == 401
