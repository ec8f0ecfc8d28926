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
from functools import partial
from pathlib import Path
from typing import cast

import yaml

from .change import Change, Json, Template, add, logical_id, new, put, rename, resources, spot, twin

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
            apply = partial(_carry_out, text, dict(names))
            yield Change(layer=file.stem, stack=stack, what=what, apply=apply, right=frozenset(right.split("/")))


def _carry_out(text: str, names: Mapping[str, str], template: Template) -> None:
    """Do to a template what a line says."""
    for step in text.split(" & "):
        if assigned := _ASSIGNED.fullmatch(step):
            at, value = _address(assigned["address"], names), _value(assigned["value"])
            if assigned["how"] == "=":
                put(template, *at, value)
            else:
                add(template, *at, value, first=assigned["how"] == "^=")
            continue
        verb, name, *rest = step.split(" ", 3)
        match verb, rest:
            case "drop", [] if "/" in name:
                place, key = spot(template, *_address(name, names))
                del place[key]
            case "drop", []:
                del resources(template)[logical_id(template, name)]
            case "new", [kind, properties]:
                new(template, name, {"Type": kind, "Properties": _value(properties)})
            case "copy", [logical, properties]:
                changes = cast("dict[str, Json]", _value(properties))
                twin(template, name, logical, {_path(path): value for path, value in changes.items()})
            case "rename", [logical]:
                rename(template, name, logical)
            case _:
                raise AssertionError(f"{step}: no change in the notation of {__name__}")


def _address(text: str, names: Mapping[str, str]) -> tuple[str, str]:
    head, _, path = text.partition("/")
    if head in names:
        head, _, path = f"{names[head]}/{path}".partition("/")
    return head, _path(path) if head else path


def _path(path: str) -> str:
    return path if path.split("/", maxsplit=1)[0] in _ATTRIBUTES else f"Properties/{path}"


def _value(text: str) -> Json:
    return cast("Json", yaml.safe_load(text))
