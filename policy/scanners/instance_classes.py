"""Write flux_infra/config/instance_classes.json anew.

`PYTHONPATH=. .build/scanners-venv/bin/python -m policy.scanners.instance_classes`

What cfn-lint knows of the classes that AWS offers in us-east-1, which it takes from AWS's own price list and answers.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

import cfnlint

from flux_infra.config.resources import POSTGRES_VERSION
from policy.values import Json, as_list, as_map, as_text, as_texts, dig

TARGET = Path(__file__).parents[2] / "flux_infra" / "config" / "instance_classes.json"
REGION = "us-east-1"
ENGINE = "postgres"

_DATA = Path(cfnlint.__file__).parent / "data" / "schemas"


def _read(path: str) -> Mapping[str, Json]:
    return as_map(json.loads((_DATA / path).read_text()))


def _of_engine(schema: Json) -> Iterator[tuple[str, set[str]]]:
    """Yield the pattern of versions, "" for all, and the classes, where a schema speaks of the engine."""
    for rule in as_list(dig(schema, "allOf")):
        if dig(rule, "if.properties.Engine.const") == ENGINE:
            classes = as_texts(dig(rule, "then.properties.DBInstanceClass.enum"))
            yield as_text(dig(rule, "if.properties.EngineVersion.pattern")), set(classes)


def _database() -> set[str]:
    folder = "extensions/aws_rds_dbinstance"
    here = _of_engine(_read(f"{folder}/dbinstanceclass_enum.json")[REGION])
    offered = {name for _, names in here for name in names}
    escaped = POSTGRES_VERSION.replace(".", r"\.")
    by_version = [
        names for pattern, names in _of_engine(_read(f"{folder}/db_instance_class.json")) if escaped in pattern
    ]
    return offered & {name for names in by_version for name in names}


def _offered(path: str) -> set[str]:
    return set(as_texts(dig(_read(f"extensions/{path}"), f"{REGION}.enum")))


def written() -> str:
    """Return the file's text: for each service the classes without its prefix, and the day of the lists."""
    lists = {
        "database": _database(),
        "cache": _offered("aws_elasticache_cachecluster/cachenodetype_enum.json"),
        "model": _offered("aws_sagemaker_hosting/instancetype_enum.json"),
    }
    content = {
        "source": f"cfn-lint {version('cfn-lint')}, {REGION}; database: {ENGINE} {POSTGRES_VERSION}",
        "date": as_text(_read("version.json")["schema_date"])[:10],
        **{service: sorted(name.partition(".")[2] for name in names) for service, names in lists.items()},
    }
    return json.dumps(content, indent=1) + "\n"


if __name__ == "__main__":
    sys.exit(TARGET.write_text(written()) == 0)
