"""The words of an expression or a rule, one after the other, for a parser that looks one word ahead."""

import re
from collections.abc import Iterator
from typing import NoReturn


class Tokens:
    """What is left of a text.

    pattern: of one token with the blanks before it; its group is the token. subject: what every complaint begins with.
    error: what is raised for a text that is malformed.
    """

    def __init__(self, text: str, pattern: re.Pattern[str], *, subject: str, error: type[ValueError]) -> None:
        self._subject, self._error = subject, error
        self._tokens = list(self._tokenize(text.rstrip(), pattern))
        self._next = 0

    def peek(self) -> str:
        """The next token; '' at the end."""
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def take(self, expected: str = "") -> str:
        """The next token, which must be the expected one if that is given; the one after it is next."""
        token = self.peek()
        if not token or (expected and token != expected):
            self.fail(f"expected {expected or 'a value'}, found {token or 'the end'}")
        self._next += 1
        return token

    def end(self) -> None:
        """There must be no more."""
        if self.peek():
            self.fail(f"unexpected {self.peek()!r}")

    def fail(self, why: str) -> NoReturn:
        """Complain about the text."""
        raise self._error(f"{self._subject}: {why}")

    def _tokenize(self, text: str, pattern: re.Pattern[str]) -> Iterator[str]:
        position = 0
        while position < len(text):
            match = pattern.match(text, position)
            if match is None:
                self.fail(f"cannot read {text[position:]!r}")
            yield match.group(match.lastindex or 0)
            position = match.end()
