"""The functions' bundles: the same everywhere, made for Lambda, and no larger than they must be."""

import re
import ssl
from pathlib import Path

import pytest

from build.bundles import (
    FUNCTIONS,
    LARGEST_BUNDLE,
    Bundles,
    Function,
    refuse_too_large,
    size,
)
from build.certificates import rds_authorities
from build.dependencies import AWS_SERVICES, requirements
from build.errors import BuildError
from build.store import Store
from build.tools import PROJECT

WEBHOOK = Function(name="webhook")
SYNC = Function(name="sync", database=True)
UNCHECKED_HASH = (0b01).to_bytes(4, "little")  # the second word of a .pyc (PEP 552)


def build(function: Function, source: Path, place: Path) -> Path:
    pinned = requirements(function.groups)
    bundles = Bundles(lambdas=source / "lambdas", regions=("us-east-1",), shared=Store(place))
    store = Store(place)
    store.obtain(function.name, lambda folder: bundles.build(function, pinned, folder))
    return place / function.name


def contents(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_two_builds_of_a_bundle_are_the_same_to_the_byte(source: Path, tmp_path: Path) -> None:
    first = contents(build(WEBHOOK, source, tmp_path / "here"))
    second = contents(build(WEBHOOK, source, tmp_path / "somewhere-else"))
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_a_bundle_is_what_lambda_needs_and_nothing_of_the_machine_it_was_built_on(source: Path, tmp_path: Path) -> None:
    files = contents(build(SYNC, source, tmp_path / "place"))
    compiled = [name for name in files if name.endswith(".pyc")]

    assert {"sync/handler.py", "flux_core/handler.py", "rds-ca.pem", "boto3/__init__.py"} <= files.keys()
    assert "webhook/handler.py" not in files
    assert "sync/__pycache__/handler.cpython-313.pyc" in compiled
    assert all(files[name][4:8] == UNCHECKED_HASH for name in compiled)
    assert b"/var/task/sync/handler.py" in files["sync/__pycache__/handler.cpython-313.pyc"]
    assert [name for name, content in files.items() if str(tmp_path).encode() in content] == []

    assert any(name.startswith("psycopg-") and name.endswith("/METADATA") for name in files)
    assert not any(name.startswith("bin/") or name.endswith(("/RECORD", "/INSTALLER")) for name in files)
    libraries = [name for name in files if re.search(r"\.cpython-\d+-.*\.so$", name)]
    assert libraries
    assert all("cpython-313-x86_64-linux-gnu" in name for name in libraries)

    described = {name.split("/")[2] for name in files if re.match(r"botocore/data/[^/]+/", name)}
    assert described == AWS_SERVICES


def test_every_aws_service_that_a_function_asks_for_is_described_in_its_bundle() -> None:
    asked = {
        service
        for file in (PROJECT / "lambdas").rglob("*.py")
        for service in re.findall(r"""client\(\s*["']([a-z0-9-]+)["']""", file.read_text())
    }
    assert asked == AWS_SERVICES


def test_a_bundles_hash_follows_its_inputs_and_only_them(source: Path, tmp_path: Path) -> None:
    bundles = Bundles(lambdas=source / "lambdas", regions=("us-east-1",), shared=Store(tmp_path))
    before = {function.name: bundles.inputs(function, "pinned") for function in FUNCTIONS}
    (source / "lambdas/webhook/handler.py").write_text("changed = True\n")
    after = {function.name: bundles.inputs(function, "pinned") for function in FUNCTIONS}
    assert {name for name in before if before[name] != after[name]} == {"webhook"}
    assert bundles.inputs(WEBHOOK, "other versions") != after["webhook"]


def test_the_authorities_of_another_region_change_only_the_bundles_that_carry_them(
    source: Path, tmp_path: Path
) -> None:
    here, there = (
        Bundles(lambdas=source / "lambdas", regions=(region,), shared=Store(tmp_path))
        for region in ("us-east-1", "eu-west-1")
    )
    assert here.inputs(WEBHOOK, "pinned") == there.inputs(WEBHOOK, "pinned")
    assert here.inputs(SYNC, "pinned") != there.inputs(SYNC, "pinned")


def test_a_function_without_a_folder_is_named(source: Path, tmp_path: Path) -> None:
    bundles = Bundles(lambdas=source / "lambdas", regions=("us-east-1",), shared=Store(tmp_path))
    with pytest.raises(BuildError, match=r"Function nothing cannot be bundled: there is no nothing/"):
        bundles.inputs(Function(name="nothing"), "pinned")


def test_an_unknown_dependency_group_is_an_error_that_names_it() -> None:
    with pytest.raises(BuildError, match=r"dependency groups fn-nothing .*uv lock"):
        requirements(["fn-nothing"])


def test_a_bundle_that_lambda_would_refuse_is_refused_here() -> None:
    refuse_too_large("api", LARGEST_BUNDLE)
    with pytest.raises(BuildError, match=r"bundle of release_gate has 262 MB unzipped.*its groups in pyproject"):
        refuse_too_large("release_gate", LARGEST_BUNDLE + 1)


def test_a_folders_size_counts_its_files(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner/a").write_bytes(b"12345")
    (tmp_path / "b").write_bytes(b"123")
    assert size(tmp_path) == 8


def test_the_database_authorities_are_the_regions_own_and_parse() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=rds_authorities(["us-east-1"]))
    said = str(context.get_ca_certs())
    assert set(re.findall(r"Amazon RDS [a-z0-9-]+ Root CA \w+ G1", said)) == {
        "Amazon RDS us-east-1 Root CA RSA2048 G1",
        "Amazon RDS us-east-1 Root CA RSA4096 G1",
        "Amazon RDS us-east-1 Root CA ECC384 G1",
    }


def test_a_region_that_rds_does_not_know_is_an_error() -> None:
    with pytest.raises(BuildError, match="no RDS certificate authority for region moon-east-1"):
        rds_authorities(["moon-east-1"])
