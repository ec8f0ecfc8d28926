"""The JSON that CloudFormation and AWS's services speak, typed, and read without guessing."""

from collections.abc import Mapping
from dataclasses import dataclass

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None

_NOTHING: Mapping[str, Json] = {}


class InvalidValueError(ValueError):
    """A property has not the shape that its resource type demands; the message names it."""


@dataclass(frozen=True)
class Properties:
    """A resource's properties, intrinsic functions resolved.

    CloudFormation passes numbers and booleans on as they stand in the template, often as text, so each reader accepts
    both. All readers raise InvalidValueError for a value of another shape.
    """

    values: Mapping[str, Json]

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str | None = None) -> str:
        """A text; `default` if it is absent; without a default it must be there."""
        value = self.values.get(name, default)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return str(value)
        if isinstance(value, str):
            return value
        raise InvalidValueError(f"{name}={value!r}: must be a string")

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number; `default` if it is absent; without a default it must be there."""
        value = self.values.get(name, default)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lstrip("-").isdigit():
            return int(value)
        raise InvalidValueError(f"{name}={value!r}: must be a whole number")

    def flag(self, name: str, *, default: bool) -> bool:
        """A boolean, in any of its spellings in templates."""
        value = self.values.get(name, default)
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        raise InvalidValueError(f"{name}={value!r}: must be true or false")

    def texts(self, name: str) -> list[str]:
        """A list of texts; empty if it is absent."""
        value = self.values.get(name) or []
        if isinstance(value, list):
            return [Properties({name: item}).text(name) for item in value]
        raise InvalidValueError(f"{name}={value!r}: must be a list of strings")

    def child(self, name: str) -> "Properties":
        """A nested object; an empty one if it is absent."""
        value = self.values.get(name) or _NOTHING
        if isinstance(value, Mapping):
            return Properties(value)
        raise InvalidValueError(f"{name}={value!r}: must be an object")

    def children(self, name: str) -> list["Properties"]:
        """A list of objects; empty if it is absent."""
        value = self.values.get(name) or []
        if isinstance(value, list):
            return [Properties({name: item}).child(name) for item in value]
        raise InvalidValueError(f"{name}={value!r}: must be a list of objects")

    def texts_by_name(self, name: str) -> dict[str, str]:
        """An object whose values are texts; empty if it is absent."""
        child = self.child(name)
        return {key: child.text(key) for key in child.values}
