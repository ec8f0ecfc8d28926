"""SearchOrders, as far as Flux and Square's own clients use it.

Source: Square API reference, SearchOrders, `SearchOrdersQuery`, `SearchOrdersFilter`, `SearchOrdersSort`.
"""

import base64
import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus

from .square_answers import Json, Record, Refused

DEFAULT_LIMIT, MAX_LIMIT, MAX_LOCATIONS = 500, 1_000, 10

# Each sort field is the name of a filter's member and of an order's.
_SORT_FIELDS = {"CREATED_AT": "created_at", "UPDATED_AT": "updated_at", "CLOSED_AT": "closed_at"}
_STATES = ("OPEN", "COMPLETED", "CANCELED", "DRAFT")


def search(orders: Iterable[Record], body: Record, *, now: datetime) -> Record:
    """One page of the orders that the request asks for, and the cursor of the next page if there is one.

    now: by Square's clock; what changed later is not shown.

    Raises:
        Refused: the request is not as the reference says.
    """
    locations = _texts(body, "location_ids")
    if len(locations) > MAX_LOCATIONS:
        raise _bad("ARRAY_LENGTH_TOO_LONG", "location_ids", f"at most {MAX_LOCATIONS} locations")
    limit = _limit(body)
    field, descending = _sort(body)
    name, start_at, end_at = _window(body, field)
    states, kinds = _states(body), _fulfillments(body)
    start, until = _resume(body, now)
    end_at = end_at or until
    found = [
        order
        for order in orders
        if (not locations or order.get("location_id") in locations)
        and (not states or order.get("state") in states)
        and (not kinds or kinds & _kinds_of(order))
        and (name is None or _moment(start_at) <= _moment(order.get(name)) <= _moment(end_at))
        and order.get(field) is not None
    ]
    found.sort(key=lambda order: (_moment(order.get(field)), str(order.get("id"))), reverse=descending)
    page = found[start : start + limit]
    answer: Record = (
        {"order_entries": [_entry(order) for order in page]} if body.get("return_entries") else {"orders": list(page)}
    )
    if start + limit < len(found):
        answer["cursor"] = _cursor(body, start + limit, until)
    # Square leaves out what is empty.
    return {member: value for member, value in answer.items() if value}


def _bad(code: str, field: str, detail: str) -> Refused:
    return Refused(HTTPStatus.BAD_REQUEST, code, detail, field=field)


def _at(body: Record, *path: str) -> Record:
    here = body
    for name in path:
        inner = here.get(name)
        here = inner if isinstance(inner, dict) else {}
    return here


def _texts(body: Record, name: str) -> list[str]:
    values = body.get(name)
    return [str(value) for value in values] if isinstance(values, list) else []


def _limit(body: Record) -> int:
    limit = body.get("limit", DEFAULT_LIMIT)
    if not isinstance(limit, int) or not 1 <= limit <= MAX_LIMIT:
        raise _bad("INVALID_VALUE", "limit", f"must be 1 to {MAX_LIMIT}")
    return limit


def _sort(body: Record) -> tuple[str, bool]:
    """The order's member to sort by, and whether the newest comes first: Square's default."""
    sort = _at(body, "query", "sort")
    field, order = str(sort.get("sort_field") or "CREATED_AT"), str(sort.get("sort_order") or "DESC")
    if field not in _SORT_FIELDS:
        raise _bad("INVALID_ENUM_VALUE", "query.sort.sort_field", f"must be one of {', '.join(_SORT_FIELDS)}")
    if order not in ("ASC", "DESC"):
        raise _bad("INVALID_SORT_ORDER", "query.sort.sort_order", "must be ASC or DESC")
    return _SORT_FIELDS[field], order == "DESC"


def _window(body: Record, sort_field: str) -> tuple[str | None, str, str]:
    """The member that is filtered by time, and both ends, which belong to it."""
    windows = [
        (name, window)
        for name, window in _at(body, "query", "filter", "date_time_filter").items()
        if isinstance(window, dict)
    ]
    if not windows:
        return None, "", ""
    if len(windows) > 1:
        raise _bad("INVALID_VALUE", "query.filter.date_time_filter", "only one time range may be given")
    name, window = windows[0]
    if name != sort_field:
        raise _bad("BAD_REQUEST", "query.sort.sort_field", "must be the field that date_time_filter filters by")
    return name, str(window.get("start_at") or ""), str(window.get("end_at") or "")


def _states(body: Record) -> list[str]:
    states = _texts(_at(body, "query", "filter", "state_filter"), "states")
    for state in states:
        if state not in _STATES:
            raise _bad("INVALID_ENUM_VALUE", "query.filter.state_filter.states", f"no such state: {state}")
    return states


def _fulfillments(body: Record) -> set[str]:
    return set(_texts(_at(body, "query", "filter", "fulfillment_filter"), "fulfillment_types"))


def _kinds_of(order: Record) -> set[str]:
    fulfillments = order.get("fulfillments")
    return {
        str(each.get("type"))
        for each in (fulfillments if isinstance(fulfillments, list) else [])
        if isinstance(each, dict)
    }


def _moment(value: Json) -> datetime:
    """A time of Square's; the beginning of time for none."""
    return datetime.fromisoformat(str(value)) if value else datetime.min.replace(tzinfo=UTC)


def _entry(order: Record) -> Json:
    members = {"order_id": order.get("id"), "version": order.get("version"), "location_id": order.get("location_id")}
    return {name: value for name, value in members.items() if value is not None}


def _cursor(body: Record, start: int, until: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([_fingerprint(body), start, until]).encode()).decode()


def _resume(body: Record, now: datetime) -> tuple[int, str]:
    """Where a page begins, and the time of the first page's request: what changed later is on no page."""
    cursor = body.get("cursor")
    if not cursor:
        return 0, now.isoformat()
    try:
        fingerprint, start, until = json.loads(base64.urlsafe_b64decode(str(cursor)))
    except ValueError as error:
        raise _bad("INVALID_CURSOR", "cursor", "no cursor of Square's") from error
    if fingerprint != _fingerprint(body):
        raise _bad("INVALID_CURSOR", "cursor", "the query is another than the cursor's")
    return int(start), str(until)


def _fingerprint(body: Record) -> str:
    query = {name: value for name, value in body.items() if name not in ("cursor", "limit")}
    return hashlib.sha256(json.dumps(query, sort_keys=True).encode()).hexdigest()[:16]
