"""PostgreSQL's errors, as far as a log may have them."""

import re

import psycopg

# `invalid input syntax for type json: "..."`, and whatever else quotes a value at its end.
_QUOTED = re.compile(r': ".*"$', re.DOTALL)


def hide_values(error: psycopg.Error) -> None:
    """Leave an error the sentence that says what is wrong: its details quote rows, and what is raised is logged."""
    sentence = error.diag.message_primary
    if sentence is not None:
        error.args = (_QUOTED.sub("", sentence),)
