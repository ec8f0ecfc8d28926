"""JSON that others wrote: what is wrong with one text in it does not cost the rest.

Square passes on what was typed into a till. Half of a surrogate pair, which is left where a field is cut by UTF-16
units, is JSON by its grammar, but no text that PostgreSQL, SQS or a browser takes.
"""

import json
import re
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from pydantic import JsonValue

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_HALF_A_PAIR = re.compile("[\ud800-\udfff]")
_MAY_BE_HALF_A_PAIR = re.compile(r"\\u[dD][89a-fA-F]")


def read_json(content: bytes) -> "JsonValue":
    """The value that the bytes stand for; halves of surrogate pairs and bytes that are no UTF-8 become U+FFFD.

    Raises:
        ValueError: they are no JSON, hold a number that is none (NaN), or are nested absurdly deep.
    """
    text = content.decode(errors="replace")
    try:
        value: JsonValue = json.loads(text, parse_constant=_refuse_constant)
        return _repaired(value) if _MAY_BE_HALF_A_PAIR.search(text) else value
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _repaired(value: "JsonValue") -> "JsonValue":
    match value:
        case str():
            return _HALF_A_PAIR.sub(REPLACEMENT, value)
        case list():
            return [_repaired(each) for each in value]
        case dict():
            return {_HALF_A_PAIR.sub(REPLACEMENT, name): _repaired(each) for name, each in value.items()}
        case _:
            return value


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")
