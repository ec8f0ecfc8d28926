"""Reading values out of templates, which spell numbers and booleans in more than one way."""

from collections.abc import Iterator, Mapping, Sequence

type Json = str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None


def as_map(value: Json) -> Mapping[str, Json]:
    """Return a mapping, or an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def as_list(value: Json) -> Sequence[Json]:
    """Return a list; a single value is a list of itself, as IAM and CloudFormation read it."""
    if value is None:
        return []
    return value if isinstance(value, Sequence) and not isinstance(value, str) else [value]


def as_text(value: Json) -> str:
    """Return a text: booleans as CloudFormation writes them, nothing as the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, str | int | float) else repr(value)


def as_texts(value: Json) -> list[str]:
    """Return a list of texts."""
    return [as_text(item) for item in as_list(value)]


def as_flag(value: Json) -> bool | None:
    """Return a boolean; "true" and "false" are booleans too, and anything else is None."""
    return {"true": True, "false": False}.get(as_text(value).lower())


def as_number(value: Json) -> float | None:
    """Return a number, also one written as text; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(as_text(value))
    except ValueError:
        return None


def dig(value: Json, path: str) -> Json:
    """Return what stands at a dotted path; None where it ends early. A part that is a number indexes a list."""
    for part in path.split("."):
        value = dict(enumerate(as_list(value))).get(int(part)) if part.isdigit() else as_map(value).get(part)
    return value


def texts_within(value: Json, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text anywhere inside a value, with the keys that lead to it, by dots."""
    if isinstance(value, str):  # first, because most are
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from texts_within(item, f"{path}.{key}" if path else key)
    elif isinstance(value, Sequence):
        for item in value:
            yield from texts_within(item, path)
