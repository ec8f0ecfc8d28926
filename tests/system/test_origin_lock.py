"""The API answers only what came through CloudFront, on the deployed local AWS."""

from collections.abc import Mapping

import httpx
import pytest

from flux_infra.building.origin import ORIGIN_HEADER
from flux_infra.local import machine
from flux_infra.local.platform import Platform
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
