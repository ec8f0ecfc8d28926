"""Datadog's API on loopback, as far as Flux speaks to it; bodies are judged by the models of Datadog's own client.

What only Datadog can say is not here: whether a query makes sense, whether metrics have arrived.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from datadog_api_client import Configuration
from datadog_api_client.model_utils import ModelNormal, validate_and_convert_types
from datadog_api_client.v1.model.dashboard import Dashboard
from datadog_api_client.v1.model.monitor import Monitor
from datadog_api_client.v1.model.service_level_objective import ServiceLevelObjective

from ops.datadog.strict import unknown
from ops.reads import Json

KEYS = {"apiKeyAuth": "0123456789abcdef0123456789abcdef", "appKeyAuth": "fedcba9876543210fedcba9876543210fedcba98"}

type Document = dict[str, Json]

MODELS: Mapping[str, type[ModelNormal]] = {
    "slo": ServiceLevelObjective,
    "monitor": Monitor,
    "dashboard": Dashboard,
}

# What Datadog adds to what it is given; `restriction_policy` no model of the client knows.
ADDED: Mapping[str, Document] = {
    "slo": {"created_at": 1_764_500_000, "modified_at": 1_764_500_000, "monitor_tags": [], "restriction_policy": None},
    "monitor": {
        "created": "2026-11-30T08:00:00.000000+00:00",
        "modified": "2026-11-30T08:00:00.000000+00:00",
        "multi": False,
        "overall_state": "No Data",
        "restriction_policy": None,
    },
    "dashboard": {"author_handle": "ops@flux.app", "url": "/dashboard/x", "is_read_only": False, "notify_list": []},
}


class DatadogApi:
    """What the organization holds: by kind, documents by id. requests: what was asked, in order."""

    def __init__(self) -> None:
        self.held: dict[str, dict[str, Document]] = {kind: {} for kind in MODELS}
        self.requests: list[str] = []
        self.metrics: set[str] = set()
        self._made = 0

    def only(self, kind: str, name: str) -> Document:
        (found,) = [each for each in self.held[kind].values() if name in (each.get("name"), each.get("title"))]
        return found

    def make(self, kind: str, document: Document) -> Document:
        self._made += 1
        own: Json = self._made if kind == "monitor" else f"{kind}-{self._made}"
        self.held[kind][str(own)] = {**ADDED[kind], **document, "id": own}
        return self.held[kind][str(own)]

    def configuration(self, address: str) -> Configuration:
        return Configuration(host=address, api_key=dict(KEYS))


@contextmanager
def datadog_api() -> Iterator[tuple[DatadogApi, Configuration]]:
    """Serve one organization, and say how to reach it."""
    organization = DatadogApi()
    handler = type("Handler", (_Handler,), {"organization": organization})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield organization, organization.configuration(f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    organization: ClassVar[DatadogApi]

    def do_GET(self) -> None:
        kind, own, query = self._asked()
        held = self.organization.held
        if kind == "metrics":
            self._answer({"type": "count"} if own in self.organization.metrics else None)
        elif own:
            self._answer(held[kind].get(own))
        elif kind == "slo":
            self._answer({"data": self._tagged(kind, query.get("tags_query", ""), query), "errors": []})
        elif kind == "monitor":
            self._answer(self._tagged(kind, query.get("monitor_tags", ""), query))
        else:
            page: list[Json] = [{"id": each["id"], "title": each["title"]} for each in held[kind].values()]
            self._answer({"dashboards": _page(page, int(query.get("start", "0")), int(query.get("count", "100")))})

    def do_POST(self) -> None:
        kind, _, _ = self._asked()
        document = self._body(kind)
        made = None if document is None else self.organization.make(kind, document)
        self._answer({"data": [made]} if kind == "slo" else made)

    def do_PUT(self) -> None:
        kind, own, _ = self._asked()
        document = self._body(kind)
        if document is not None:
            self.organization.held[kind][own].update(document)
            held = self.organization.held[kind][own]
            self._answer({"data": [held]} if kind == "slo" else held)

    def do_DELETE(self) -> None:
        kind, own, _ = self._asked()
        used = any(own in json.dumps(each) for each in self.organization.held["dashboard"].values())
        if kind == "slo" and used:
            self._send(409, {"errors": [f"{own} is used in a dashboard"]})
            return
        del self.organization.held[kind][own]
        self._answer({"deleted_monitor_id": int(own)} if kind == "monitor" else {})

    def _asked(self) -> tuple[str, str, dict[str, str]]:
        """Kind, id and query. Whoever has not the keys gets nothing."""
        url = urlsplit(self.path)
        kind, own = re.fullmatch(r"/api/v1/([a-z]+)/?(.*)", url.path).groups()  # type: ignore[union-attr]
        self.organization.requests.append(f"{self.command} {kind}")
        if (self.headers["DD-API-KEY"], self.headers["DD-APPLICATION-KEY"]) != tuple(KEYS.values()):
            self._send(403, {"errors": ["Forbidden"]})
        return kind, own, {name: values[0] for name, values in parse_qs(url.query).items()}

    def _body(self, kind: str) -> Document | None:
        """The document, if Datadog's client knows every field and value in it."""
        document: Document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        model = validate_and_convert_types(document, (MODELS[kind],), ["body"], True, True)  # noqa: FBT003 - not ours
        if strange := list(unknown(model, kind)):
            self._send(400, {"errors": [*strange]})
            return None
        return document

    def _tagged(self, kind: str, tag: str, query: Mapping[str, str]) -> list[Json]:
        found = [each for each in self.organization.held[kind].values() if tag in str(each["tags"]).split("'")]
        if kind == "slo":
            return _page([*found], int(query.get("offset", "0")), int(query.get("limit", "1000")))
        return _page([*found], int(query.get("page", "0")) * int(query.get("page_size", "100")), 100)

    def _answer(self, document: Json) -> None:
        if document is None:
            self._send(404, {"errors": ["not found"]})
        else:
            self._send(200, document)

    def _send(self, status: int, document: Json) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class calls it
        """Keep quiet."""


def _page(found: list[Json], start: int, size: int) -> list[Json]:
    return found[start : start + size]
