"""CloudWatch Logs' patterns for unstructured text ("Filter pattern syntax", "Match terms using a filter pattern")."""

import re
from collections.abc import Callable

from .json_pattern import compile_json_pattern

_TERM = re.compile(r'\s*([-?]?)(?:"([^"]+)"|(\w+))(?=\s|$)')


class PatternError(ValueError):
    """The pattern is malformed, or of a kind that is not evaluated here; the message quotes it."""


def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """Whether a message matches: all terms (`a b`), any of them (`?a ?b`), and none of the excluded ones (`-c`).

    Terms are case-sensitive; one with anything but letters, digits and underscores stands in double quotes. A pattern
    in braces is about JSON: json_pattern.py.

    Raises:
        PatternError: it is not of this kind.
    """
    if pattern.lstrip().startswith("{"):
        return compile_json_pattern(pattern, PatternError)
    terms: dict[str, list[str]] = {"": [], "?": [], "-": []}
    position, text = 0, pattern.rstrip()
    while position < len(text):
        found = _TERM.match(text, position)
        if found is None:
            raise PatternError(
                f"filterPattern={pattern}: AWS on this machine evaluates terms and quoted phrases, with - or ? before "
                "them, and properties of JSON in braces; not columns or regular expressions"
            )
        terms[found[1]].append(found[2] or found[3])
        position = found.end()
    if terms["?"] and (terms[""] or terms["-"]):
        raise PatternError(f"filterPattern={pattern}: CloudWatch ignores ? beside terms without it; use one kind")

    def matches(message: str) -> bool:
        return (
            all(term in message for term in terms[""])
            and not any(term in message for term in terms["-"])
            and (not terms["?"] or any(term in message for term in terms["?"]))
        )

    return matches
