"""Write policy/registry.json anew: `PYTHONPATH=. .build/scanners-venv/bin/python -m policy.scanners.registry`.

An extract of the schemas of CloudFormation's registry that cfn-lint carries: of every type of the services
below, what replaces a resource, which lists have no order, and defaults.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import cfnlint
import yaml

from policy.values import Json, as_map, as_text, as_texts, dig

_WANTED = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text())
TARGET = Path(__file__).parents[1] / "registry.json"
_DEEPEST = 12


type Schema = Mapping[str, Json]


def _schemas() -> Mapping[str, Schema]:
    folder = Path(cfnlint.__file__).parent / "data" / "schemas"
    index: Mapping[str, str] = json.loads((folder / "providers" / "us-east-1.json").read_text())
    return {
        kind: json.loads((folder / "resources" / f"{digest}.json").read_text())
        for kind, digest in sorted(index.items())
        if kind.split("::")[1] in _WANTED["services"]
    }


def _walk(schema: Schema, node: Schema, path: str, depth: int = 0) -> Iterator[tuple[str, Schema]]:
    """Yield every property's path and definition, with definitions put in their places."""
    while "$ref" in node:
        pointer = as_text(node["$ref"]).removeprefix("#/").replace("/", ".")
        node = {**as_map(dig(schema, pointer)), **{key: value for key, value in node.items() if key != "$ref"}}
    if depth > _DEEPEST:
        return
    if path:
        yield path, node
    for name, item in as_map(node.get("properties")).items():
        yield from _walk(schema, as_map(item), f"{path}.{name}" if path else name, depth + 1)
    if isinstance(node.get("items"), Mapping):
        yield from ((p, n) for p, n in _walk(schema, as_map(node["items"]), path, depth + 1) if p != path)


def extract(kind: str, schema: Schema) -> Mapping[str, Json]:
    """Return what the gate reads of one type."""
    pointers = (text.removeprefix("/properties/") for text in as_texts(schema.get("createOnlyProperties")))
    replaces = {pointer.replace("/*", "").replace("/", ".") for pointer in pointers}
    replaces |= {*_WANTED["replaces"].get(kind, ())}
    nodes = list(_walk(schema, schema, ""))
    loose = {path for path, node in nodes if node.get("type") == "array" and node.get("insertionOrder") is False}
    defaults = {p: as_text(n["default"]) for p, n in nodes if isinstance(n.get("default"), bool | int | str)}
    read_only = as_texts(schema.get("readOnlyProperties"))
    attributes = {text.removeprefix("/properties/").replace("/", ".") for text in read_only}
    found: Mapping[str, Json] = {
        "attributes": sorted({*attributes, *_WANTED["attributes"].get(kind, ())}),
        "create_only": sorted(replaces),
        "unordered": sorted(loose),
        "defaults": dict(sorted(defaults.items())),
    }
    return {key: value for key, value in found.items() if value}


if __name__ == "__main__":
    lines = (f" {json.dumps(kind)}: {json.dumps(extract(kind, schema))}" for kind, schema in _schemas().items())
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    sys.stdout.write(f"wrote {TARGET}\n")
