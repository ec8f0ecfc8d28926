import json
from pathlib import Path

import pytest
from aws_cdk import App, Stack

from flux_infra.constructs.artifacts import ArtifactError, BuiltArtifacts


def test_a_missing_build_names_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="run 'make build' first"):
        BuiltArtifacts.read(str(tmp_path))


def test_an_unreadable_build_does_too(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{")

    with pytest.raises(ArtifactError, match="run 'make build' first"):
        BuiltArtifacts.read(str(tmp_path))


def test_a_bundle_that_has_gone_is_named(tmp_path: Path) -> None:
    build = written(tmp_path, {"functions": {"api": {"path": "functions/api-1", "hash": "1"}}})

    with pytest.raises(ArtifactError, match="the bundle of api is missing"):
        build.function("api")
    with pytest.raises(ArtifactError, match="the bundle of sync is missing"):
        build.function("sync")
    with pytest.raises(ArtifactError, match="does not know the migrations"):
        build.migrations_hash()


def test_a_bundle_is_named_by_its_inputs_and_not_by_its_bytes(tmp_path: Path) -> None:
    build = written(tmp_path, {"functions": {"api": {"path": "bundle", "hash": "of-the-inputs"}}})
    (tmp_path / "bundle").mkdir()

    def key(content: str) -> str:
        (tmp_path / "bundle" / "handler.py").write_text(content)
        stack = Stack(App(outdir=str(tmp_path / content)), "Stack")
        location = build.function("api").bind(stack).s3_location
        assert location is not None
        return location.object_key

    assert key("one") == key("two")


def test_the_state_of_the_migrations_is_what_the_build_says(tmp_path: Path) -> None:
    assert written(tmp_path, {"migrations": {"hash": "abc"}}).migrations_hash() == "abc"


def written(folder: Path, manifest: dict[str, object]) -> BuiltArtifacts:
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return BuiltArtifacts.read(str(folder))
