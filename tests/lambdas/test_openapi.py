"""What a fuzzer sends that reads the api's own document: no answer is a failure of ours, and each is as described."""

import io
import json
from typing import override
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from requests.adapters import HTTPAdapter
from schemathesis import checks
from schemathesis.specs.openapi import checks as conformance
from urllib3 import HTTPResponse

from api.handler import handler
from docs.generate.api import render_api

from .support.api_client import token_of
from .support.lambda_events import Context, http_event
from .support.platform import Platform
from .support.restaurants import open_restaurant

API = schemathesis.openapi.from_dict(json.loads(render_api()))
# Not that everything beside the document is refused: a query that the api does not know, it leaves alone.
CHECKS = [
    checks.not_a_server_error,
    conformance.status_code_conformance,
    conformance.content_type_conformance,
    conformance.response_schema_conformance,
]


class Handler(HTTPAdapter):
    """Answers requests by the api function's handler, with the events that API Gateway would make of them."""

    @override
    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        parts = urlsplit(str(request.url))
        headers = {name.lower(): str(value) for name, value in request.headers.items()}
        assert request.body is None or isinstance(request.body, str | bytes)
        event = http_event(str(request.method), parts.path, headers=headers, body=request.body)
        answer = handler({**event, "rawQueryString": parts.query}, Context())
        status, answered, body = answer["statusCode"], answer["headers"], answer["body"]
        assert isinstance(status, int)
        assert isinstance(answered, dict)
        raw = HTTPResponse(io.BytesIO(str(body).encode()), headers=answered, status=status, preload_content=False)
        return self.build_response(request, raw)


@pytest.fixture(scope="module")
def session(platform: Platform) -> requests.Session:
    """An owner's, of a restaurant of its own."""
    session = requests.Session()
    session.mount("http://", Handler())
    session.headers["authorization"] = f"Bearer {token_of(open_restaurant(platform))}"
    return session


@API.parametrize()
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_whatever_is_sent_is_answered_as_the_document_says(
    case: schemathesis.Case,  # type: ignore[type-arg] # what it is generic in speaks of Any
    session: requests.Session,
) -> None:
    answer = case.call_and_validate(base_url="http://flux.test", session=session, checks=CHECKS)
    assert answer.status_code != 403  # CloudFront would hide it (flux_infra/frontend/distribution.py)
