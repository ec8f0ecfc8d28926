"""Write flux_infra/config/instance_classes.json anew: the classes that AWS offers in us-east-1.

`PYTHONPATH=. .build/scanners-venv/bin/python -m research.instance_classes`

cfn-lint knows them, from AWS's own price list and answers.
"""

import json
import re
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from flux_infra.config.resources import POSTGRES_VERSION
from policy.values import Json, as_list, as_text, as_texts, dig

TARGET = Path(__file__).parents[1] / "flux_infra" / "config" / "instance_classes.json"
REGION = "us-east-1"
ENGINE = "postgres"


def _schema(path: str) -> Json:
    schema: Json = json.loads(files("cfnlint").joinpath("data", "schemas", path).read_text())
    return schema


def _offered(path: str) -> set[str]:
    return set(as_texts(dig(_schema(f"extensions/{path}"), f"{REGION}.enum")))


def _of_engine(schema: Json) -> set[str]:
    """Return the classes where a schema speaks of our engine, and of our version where it tells versions apart."""
    return {
        name
        for rule in as_list(dig(schema, "allOf"))
        if dig(rule, "if.properties.Engine.const") == ENGINE
        and re.match(as_text(dig(rule, "if.properties.EngineVersion.pattern")), POSTGRES_VERSION)
        for name in as_texts(dig(rule, "then.properties.DBInstanceClass.enum"))
    }


def written() -> str:
    """Return the file's text: for each service the classes without its prefix, and the day of the lists."""
    folder = "extensions/aws_rds_dbinstance"
    in_region = _of_engine(dig(_schema(f"{folder}/dbinstanceclass_enum.json"), REGION))
    lists = {
        "database": in_region & _of_engine(_schema(f"{folder}/db_instance_class.json")),
        "cache": _offered("aws_elasticache_cachecluster/cachenodetype_enum.json"),
        "model": _offered("aws_sagemaker_hosting/instancetype_enum.json"),
    }
    content = {
        "source": f"cfn-lint {version('cfn-lint')}, {REGION}; database: {ENGINE} {POSTGRES_VERSION}",
        "date": as_text(dig(_schema("version.json"), "schema_date"))[:10],
        **{service: sorted(name.partition(".")[2] for name in names) for service, names in lists.items()},
    }
    return json.dumps(content, indent=1) + "\n"


if __name__ == "__main__":
    TARGET.write_text(written())
