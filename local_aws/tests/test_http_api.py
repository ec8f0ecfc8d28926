import base64
import json
from dataclasses import replace

import pytest

from local_aws.http_api import response
from local_aws.http_api.access_log import Answered, line
from local_aws.http_api.event import Call, event
from local_aws.values import Json

CALL = Call(
    account="000000000000",
    api="53cc7e55",
    domain="53cc7e55.execute-api.us-east-1.amazonaws.com",
    stage="$default",
    route="POST /api/v1/webhooks/{provider}",
    request_id="Bs0HxaIi8oWZM4c=",
    method="POST",
    path="/api/v1/webhooks/square",
    query="",
    headers={"content-type": "application/json", "user-agent": "Square"},
    body=b'{"a": "\xc3\xa9"}',
    path_parameters={"provider": "square"},
    source_ip="127.0.0.1",
    at=1_795_437_340.049,
)


def test_a_text_body_arrives_as_it_was_sent() -> None:
    made = event(CALL)
    assert (made["body"], made["isBase64Encoded"]) == ('{"a": "é"}', False)


def test_any_other_body_arrives_in_base64() -> None:
    made = event(replace(CALL, headers={}, body=b"\x00\x01"))
    assert (made["body"], made["isBase64Encoded"]) == (base64.b64encode(b"\x00\x01").decode(), True)


def test_the_context_names_the_route_the_address_and_the_moment() -> None:
    context = event(CALL)["requestContext"]
    assert isinstance(context, dict)
    assert context["domainName"] == CALL.domain
    assert context["routeKey"] == CALL.route
    assert (context["time"], context["timeEpoch"]) == ("23/Nov/2026:12:35:40 +0000", 1_795_437_340_049)
    assert event(CALL)["pathParameters"] == {"provider": "square"}


def test_what_a_request_lacks_is_not_in_the_event() -> None:
    bare = event(replace(CALL, body=b"", path_parameters={}))
    assert not {"body", "pathParameters", "queryStringParameters", "cookies"} & set(bare)
    assert None not in bare.values()


def test_a_repeated_parameter_is_joined_and_the_raw_query_kept() -> None:
    made = event(replace(CALL, query="a=1&a=2&b=%2F&c="))
    assert made["queryStringParameters"] == {"a": "1,2", "b": "/", "c": ""}
    assert made["rawQueryString"] == "a=1&a=2&b=%2F&c="


def test_cookies_have_a_member_of_their_own() -> None:
    made = event(replace(CALL, headers={"cookie": "s=1; t=2"}))
    headers = made["headers"]
    assert isinstance(headers, dict)
    assert made["cookies"] == ["s=1", "t=2"]
    assert "cookie" not in headers


def test_the_function_decides_status_headers_cookies_and_body() -> None:
    payload: Json = {"statusCode": "202", "headers": {"X-A": "b"}, "cookies": ["a=1", "b=2"], "body": "queued"}
    answer = response.of_payload(payload)
    assert (answer.status, answer.body) == (202, b"queued")
    assert answer.headers == {
        "content-type": "text/plain; charset=utf-8",
        "x-a": "b",
        "set-cookie": ["a=1", "b=2"],
    }


def test_a_base64_body_is_decoded() -> None:
    payload: Json = {"statusCode": 200, "body": "AAE=", "isBase64Encoded": True}
    assert response.of_payload(payload).body == b"\x00\x01"


@pytest.mark.parametrize("payload", [None, "text", {"items": []}])
def test_a_value_without_a_status_is_the_body(payload: Json) -> None:
    answer = response.of_payload(payload)
    assert (answer.status, json.loads(answer.body)) == (200, payload)


def test_a_malformed_answer_and_a_failed_function_say_nothing_but_500() -> None:
    malformed = response.of_payload({"statusCode": "fine"})
    failed = response.failed({"errorMessage": "secret"})
    assert (malformed.status, failed.status) == (500, 500)
    assert malformed.body == failed.body == b'{"message":"Internal Server Error"}'
    assert "secret" in failed.integration_error


def test_an_access_log_line_has_the_stages_format() -> None:
    answered = Answered(status=202, length=6, latency=9, integration_latency=7, integration_error="-")
    template = '{"id":"$context.requestId","status":$context.status,"ms":$context.responseLatency,"x":"$context.none"}'
    assert json.loads(line(template, CALL, answered)) == {"id": CALL.request_id, "status": 202, "ms": 9, "x": "-"}
