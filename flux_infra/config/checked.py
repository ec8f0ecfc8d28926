"""A configuration's values have the types of its fields; Python itself does not look."""

import difflib
import math
from collections.abc import Callable, Iterable
from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal
from functools import wraps
from types import UnionType
from typing import TYPE_CHECKING, Literal, Union, get_args, get_origin

from .rules import ConfigError, refuse

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_UNIONS = (Union, UnionType)  # Python has two, by what is beside `|`

_DESCRIPTIONS: dict[object, str] = {
    bool: "True or False",
    int: "a whole number",
    float: "a number that is finite",
    str: "text in quotes",
    Decimal: "Decimal(...) of a number that is finite",
    type(None): "None",
}


def checked[C: DataclassInstance](kind: type[C]) -> type[C]:
    """Refuse, when a value of this dataclass is made, fields that it has not and values that their types forbid.

    Stands above `@dataclass`. The types are checked before the class's own rules, which may then rely on them.
    """
    types = {field.name: field.type for field in fields(kind)}
    make: Callable[..., None] = kind.__init__

    @wraps(make)
    def check_and_make(self: C, /, *unnamed: object, **given: object) -> None:
        if unnamed:
            raise ConfigError(f"{kind.__name__}({unnamed[0]!r}): does not say which field it is; write field=value")
        for name, value in given.items():
            if name not in types:
                refuse(
                    f"{kind.__name__}.{name}",
                    value,
                    f"there is no such field; the nearest is {_nearest(name, types)!r}",
                )
            if not _fits(value, types[name]):
                refuse(f"{kind.__name__}.{name}", value, f"must be {_description(types[name])}")
        missing = [name for name in _required(kind) if name not in given]
        if missing:
            raise ConfigError(f"{kind.__name__}.{missing[0]}: is missing; write {_with_values(missing)}")
        make(self, **given)

    kind.__init__ = check_and_make  # type: ignore[assignment, method-assign] # what the decorator is for
    return kind


def _fits(value: object, wanted: object) -> bool:
    arguments = get_args(wanted)
    if get_origin(wanted) in _UNIONS:
        return any(_fits(value, each) for each in arguments)
    if get_origin(wanted) is Literal:
        return any(value is each if isinstance(each, bool) else value == each for each in arguments)
    if get_origin(wanted) is tuple and len(arguments) == 2 and arguments[1] is ...:
        return isinstance(value, tuple) and all(_fits(each, arguments[0]) for each in value)
    if not isinstance(wanted, type) or arguments:
        raise TypeError(f"{wanted}: checked.py does not know this form of type; add it there")
    if isinstance(value, bool):  # which Python counts as a number
        return wanted is bool
    if wanted is float:  # which may be written without its point
        return isinstance(value, int | float) and math.isfinite(value)
    return isinstance(value, wanted) and (not isinstance(value, Decimal) or value.is_finite())


def _description(wanted: object) -> str:
    if get_origin(wanted) in _UNIONS:
        return " or ".join(_description(each) for each in get_args(wanted))
    if get_origin(wanted) is Literal:
        return " or ".join(repr(each) for each in get_args(wanted))
    if get_origin(wanted) is tuple:
        return f"a tuple, like (one,) or (one, two), where each is {_description(get_args(wanted)[0])}"
    if is_dataclass(wanted):
        return f"{getattr(wanted, '__name__', '')}({_with_values(_required(wanted))})"
    return _DESCRIPTIONS[wanted]


def _required(kind: "type[DataclassInstance] | DataclassInstance") -> list[str]:
    return [each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING]


def _with_values(names: list[str]) -> str:
    return ", ".join(f"{name}=..." for name in names)


def _nearest(name: str, names: Iterable[str]) -> str:
    return difflib.get_close_matches(name, names, n=1, cutoff=0.0)[0]
