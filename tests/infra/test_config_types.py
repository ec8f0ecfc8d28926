"""What is not of its field's type is refused where it is written, in one sentence."""

from collections.abc import Callable, Iterator
from dataclasses import Field, fields, is_dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, get_args

import pytest

from flux_infra.config import ConfigError, Delivery, FluxConfig, Throttle
from flux_infra.config.account_baseline import AccountBaseline
from flux_infra.config.safeguards import Safeguard
from flux_infra.environments import DELIVERY, DEV, DEV_ACCOUNT, PROD

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

INFINITE = float("inf")


def classes(*roots: object) -> Iterator[type["DataclassInstance"]]:
    """Yield these types and every dataclass that their fields may hold."""
    for root in roots:
        if isinstance(root, type) and is_dataclass(root):
            yield root
            yield from classes(*(each.type for each in fields(root)))
        else:
            yield from classes(*get_args(root))


CLASSES = tuple(dict.fromkeys(classes(FluxConfig, Delivery, AccountBaseline)))
SAFEGUARDS = [(kind, each) for kind in CLASSES for each in fields(kind) if each.type == Safeguard]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_a_field_that_does_not_exist_is_named_with_the_nearest_that_does(kind: type["DataclassInstance"]) -> None:
    build: Callable[..., object] = kind
    name = fields(kind)[0].name

    with pytest.raises(ConfigError, match=rf"^{kind.__name__}\.{name}s=1: there is no such field; .*'{name}'$"):
        build(**{f"{name}s": 1})


@pytest.mark.parametrize("value", [False, 0, 1, 1.0, "yes", None, "OptOut(reason='dev holds nothing of value')"])
@pytest.mark.parametrize(
    ("kind", "field"), SAFEGUARDS, ids=[f"{kind.__name__}.{each.name}" for kind, each in SAFEGUARDS]
)
def test_a_safeguard_is_on_or_off_for_a_reason_and_nothing_else(
    kind: type["DataclassInstance"], field: Field[object], value: object
) -> None:
    build: Callable[..., object] = kind

    with pytest.raises(ConfigError) as refusal:
        build(**{field.name: value})

    said = f"{kind.__name__}.{field.name}={value!r}: must be True or OptOut(reason=...)"
    assert str(refusal.value) == said


@pytest.mark.parametrize(
    ("config", "field", "value", "rule"),
    [
        (DEV, "account", 333333333333, "must be text in quotes"),
        (DEV, "account", None, "must be text in quotes"),
        (DEV, "name", 5, "must be text in quotes"),
        (DEV, "domain", "flux.app", "must be Domain(name=..., zone_name=..., zone_id=...) or None"),
        (DEV, "cache", None, "must be Cache(node_class=...)"),
        (DEV, "rollback_errors", "5", "must be a whole number"),
        (DEV, "rollback_errors", True, "must be a whole number"),
        (DEV, "rollback_error_percent", INFINITE, "must be a number that is finite"),
        (DEV, "rollback_error_percent", True, "must be a number that is finite"),
        (DEV, "rotation_days", None, "must be a whole number or OptOut(reason=...)"),
        (DEV, "traffic_shift", "CANARY", "must be 'ALL_AT_ONCE' or 'CANARY_10PERCENT_5MINUTES' or"),
        (DEV, "backups", None, "must be Backups(retention_days=..., copy_region=..., rpo_hours=..., rto_minutes=...)"),
        (DEV.network, "cidr", ("10.0.0.0/16",), "must be text in quotes"),
        (DEV.network, "nat_gateways", "3", "must be a whole number"),
        (DEV.network, "nat_gateways", True, "must be a whole number"),
        (DEV.network, "nat_gateways", 1.0, "must be a whole number"),
        (DEV.network, "zones", "use1-az1", "must be a tuple, like (one,) or (one, two), where each is text in quotes"),
        (DEV.network, "zones", ("use1-az1", 2), "must be a tuple, like (one,) or (one, two), where each is text"),
        (DEV.model, "instances", True, "must be a whole number"),
        (DEV.functions, "sync", DEV.functions.api, "must be Worker(memory_mib=..., timeout_seconds=..., concurrency"),
        (DEV.throttle, "rate", INFINITE, "must be a whole number"),
        (PROD.backups, "retention_days", 35.5, "must be a whole number"),
        (PROD.backups, "copy_region", None, "must be text in quotes or OptOut(reason=...)"),
        (DELIVERY, "names_suffice", "false", "must be True or False"),
        (DELIVERY, "owner_id", True, "must be a whole number or None"),
        (DEV_ACCOUNT, "monthly_budget_usd", Decimal("NaN"), "must be Decimal(...) of a number that is finite"),
        (DEV_ACCOUNT, "monthly_budget_usd", Decimal("Infinity"), "must be Decimal(...) of a number that is finite"),
        (DEV_ACCOUNT, "monthly_budget_usd", 800.0, "must be Decimal(...) of a number that is finite"),
    ],
)
def test_a_value_of_another_type_is_refused_with_what_it_must_be(
    config: "DataclassInstance", field: str, value: object, rule: str
) -> None:
    change: Callable[..., object] = replace

    with pytest.raises(ConfigError) as refusal:
        change(config, **{field: value})

    assert str(refusal.value).startswith(f"{type(config).__name__}.{field}={value!r}: {rule}")


def test_a_missing_field_is_named() -> None:
    with pytest.raises(ConfigError, match=r"^Throttle\.burst: is missing; write burst=\.\.\.$"):
        Throttle(rate=1)  # type: ignore[call-arg] # what must not work


def test_a_value_without_its_field_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^Throttle\(1\): does not say which field it is; write field=value$"):
        Throttle(1, burst=2)  # type: ignore[call-arg] # what must not work


def test_a_number_may_be_written_without_its_point() -> None:
    assert replace(DEV, rollback_error_percent=2).rollback_error_percent == 2
