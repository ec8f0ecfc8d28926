"""Metric math, the part of it that alarms use ("Using metric math").

Numbers, metric ids, `+ - * / ^`, comparisons, AND and OR, IF, FILL, and SUM, AVG, MIN, MAX over arrays or METRICS(). A
metric's value is one period's; None stands for a period without data, which makes whatever is computed from it missing
too, except through FILL and over arrays, where it is left out.
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import NoReturn

type Value = float | None
type Operand = Value | list[Value]

_TOKEN = re.compile(
    r"\s*(?:(\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)|([A-Za-z_][A-Za-z0-9_]*)|(==|!=|<=|>=|&&|\|\||[-+*/^<>(),\[\]]))"
)

_BINARY: tuple[Mapping[str, Callable[[float, float], float]], ...] = (
    {"||": lambda a, b: float(bool(a) or bool(b)), "OR": lambda a, b: float(bool(a) or bool(b))},
    {"&&": lambda a, b: float(bool(a) and bool(b)), "AND": lambda a, b: float(bool(a) and bool(b))},
    {"==": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge},
    {"+": operator.add, "-": operator.sub},
    {"*": operator.mul, "/": operator.truediv},
    {"^": operator.pow},
)
"""Operators by precedence, the loosest first."""


_OPEN, _OPEN_ARRAY = "(", "["


class ExpressionError(ValueError):
    """The expression is malformed or uses what is not supported here; the message quotes it."""


def evaluate(expression: str, metrics: Mapping[str, Value]) -> Value:
    """The expression's value for one period.

    metrics: the period's value of every metric, by id.

    Raises:
        ExpressionError: see there.
    """
    parsed = _Parser(expression, metrics)
    value = parsed.whole()
    if isinstance(value, list):
        raise ExpressionError(f"{expression}: is an array, not one time series")
    return value


class _Parser:
    """Computes while it parses: expressions are short and evaluated with new values each time."""

    def __init__(self, expression: str, metrics: Mapping[str, Value]) -> None:
        self._expression = expression
        self._metrics = metrics
        self._tokens = list(self._tokenize())
        self._next = 0

    def whole(self) -> Operand:
        value = self._binary(0)
        if self._peek():
            self._fail(f"unexpected {self._peek()!r}")
        return value

    def _tokenize(self) -> Iterator[str]:
        position, text = 0, self._expression.rstrip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                self._fail(f"cannot read {text[position:]!r}")
            yield match.group(match.lastindex or 0)
            position = match.end()

    def _fail(self, why: str) -> NoReturn:
        raise ExpressionError(f"{self._expression}: {why}")

    def _peek(self) -> str:
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def _take(self, expected: str = "") -> str:
        token = self._peek()
        if not token or (expected and token != expected):
            self._fail(f"expected {expected or 'a value'}, found {token or 'the end'}")
        self._next += 1
        return token

    def _binary(self, level: int) -> Operand:
        if level == len(_BINARY):
            return self._unary()
        left = self._binary(level + 1)
        while self._peek().upper() in _BINARY[level]:
            apply = _BINARY[level][self._take().upper()]
            left = _elementwise(apply, left, self._binary(level + 1))
        return left

    def _unary(self) -> Operand:
        if self._peek() == "-":
            self._take()
            return _elementwise(operator.sub, 0.0, self._unary())
        return self._primary()

    def _primary(self) -> Operand:
        token = self._take()
        if token == _OPEN:
            value = self._binary(0)
            self._take(")")
            return value
        if token == _OPEN_ARRAY:
            return self._flattened(self._list("]"))
        return float(token) if token[0].isdigit() or token[0] == "." else self._named(token)

    def _named(self, name: str) -> Operand:
        """A function's value or a metric's."""
        if self._peek() == _OPEN and name.isupper():
            self._take()
            return self._call(name)
        if name not in self._metrics:
            self._fail(f"no metric has the id {name!r}")
        return self._metrics[name]

    def _list(self, end: str) -> list[Operand]:
        values: list[Operand] = []
        while self._peek() != end:
            if values:
                self._take(",")
            values.append(self._binary(0))
        self._take(end)
        return values

    @staticmethod
    def _flattened(values: list[Operand]) -> list[Value]:
        return [one for value in values for one in (value if isinstance(value, list) else [value])]

    def _call(self, name: str) -> Operand:
        arguments = self._list(")")
        match name, arguments:
            case "METRICS", []:
                return list(self._metrics.values())
            case "IF", [(float() | None) as condition, then, *otherwise] if len(otherwise) <= 1:
                return _choice(condition, then, otherwise)
            case "FILL", [value, float(filler)]:
                return _filled(value, filler)
            case (("SUM" | "AVG" | "MIN" | "MAX"), [list(values)]):
                known = [one for one in values if one is not None]
                return _AGGREGATES[name](known) if known else None
            case _:
                return self._fail(f"{name} with {len(arguments)} arguments is not supported here")


def _choice(condition: Value, then: Operand, otherwise: list[Operand]) -> Operand:
    if condition is None:
        return None
    return then if condition else next(iter(otherwise), None)


def _filled(value: Operand, filler: float) -> Operand:
    if isinstance(value, list):
        return [filler if one is None else one for one in value]
    return filler if value is None else value


_AGGREGATES: Mapping[str, Callable[[list[float]], float]] = {
    "SUM": sum,
    "AVG": lambda values: sum(values) / len(values),
    "MIN": min,
    "MAX": max,
}


def _elementwise(apply: Callable[[float, float], float], left: Operand, right: Operand) -> Operand:
    if isinstance(left, list):
        return [_scalar(apply, one, None if isinstance(right, list) else right) for one in left]
    if isinstance(right, list):
        return [_scalar(apply, left, one) for one in right]
    return _scalar(apply, left, right)


def _scalar(apply: Callable[[float, float], float], left: Value, right: Value) -> Value:
    if left is None or right is None:
        return None
    try:
        return float(apply(left, right))
    except ZeroDivisionError:
        return None  # "dividing by zero": CloudWatch has no datapoint then
