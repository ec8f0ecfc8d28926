"""The functions at CloudFront's edge, run by Node: which file a request gets, and with which status."""

import json
import subprocess
from typing import cast

import pytest

from tests.infra.templates import PROJECT

FRONTEND = PROJECT / "flux_infra" / "frontend"
NODE = PROJECT / "node_modules" / ".bin" / "node"

type Json = dict[str, object]

LIVE: Json = {"release": "r1", "pages": ["index", "forecasts", "help/till"], "previous": None, "since": "2026-11-23"}


def run(function: str, event: Json, *, store: Json | None = None) -> Json:
    """Answer what a function answers; `import cf from 'cloudfront'` becomes a store with one entry, or none."""
    source = (FRONTEND / function).read_text()
    module = (
        "const entry = JSON.parse(process.argv[1]).store;"
        "const cf = { kvs: () => ({ get: async (key, options) => {"
        " if (key !== 'live' || options.format !== 'json' || !entry) throw new Error('key not found');"
        " return entry; } }) };"
    )
    code = source.replace("import cf from 'cloudfront';", module)
    code += "\nPromise.resolve(handler(JSON.parse(process.argv[1]).event)).then((x) => console.log(JSON.stringify(x)));"
    argument = json.dumps({"event": event, "store": store})
    finished = subprocess.run([str(NODE), "-e", code, argument], check=True, capture_output=True, text=True, timeout=30)
    return cast("Json", json.loads(finished.stdout))


@pytest.mark.parametrize(
    ("uri", "file"),
    [
        ("/", "index.html"),
        ("/index.html", "index.html"),
        ("/forecasts", "forecasts.html"),
        ("/forecasts/", "forecasts.html"),
        ("/forecasts.html", "forecasts.html"),
        ("/help/till", "help/till.html"),
        ("/icon.svg", "icon.svg"),
        ("/forecasts.txt", "forecasts.txt"),
        ("/__next._tree.txt", "__next._tree.txt"),
        ("/no-such-page", "404.html"),
        ("/help", "404.html"),
        ("/help/", "404.html"),
        ("/gone.html", "404.html"),
        ("/404.html", "404.html"),
        ("/releases/r0/index.html", "404.html"),
        ("//", "index.html"),
    ],
)
def test_a_request_gets_the_live_releases_file(uri: str, file: str) -> None:
    answer = run("release_request.js", {"request": {"uri": uri, "method": "GET"}}, store=LIVE)

    assert answer == {"uri": f"/releases/r1/{file}", "method": "GET"}


def test_before_the_first_release_the_site_says_so_and_nobody_remembers_it() -> None:
    answer = run("release_request.js", {"request": {"uri": "/"}})

    assert answer["statusCode"] == 503
    assert cast("dict[str, Json]", answer["headers"])["cache-control"] == {"value": "no-store"}


def test_the_page_for_unknown_addresses_gets_its_status() -> None:
    headers = {"x-amz-meta-status": {"value": "404"}, "etag": {"value": "e"}}
    answer = run("release_response.js", {"response": {"statusCode": 200, "headers": headers}})

    assert answer == {"statusCode": 404, "statusDescription": "Not Found", "headers": {"etag": {"value": "e"}}}


def test_every_other_answer_passes_as_it_is() -> None:
    response: Json = {"statusCode": 200, "headers": {"etag": {"value": "e"}}}

    assert run("release_response.js", {"response": response}) == response


@pytest.mark.parametrize("function", ["release_request.js", "release_response.js"])
def test_a_function_is_smaller_than_cloudfront_allows(function: str) -> None:
    assert (FRONTEND / function).stat().st_size < 10 * 1024  # "Quotas on CloudFront Functions"
