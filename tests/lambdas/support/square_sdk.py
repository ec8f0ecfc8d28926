"""What Square's own SDK says: its models, made into orders, events and pages, and the examples in its documentation.

The SDK is generated from Square's description of its API, so that it knows what we did not think of.
"""

import ast
import datetime as dt
import importlib
import inspect
import pkgutil
import typing
from collections.abc import Iterator, Mapping
from functools import cache

import pydantic
import square
import square.types
from hypothesis import strategies as st

from local.square import Json, Record

# Members that Flux reads are made deep; what else nests is made one level deep, so that examples stay small.
READ = {
    "line_items",
    "returns",
    "return_line_items",
    "tenders",
    "card_details",
    "net_amounts",
    "orders",
    "order",
    "errors",
    "data",
    "object",
}
DEEPEST = 5

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=40)
HUGE_TEXT = st.integers(1, 200_000).map(lambda length: "x" * length)
IDS = st.text("ABCDEFGHJKMNPQRSTUVWXYZ0123456789-_#", min_size=1, max_size=40)
QUANTITIES = st.one_of(
    st.integers(0, 10**9).map(str),
    st.decimals(0, 10**7, places=5, allow_nan=False, allow_infinity=False).map(lambda number: f"{number:.5f}"),
    st.sampled_from(["1", "0", "1.70000", "-1", "1e3", "", " 1", "1000001", "9999999.999999"]),
)
TIMES = st.one_of(
    st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat()),
    st.integers(1_300_000_000, 2_000_000_000).map(lambda at: dt.datetime.fromtimestamp(at, dt.UTC).isoformat()),
    st.datetimes().map(lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")),
    st.datetimes().map(lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ")),
    st.sampled_from(["2016-09-04T23:59:33.123Z", "2016-12-31T23:59:60Z", "", "soon"]),
)
AMOUNTS = st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-1_000, 100_000))
UNKNOWN = st.dictionaries(st.sampled_from(["added_by_square", "x"]), st.none() | st.integers() | st.text(), max_size=2)


@cache
def model_of(module: str, name: str) -> type[pydantic.BaseModel]:
    """A model of the SDK."""
    found = getattr(importlib.import_module(f"square.types.{module}"), name)
    assert isinstance(found, type)
    assert issubclass(found, pydantic.BaseModel)
    return found


@cache
def event_models() -> list[type[pydantic.BaseModel]]:
    """Every webhook event that Square has a model of."""
    models: list[type[pydantic.BaseModel]] = []
    for module in pkgutil.iter_modules(square.types.__path__, "square.types."):
        if not module.name.endswith("_event"):
            continue
        for name, found in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if name.endswith("Event") and found.__module__ == module.name and issubclass(found, pydantic.BaseModel):
                models += [found] if {"merchant_id", "type", "data"} <= set(found.model_fields) else []
    return sorted(models, key=lambda model: model.__name__)


@cache
def instances(model: type[pydantic.BaseModel], depth: int = 0, *, read: bool = True) -> st.SearchStrategy[Record]:
    """Objects of a model as Square may send them: each member absent, null or there, and some that nobody knows yet."""
    required: dict[str, st.SearchStrategy[Json]] = {}
    optional: dict[str, st.SearchStrategy[Json]] = {}
    for name, field in model.model_fields.items():
        deep = (read and name in READ) or name.endswith("_money")
        if depth >= (DEEPEST if deep else 1) and _nests(field.annotation):
            values: st.SearchStrategy[Json] = st.none()
        else:
            values = _values(field.annotation, name, depth, deep)
        (required if field.is_required() else optional)[name] = values
    known = st.fixed_dictionaries(required, optional=optional)
    return st.tuples(known, UNKNOWN).map(lambda both: {**both[1], **both[0]})


def orders() -> st.SearchStrategy[Record]:
    """Orders: a third of them anything that the model allows, the others as tills make them less up to two members."""
    money: st.SearchStrategy[Json] = st.fixed_dictionaries(
        {"amount": AMOUNTS, "currency": st.sampled_from(["USD", "USD", "JPY", "KWD", None])}
    )
    line = _with(instances(model_of("order_line_item", "OrderLineItem"), 1), {"total_money": money, "uid": IDS})
    returned = _with(
        instances(model_of("order_return_line_item", "OrderReturnLineItem"), 1),
        {"source_line_item_uid": IDS, "catalog_object_id": IDS, "total_money": money},
    )
    returns: st.SearchStrategy[Json] = st.fixed_dictionaries(
        {"return_line_items": st.lists(returned, max_size=3)}, optional={"source_order_id": IDS, "uid": IDS}
    )
    tender = _with(instances(model_of("tender", "Tender"), 1), {"amount_money": money, "created_at": TIMES})
    plain: dict[str, st.SearchStrategy[Json]] = {
        "id": IDS,
        "state": st.sampled_from(["COMPLETED", "COMPLETED", "OPEN", "CANCELED", "DRAFT", "SIMMERING"]),
        "version": st.integers(-1, 2**40),
        "created_at": TIMES,
        "updated_at": TIMES,
        "closed_at": TIMES,
        "total_money": money,
        "net_amount_due_money": st.sampled_from([None, {"amount": 0, "currency": "USD"}, {"amount": 5}]),
        "line_items": st.lists(line, min_size=1, max_size=4),
        "returns": st.lists(returns, max_size=2),
        "tenders": st.lists(tender, max_size=2),
    }
    anything = instances(model_of("order", "Order"))
    likely = _with(anything, plain)
    return st.one_of(anything, likely, likely)


def _with(
    strange: st.SearchStrategy[Record], plain: Mapping[str, st.SearchStrategy[Json]]
) -> st.SearchStrategy[Record]:
    """Members that are there, over others that may be anything; up to two of the first are missing after all."""
    missing = st.sets(st.sampled_from(sorted(plain)), max_size=2)
    return st.tuples(strange, st.fixed_dictionaries(dict(plain)), missing).map(
        lambda drawn: {name: value for name, value in {**drawn[0], **drawn[1]}.items() if name not in drawn[2]}
    )


def examples() -> list[Record]:
    """Every order, or part of one, in an example of the SDK's documentation."""
    found: list[Record] = []
    for module in pkgutil.walk_packages(square.__path__, "square."):
        if module.name.endswith(".client"):
            client = importlib.import_module(module.name)
            for _, owner in inspect.getmembers(client, inspect.isclass):
                for _, method in inspect.getmembers(owner, inspect.isfunction):
                    found += _orders_in(inspect.getdoc(method) or "")
    return found


def _orders_in(documentation: str) -> Iterator[Record]:
    _, found, example = documentation.partition("Examples\n--------\n")
    if not found:
        return
    for node in ast.walk(ast.parse(example)):
        if isinstance(node, ast.keyword):
            try:
                yield from _orders_of(node.arg, ast.literal_eval(node.value))
            except ValueError:  # an enumeration's member or a model, which hold no order
                continue


def _orders_of(name: str | None, value: Json) -> Iterator[Record]:
    if isinstance(value, dict):
        if name == "order" or {"line_items", "location_id"} <= value.keys():
            yield value
        for inner, each in value.items():
            yield from _orders_of(inner, each)
    elif isinstance(value, list):
        for each in value:
            yield from _orders_of(None, each)


def _nests(annotation: object) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        return True
    return any(_nests(inner) for inner in typing.get_args(annotation))


def _values(annotation: object, name: str, depth: int, deep: bool) -> st.SearchStrategy[Json]:  # noqa: FBT001 - one line a kind of type
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        return instances(annotation, depth + 1, read=deep)
    if origin is typing.Literal:
        return st.sampled_from(inner)
    if origin is list or origin is typing.Sequence:
        return st.lists(_values(inner[0], name, depth, deep), max_size=3)
    if origin is dict:
        return st.dictionaries(ANY_TEXT, _values(inner[1], name, depth, deep), max_size=2)
    if inner:  # Optional[...], or the values of an enumeration, to which any may be added
        return st.one_of(*(_values(each, name, depth, deep) for each in inner))
    plain: dict[object, st.SearchStrategy[Json]] = {
        type(None): st.none(),
        typing.Any: st.sampled_from(["VALUE_OF_TOMORROW", "", "\ud83c"]),
        str: _texts(name),
        int: AMOUNTS,
        float: st.floats(allow_nan=False, allow_infinity=False),
        bool: st.booleans(),
    }
    return plain.get(annotation, st.none())


def _texts(name: str) -> st.SearchStrategy[Json]:
    if name.endswith("_at"):
        return TIMES
    if name == "quantity":
        return QUANTITIES
    if name in ("id", "uid") or name.endswith(("_id", "_uid")):
        return IDS
    return st.one_of(ANY_TEXT, IDS, HUGE_TEXT)
