"""What the workers are handed, and what they must have done with it."""

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence

from pydantic import JsonValue

from .checks import WARM_SECONDS, Check
from .likeness import difference
from .payloads import sqs_batch, square_event
from .tenants import RUN_DAY, TENANTS, Sale, Tenant

# What it takes the model to answer for one dish, and what Lambda gives a worker at the least.
MODEL_SECONDS = 10.0

# A week after two steady weeks: whatever the model, its total is neither a third nor three times as much.
TOTAL_FACTOR = 3.0

type Report = Mapping[str, JsonValue]


def sync_script() -> Sequence[Check]:
    """Orders of two restaurants, one by one and page by page; and what there is nothing to do for."""
    other: JsonValue = {"type": "square.event", "event": square_event("rehearsal.only")}
    gone: JsonValue = {"type": "sync.connection", "connection_id": "00000000-0000-4000-8000-000000000000"}
    first, second = TENANTS
    return (
        *_batches("batch of three", _event(first, "a"), other, gone, effects=_stores(first, ["a"])),
        Check(
            name="one order of each restaurant",
            payload=sqs_batch(_event(first, "a"), _event(second, "20200107")),
            expected={"batchItemFailures": []},
            effects={"messages": [], "writes": [_after(first, ["a"]), _after(second, ["20200107"])]},
            since_effects=True,
        ),
        *(
            Check(
                name=f"all orders of {tenant.merchant.lower()}",
                payload=sqs_batch({"type": "sync.connection", "connection_id": str(tenant.connection_id)}),
                expected={"batchItemFailures": []},
                effects=_pages(tenant),
                since_effects=True,
            )
            for tenant in TENANTS
        ),
        _tick("sync.tick", [{"type": "sync.connection", "connection_id": str(each.connection_id)} for each in TENANTS]),
    )


def forecast_script() -> Sequence[Check]:
    """A night of each restaurant, alone and together."""
    first, second = (_night(tenant) for tenant in TENANTS)
    return (
        *_batches("a restaurant's night", first, effects=_nights(TENANTS[0]), seconds=MODEL_SECONDS),
        Check(
            name="the night of both restaurants",
            payload=sqs_batch(first, second),
            expected={"batchItemFailures": []},
            effects=_nights(*TENANTS),
            seconds=2 * MODEL_SECONDS,
            since_effects=True,
        ),
    )


def _night(tenant: Tenant) -> JsonValue:
    return {"type": "forecast.restaurant", "restaurant_id": str(tenant.restaurant_id), "date": str(RUN_DAY)}


def forecast_tick(date: str) -> Check:
    """The fan-out of a night whose tick is sent on this date."""
    messages: list[JsonValue] = [
        {"type": "forecast.restaurant", "restaurant_id": str(tenant.restaurant_id), "date": date} for tenant in TENANTS
    ]
    return _tick("forecast.tick", messages)


def forecast_census() -> Check:
    """The count of restaurants that have the night's forecasts, which is reported and changes nothing."""
    return Check(
        name="forecast.census",
        payload=sqs_batch({"type": "forecast.census"}),
        expected={"batchItemFailures": []},
        effects={"messages": [], "writes": []},
        since_effects=True,
    )


def _batches(
    name: str,
    *messages: JsonValue,
    effects: Callable[[Report], str | None],
    seconds: float = WARM_SECONDS,
) -> Sequence[Check]:
    """What every worker is handed: nothing, these good messages, and a poisonous one after a good one."""
    return (
        Check(name="empty batch", payload={"Records": []}, expected={"batchItemFailures": []}),
        Check(
            name=name,
            payload=sqs_batch(*messages),
            expected={"batchItemFailures": []},
            effects=effects,
            seconds=seconds,
            paced=True,
        ),
        Check(
            name="poison among good",
            payload=sqs_batch(messages[0], {"type": "no such message"}),
            expected={"batchItemFailures": [{"itemIdentifier": "1"}]},
            effects=effects,
            seconds=seconds,
        ),
    )


def _tick(kind: str, messages: Sequence[JsonValue]) -> Check:
    """Every restaurant's message is on the queue, once; which is first does not matter."""

    def judge(report: Report) -> str | None:
        sent = report.get("messages")
        bodies = [json.loads(str(body)) for body in sent] if isinstance(sent, list) else []
        return difference(_sorted(messages), _sorted(bodies), "messages")

    return Check(
        name=kind,
        payload=sqs_batch({"type": kind}),
        expected={"batchItemFailures": []},
        effects=judge,
        since_effects=True,
    )


def _sorted(values: Sequence[JsonValue]) -> list[JsonValue]:
    return sorted(values, key=lambda value: json.dumps(value, sort_keys=True))


def _event(tenant: Tenant, order: str) -> JsonValue:
    event = square_event("order.updated", merchant=tenant.merchant, order=f"{tenant.merchant.lower()}-{order}")
    return {"type": "square.event", "event": event}


def _stores(tenant: Tenant, orders: Sequence[str]) -> Callable[[Report], str | None]:
    return lambda report: difference([_after(tenant, orders)], report.get("writes"), "writes")


def _after(tenant: Tenant, orders: Sequence[str]) -> JsonValue:
    """A restaurant's whole state once these orders are stored, each instead of what was known of it.

    Square's side of it is in sync/rehearsal.py: three portions of soup at 500.
    """
    noon = dt.datetime(2020, 1, 8, 12, tzinfo=dt.UTC)
    new = [
        Sale(order=f"{tenant.merchant.lower()}-{order}", sold_at=noon, lines=((tenant.soup, 3),), price=500)
        for order in orders
    ]
    replaced = {sale.order for sale in new}
    sales = [*new, *(sale for sale in tenant.sales if sale.order not in replaced)]
    return {
        "restaurant_id": str(tenant.restaurant_id),
        "state": {"sales": _rows(tenant, sales), "forecasts": tenant.stored_forecasts()},
    }


def _rows(tenant: Tenant, sales: Sequence[Sale]) -> list[JsonValue]:
    return [
        {
            "order": sale.order,
            "state": "completed",
            "sold_at": sale.sold_at.isoformat(),
            "total": sale.total,
            "currency": tenant.currency,
            "lines": [[dish.name, str(dish.id), quantity, sale.cost(dish, quantity)] for dish, quantity in sale.lines],
        }
        for sale in sorted(sales, key=lambda sale: sale.order)
    ]


def _pages(tenant: Tenant) -> Callable[[Report], str | None]:
    """Two pages are stored, and only then the connection counts as synchronized up to now.

    Each page's transaction is rolled back before the next begins.
    """
    pages = [_after(tenant, ["20200107", "a"]), _after(tenant, ["b"])]

    def judge(report: Report) -> str | None:
        if (fault := difference(pages, report.get("writes"), "writes")) is not None:
            return fault
        match report.get("writes"):
            case [{"state": {"synced_at": str(first)}}, {"state": {"synced_at": str(second)}}]:
                if not first.startswith("2020-01-08T12:05"):
                    return f"after the first of two pages it counts as synchronized until {first}"
                return None if second > first else f"after the last page it counts as synchronized until {second}"
            case _:
                return "the connection does not count as synchronized after its pages are stored"

    return judge


def _nights(*tenants: Tenant) -> Callable[[Report], str | None]:
    """Each restaurant's own history is asked about, and a plausible week is stored for it, beside its earlier runs."""

    def judge(report: Report) -> str | None:
        asked, writes = report.get("asked"), report.get("writes")
        questions: JsonValue = [{"instances": tenant.history()} for tenant in tenants]
        if (fault := difference(questions, asked, "the model was asked: it")) is not None:
            return fault
        if not isinstance(writes, list) or len(writes) != len(tenants):
            return f"writes are {json.dumps(writes)[:100]}, must be one for each restaurant"
        return next(filter(None, map(_night_fault, tenants, writes)), None)

    return judge


def _night_fault(tenant: Tenant, write: JsonValue) -> str | None:
    match write:
        case {"restaurant_id": str(restaurant), "state": {"sales": sales, "forecasts": list(forecasts)}} if (
            restaurant == str(tenant.restaurant_id)
        ):
            pass
        case _:
            return f"the forecasts are not stored for {tenant.restaurant_id}"
    earlier: list[JsonValue] = [row for row in forecasts if isinstance(row, list) and row[0] != str(RUN_DAY)]
    if (fault := difference(tenant.stored_forecasts(), earlier, "earlier forecasts")) is not None:
        return fault
    if (fault := difference(_rows(tenant, tenant.sales), sales, "sales")) is not None:
        return fault
    return _week_fault(tenant, [row for row in forecasts if isinstance(row, list) and row[0] == str(RUN_DAY)])


def _week_fault(tenant: Tenant, rows: Sequence[Sequence[JsonValue]]) -> str | None:
    days = [str(RUN_DAY + dt.timedelta(days=ahead)) for ahead in range(7)]
    wanted: JsonValue = [[day, str(dish.id)] for day in days for dish in tenant.dishes]
    if (fault := difference(wanted, [[row[1], row[2]] for row in rows], "the night's days and dishes")) is not None:
        return fault
    for dish in tenant.dishes:
        total = sum(float(str(row[3])) for row in rows if row[2] == str(dish.id))
        usual = 7 * dish.sold
        if not usual / TOTAL_FACTOR <= total <= usual * TOTAL_FACTOR:
            return f"the night's total of {dish.name} is {total:g}, and a usual week has {usual}"
    return None
