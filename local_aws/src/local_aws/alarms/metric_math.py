"""Metric math, the part of it that alarms use ("Using metric math").

Numbers, metric ids, `+ - * / ^`, comparisons, AND and OR, IF, FILL with a number, DIFF, RATE, PERIOD, METRICS, and SUM,
AVG, MIN, MAX over arrays. A time series has one value for each period, None where there is no data.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from .tokens import Tokens

type Value = float | None
type Series = list[Value]
type Operand = float | Series | tuple[Series, ...]
"""The guide's S, TS and TS[]: a number, a time series, an array of time series."""

type Apply = Callable[[float, float], float]

_TOKEN = re.compile(
    r"\s*(?:(\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)|([A-Za-z_][A-Za-z0-9_]*)|(\"[^\"]*\")|"
    r"(==|!=|<=|>=|&&|\|\||[-+*/^<>(),\[\]]))"
)

_BINARY: tuple[Mapping[str, Apply], ...] = (
    {"||": lambda a, b: float(bool(a) or bool(b)), "OR": lambda a, b: float(bool(a) or bool(b))},
    {"&&": lambda a, b: float(bool(a) and bool(b)), "AND": lambda a, b: float(bool(a) and bool(b))},
    {"==": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge},
    {"+": operator.add, "-": operator.sub},
    {"*": operator.mul, "/": operator.truediv},
    {"^": operator.pow},
)
"""Operators by precedence, the loosest first."""

_OPEN, _OPEN_ARRAY, _QUOTE = "(", "[", '"'
_NONE: Mapping[str, Sequence[Value]] = MappingProxyType({})


class ExpressionError(ValueError):
    """The expression is malformed or uses what is not supported here; the message quotes it."""


def evaluate(
    expression: str,
    metrics: Mapping[str, Sequence[Value]],
    *,
    period: int,
    computed: Mapping[str, Sequence[Value]] = _NONE,
) -> Series:
    """The expression's value in each period.

    metrics: every metric's values, the oldest first, by id; all as long. period: seconds.
    computed: the values of other expressions, by id. METRICS() does not include them.

    Raises:
        ExpressionError: see there.
    """
    parsed = _Parser(expression, metrics, computed, period)
    value = parsed.whole()
    if not isinstance(value, list):
        raise ExpressionError(f"{expression}: is a number or an array, not one time series")
    return value


class _Parser:
    """Computes while it parses: expressions are short and evaluated with new values each time."""

    def __init__(
        self,
        expression: str,
        metrics: Mapping[str, Sequence[Value]],
        computed: Mapping[str, Sequence[Value]],
        period: int,
    ) -> None:
        self._metrics = metrics
        self._known = {**metrics, **computed}
        self._period = period
        self._tokens = Tokens(expression, _TOKEN, subject=expression, error=ExpressionError)

    def whole(self) -> Operand:
        value = self._binary(0)
        self._tokens.end()
        return value

    def _binary(self, level: int) -> Operand:
        if level == len(_BINARY):
            return self._unary()
        left = self._binary(level + 1)
        while self._tokens.peek().upper() in _BINARY[level]:
            apply = _BINARY[level][self._tokens.take().upper()]
            left = self._elementwise(apply, left, self._binary(level + 1))
        return left

    def _elementwise(self, apply: Apply, left: Operand, right: Operand) -> Operand:
        if isinstance(left, tuple):
            if isinstance(right, tuple):
                self._tokens.fail("an operator between two arrays is not supported here")
            return tuple(_series(apply, one, right) for one in left)
        if isinstance(right, tuple):
            return tuple(_series(apply, left, one) for one in right)
        found = _series(apply, left, right)
        if isinstance(left, list) or isinstance(right, list):
            return found
        if found[0] is None:
            self._tokens.fail("divides a number by zero")
        return found[0]

    def _unary(self) -> Operand:
        if self._tokens.peek() == "-":
            self._tokens.take()
            return self._elementwise(operator.sub, 0.0, self._unary())
        return self._primary()

    def _primary(self) -> Operand:
        token = self._tokens.take()
        if token == _OPEN:
            value = self._binary(0)
            self._tokens.take(")")
            return value
        if token == _OPEN_ARRAY:
            return self._array(self._list("]"))
        return float(token) if token[0].isdigit() or token[0] == "." else self._named(token)

    def _named(self, name: str) -> Operand:
        """A function's value or a metric's."""
        if self._tokens.peek() == _OPEN and name.isupper():
            self._tokens.take()
            return self._all_metrics() if name == "METRICS" else self._call(name, self._list(")"))
        if name not in self._known:
            self._tokens.fail(f"no metric has the id {name!r}")
        return list(self._known[name])

    def _list(self, end: str) -> list[Operand]:
        values: list[Operand] = []
        while self._tokens.peek() != end:
            if values:
                self._tokens.take(",")
            values.append(self._binary(0))
        self._tokens.take(end)
        return values

    def _array(self, values: list[Operand]) -> tuple[Series, ...]:
        found: list[Series] = []
        for value in values:
            match value:
                case tuple():
                    found += value
                case list():
                    found.append(value)
                case _:
                    self._tokens.fail("an array of numbers is not supported here")
        return tuple(found)

    def _call(self, name: str, arguments: list[Operand]) -> Operand:
        match name, arguments:
            case "PERIOD", [list()]:
                return float(self._period)
            case "IF", [_, _] | [_, _, _]:
                return self._choice(*arguments)
            case "FILL", [list() | tuple() as value, float(filler)]:
                return _each(value, lambda series: [filler if one is None else one for one in series])
            case (("DIFF" | "RATE"), [list() | tuple() as value]):
                seconds = self._period if name == "RATE" else None
                return _each(value, lambda series: _differences(series, period=seconds))
            case (("SUM" | "AVG" | "MIN" | "MAX"), [tuple(several)]):
                return [_aggregate(name, values) for values in zip(*several, strict=True)]
        return self._tokens.fail(f"{name} with {len(arguments)} arguments is not supported here")

    def _all_metrics(self) -> tuple[Series, ...]:
        """All metrics, or those whose id contains a text: "Math expressions aren't included"."""
        part = self._tokens.take()[1:-1] if self._tokens.peek().startswith(_QUOTE) else ""
        self._tokens.take(")")
        return tuple(list(values) for name, values in self._metrics.items() if part in name)

    def _choice(self, *parts: Operand) -> Series:
        """IF, as the guide's tables have it: nothing without the condition's value, 0 without the first branch's."""
        lengths = {len(part) for part in parts if isinstance(part, list)}
        if not lengths:
            self._tokens.fail("IF needs a time series")
        condition, then, *otherwise = [self._spread(part, max(lengths)) for part in parts]
        other = otherwise[0] if otherwise else [None] * max(lengths)
        return [
            None if asked is None else (0.0 if one is None else one) if asked else two
            for asked, one, two in zip(condition, then, other, strict=True)
        ]

    def _spread(self, value: Operand, length: int) -> Series:
        if isinstance(value, tuple):
            self._tokens.fail("IF over arrays is not supported here")
        return value if isinstance(value, list) else [value] * length


def _each(value: Series | tuple[Series, ...], change: Callable[[Series], Series]) -> Operand:
    return tuple(change(series) for series in value) if isinstance(value, tuple) else change(value)


def _differences(series: Series, *, period: int | None) -> Series:
    """The difference to the value before, which may be some periods before: periods without data have no value.

    period: seconds, for the difference per second.
    """
    found: Series = []
    last: tuple[int, float] | None = None
    for index, value in enumerate(series):
        if value is None or last is None:
            found.append(None)
        else:
            found.append((value - last[1]) / ((index - last[0]) * period if period else 1))
        last = last if value is None else (index, value)
    return found


_AGGREGATES: Mapping[str, Callable[[list[float]], float]] = {"SUM": sum, "AVG": sum, "MIN": min, "MAX": max}


def _aggregate(name: str, values: Sequence[Value]) -> Value:
    """Over what has a value; but in AVG "missing values are treated as 0"."""
    known = [one for one in values if one is not None]
    if not known:
        return None
    return _AGGREGATES[name](known) / (len(values) if name == "AVG" else 1)


def _series(apply: Apply, left: float | Series, right: float | Series) -> Series:
    """Of two series, one without a value counts as 0 where the other has one ("Basic arithmetic functions")."""
    if isinstance(left, list):
        if isinstance(right, list):
            return [_both(apply, one, other) for one, other in zip(left, right, strict=True)]
        return [None if one is None else _number(apply, one, right) for one in left]
    if isinstance(right, list):
        return [None if one is None else _number(apply, left, one) for one in right]
    return [_number(apply, left, right)]


def _both(apply: Apply, left: Value, right: Value) -> Value:
    if left is None and right is None:
        return None
    return _number(apply, left or 0.0, right or 0.0)


def _number(apply: Apply, left: float, right: float) -> Value:
    try:
        return float(apply(left, right))
    except ZeroDivisionError:
        return None  # "divide by zero, the data point is dropped"
