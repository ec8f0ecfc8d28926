"""CloudWatch Logs' patterns for JSON ("Filter pattern syntax", "Match terms in JSON log events")."""

import json
import re
from collections.abc import Callable
from fnmatch import fnmatchcase

from ..alarms.tokens import Tokens
from ..values import Json

type Test = Callable[[Json], bool]

_TOKEN = re.compile(r'\s*(\$(?:\.\w+)+|&&|\|\||!=|=|[{}()]|"[^"]*"|[\w.*-]+)')


def compile_json_pattern(pattern: str, error: type[ValueError]) -> Callable[[str], bool]:
    r"""Whether a message is a JSON object as the pattern says: `{ $.level = "ERROR" && $.service != "api" }`.

    Texts may hold `*` for anything, `&&` binds more than `||`, and parentheses group. An object without the property
    matches neither `=` nor `!=`. Not evaluated here: numbers compared by size, IS, EXISTS, elements of lists.

    Raises:
        error: it is not of this kind.
    """
    tokens = Tokens(pattern, _TOKEN, subject=f"filterPattern={pattern}", error=error)
    tokens.take("{")
    test = _any(tokens)
    tokens.take("}")
    tokens.end()

    def matches(message: str) -> bool:
        try:
            found: Json = json.loads(message)
        except ValueError:
            return False
        return test(found)

    return matches


def _any(tokens: Tokens) -> Test:
    tests = [_all(tokens)]
    while tokens.peek() == "||":
        tokens.take()
        tests.append(_all(tokens))
    return lambda found: any(test(found) for test in tests)


def _all(tokens: Tokens) -> Test:
    tests = [_one(tokens)]
    while tokens.peek() == "&&":
        tokens.take()
        tests.append(_one(tokens))
    return lambda found: all(test(found) for test in tests)


def _one(tokens: Tokens) -> Test:
    if tokens.peek() == "(":
        tokens.take()
        test = _any(tokens)
        tokens.take(")")
        return test
    selector, comparison, value = tokens.take(), tokens.take(), tokens.take().strip('"')
    if not selector.startswith("$.") or comparison not in {"=", "!="}:
        tokens.fail(f"AWS on this machine compares properties by = and !=, not {selector} {comparison} {value}")
    path = selector.removeprefix("$.").split(".")

    def compare(found: Json) -> bool:
        for name in path:
            if not isinstance(found, dict) or name not in found:
                return False
            found = found[name]
        text = found if isinstance(found, str) else json.dumps(found)
        return fnmatchcase(text, value.replace("[", "[[]")) == (comparison == "=")

    return compare
