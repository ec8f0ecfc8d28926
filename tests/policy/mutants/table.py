"""Tables of changes, one a line: how it may rightly be called | what it is, in a sentence | the change itself.

    [Data]                                    whose template the following lines change
    headers := EdgeSiteHeadersPolicy/...      a name for the beginning of an address
    Resource/Property/0/Part = value          set; `+=` at the end of a list, `^=` in front of it
    drop Resource/Property                    or drop Resource, or drop /Outputs/Name
    new Id AWS::Its::Type {Property: value}   copy Resource Id {Property: value}     rename Resource Id

A resource is called by its logical id without the hash, `~text` is the first item of a list that holds this text,
values are YAML, `<Resource.Attribute>` in them is a reference, `&` joins two changes, an indented line continues one.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import yaml

from .change import Change, Json, Step, add, both, drop, new, put, remove, rename, twin

_FOLDER = Path(__file__).parent
_ATTRIBUTES = {
    *("Condition", "DeletionPolicy", "DependsOn", "Metadata", "Type", "UpdatePolicy", "UpdateReplacePolicy"),
}
_ASSIGNED = re.compile(r"(?P<address>\S+) (?P<how>=|\+=|\^=) (?P<value>.+)")


def read(folder: str) -> tuple[Change, ...]:
    """Return the changes of every table in a folder here, by layer."""
    return tuple(change for file in sorted((_FOLDER / folder).glob("*.txt")) for change in _table(file))


def _table(file: Path) -> Iterator[Change]:
    stack, names = "", dict[str, str]()
    for line in file.read_text().replace("\n ", " ").splitlines():
        if line.startswith("["):
            stack = line.strip("[]")
        elif " := " in line:
            name, address = line.split(" := ")
            names[name] = address
        elif line and not line.startswith("#"):
            right, what, text = (re.sub(r"\s+", " ", part.strip()) for part in line.split(" | ", 2))
            steps = [step(part, names) for part in text.split(" & ")]
            yield Change(layer=file.stem, stack=stack, what=what, apply=both(*steps), right=frozenset(right.split("/")))


def step(text: str, names: Mapping[str, str]) -> Step:
    """Return what one change does, in this notation."""
    if assigned := _ASSIGNED.fullmatch(text):
        name, path = _address(assigned["address"], names)
        value = _value(assigned["value"])
        return (
            put(name, path, value) if assigned["how"] == "=" else add(name, path, value, first=assigned["how"] == "^=")
        )
    verb, name, *rest = text.split(" ", 3)
    match verb, rest:
        case "drop", []:
            return drop(*_address(name, names)) if "/" in name else remove(name)
        case "new", [kind, properties]:
            return new(name, {"Type": kind, "Properties": _value(properties)})
        case "copy", [logical, properties]:
            changes = cast("dict[str, Json]", _value(properties))
            return twin(name, logical, *((_path(path), value) for path, value in changes.items()))
        case "rename", [logical]:
            return rename(name, logical)
    raise AssertionError(f"{text}: no change in the notation of {__name__}")


def _address(text: str, names: Mapping[str, str]) -> tuple[str, str]:
    head, _, path = text.partition("/")
    if head in names:
        head, _, path = f"{names[head]}/{path}".partition("/")
    return head, _path(path) if head else path


def _path(path: str) -> str:
    return path if path.split("/", maxsplit=1)[0] in _ATTRIBUTES else f"Properties/{path}"


def _value(text: str) -> Json:
    return cast("Json", yaml.safe_load(text))
