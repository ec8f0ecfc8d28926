"""E-mail addresses that people sign in by."""

from typing import Annotated

from pydantic import StringConstraints

# Only what may be an address at all; whether it is one, the table of users knows.
Email = Annotated[
    str, StringConstraints(to_lower=True, min_length=3, max_length=254, pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$")
]
