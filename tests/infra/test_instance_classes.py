"""Instance classes are those that AWS offers, by lists that are not our own."""

import subprocess

import boto3
import pytest

from flux_infra.config import Cache, ConfigError, Database, Model
from flux_infra.config.instance_classes import database_memory_gib, list_date, usable_classes
from flux_infra.data.database import POSTGRES
from tests.infra.templates import PROJECT

LISTS = PROJECT / "flux_infra" / "config" / "instance_classes.json"


def build(service: str, name: str) -> object:
    if service == "database":
        return Database(instance_class=name, storage_gib=20, backup_days=14)
    return Cache(node_class=name) if service == "cache" else Model(instance_class=name, instances=1)


@pytest.mark.parametrize(
    ("service", "name", "reason", "nearest"),
    [
        ("cache", "r7g.banana", "AWS offers no such class", "r7g."),
        ("cache", "cache.r7g.large", "write it without 'cache.'", "r7g.large"),
        ("cache", "r6gd.xlarge", "needs data tiering", "r6g.xlarge"),
        ("cache", "m7g.larg", "AWS offers no such class", "m7g.large"),
        ("database", "db.r7g.large", "write it without 'db.'", "r7g.large"),
        ("database", "r7g.3xlarge", "AWS offers no such class", "r7g."),
        ("database", "x2g.large", "its memory is not known here", ".large"),
        ("database", "m1.small", "AWS offers no such class", "small"),
        ("database", "", "AWS offers no such class", ""),
        ("model", "ml.m5.large", "write it without 'ml.'", "m5.large"),
        ("model", "m5d.large", "NVMe", "m5.large"),
        ("model", "c5d.xlarge", "NVMe", "c5.xlarge"),
        ("model", "g4dn.xlarge", "NVMe", "xlarge"),
        ("model", "g5.xlarge", "NVMe", "xlarge"),
        ("model", "p5.48xlarge", "NVMe", "xlarge"),
        ("model", "p4d.24xlarge", "NVMe", "4xlarge"),
        ("model", "c7g.large", "ARM", "c7i.large"),
        ("model", "m5.huge", "AWS offers no such class", "m5."),
    ],
)
def test_a_class_that_cannot_be_is_refused_with_the_reason_and_the_nearest_that_can(
    service: str, name: str, reason: str, nearest: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        build(service, name)
    rule, _, suggestion = str(refused.value).rpartition("; the nearest is ")
    assert reason in rule
    assert nearest in suggestion
    build(service, suggestion.strip("'"))


@pytest.mark.parametrize("service", ["database", "cache", "model"])
def test_every_class_that_is_listed_as_usable_is_taken(service: str) -> None:
    names = {"database": usable_classes("database"), "cache": usable_classes("cache"), "model": usable_classes("model")}
    for name in names[service]:
        build(service, name)
    assert len(names[service]) > 50


def test_the_lists_are_those_of_the_installed_cfn_lint_for_the_version_that_is_deployed() -> None:
    written = subprocess.run(
        [
            PROJECT / ".build" / "scanners-venv" / "bin" / "python",
            "-c",
            "from research.instance_classes import written; print(written(), end='')",
        ],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert LISTS.read_text() == written, "run research/instance_classes.py"
    version = POSTGRES.engine_version
    assert version is not None
    assert f"postgres {version.full_version}" in written
    assert list_date() in written


def test_the_models_classes_are_those_of_sagemakers_own_api() -> None:
    """AWS's own SDK names every type that a production variant may have."""
    model = boto3.client("sagemaker", region_name="us-east-1").meta.service_model
    metadata: dict[str, list[str]] = model.shape_for("ProductionVariantInstanceType").metadata
    assert {f"ml.{name}" for name in usable_classes("model")} <= set(metadata["enum"])


@pytest.mark.parametrize(
    ("name", "gib"),
    [("t4g.medium", 4), ("t4g.large", 8), ("t3.micro", 1), ("m7g.large", 8), ("r7g.large", 16), ("r7g.4xlarge", 128)],
)
def test_the_memory_of_a_database_class_is_what_its_family_gives_each_processor(name: str, gib: int) -> None:
    """RDS User Guide, "Hardware specifications for DB instance classes"."""
    assert database_memory_gib(name) == gib
