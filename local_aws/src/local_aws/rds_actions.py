"""What ministack's actions of RDS are told and answer, for those that put a real server behind them."""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

from collections.abc import Callable, Mapping

from ministack.services import rds

type Parameters = Mapping[str, object]
type Answer = tuple[int, Mapping[str, str], bytes]
"""Status, headers and body."""
type Action = Callable[[Parameters], Answer]


def text(parameters: Parameters, name: str) -> str:
    """A parameter; "" if it was not given."""
    return str(rds._p(parameters, name))


def refusal(code: str, message: str) -> Answer:
    """An error of the caller's."""
    answer: Answer = rds._error(code, message, 400)
    return answer
