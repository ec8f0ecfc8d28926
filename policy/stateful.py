"""The types of resources that hold something which a new one of their kind would not: stateful.toml."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())

# Type, and what a replacement would lose.
STATEFUL_TYPES: Mapping[str, str] = _TABLE["stateful"]

# Made anew with each release on purpose; the earlier ones are kept to go back to.
RELEASED_TYPES = frozenset[str](_TABLE["released"]["types"])

KEPT_TYPES = frozenset[str](_TABLE["kept"]["types"])
PROTECTED_TYPES = frozenset[str](_TABLE["protected"]["types"])
