"""What `make build` leaves for synth: function bundles, the model, and the state of the migrations.

Synth reads, it never builds: a missing artifact is an error that names the command. Asset hashes come from the
manifest, which derives them from the inputs alone, so the same sources always give the same template.
"""

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypedDict, cast

from aws_cdk import AssetHashType
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct


class ArtifactError(RuntimeError):
    """An artifact is missing or unreadable; the message names it and the command that makes it."""


class _Artifact(TypedDict):
    """path: relative to the manifest's folder. hash: over the artifact's inputs."""

    path: str
    hash: str


class _Migrations(TypedDict):
    hash: str


class _Manifest(TypedDict):
    functions: dict[str, _Artifact]
    model: _Artifact
    migrations: _Migrations


class Artifacts(ABC):
    """What the stacks deploy besides themselves."""

    @abstractmethod
    def function(self, name: str) -> lambda_.Code:
        """The bundle of one function, by its package under lambdas/."""

    @abstractmethod
    def model(self, scope: Construct, construct_id: str) -> s3_assets.Asset:
        """The model's `model.tar.gz` as an asset; its `s3_object_url` is what SageMaker loads."""

    @abstractmethod
    def migrations_hash(self) -> str:
        """Changes when, and only when, the database's migrations do."""


@dataclass(frozen=True, kw_only=True)
class BuiltArtifacts(Artifacts):
    """The artifacts that `make build` has written."""

    folder: Path
    manifest: _Manifest

    @classmethod
    def read(cls, folder: str | None) -> Self:
        """Read the manifest in `folder` (`.build` if None).

        Raises:
            ArtifactError: there is no readable manifest.
        """
        path = Path(folder or ".build").resolve() / "manifest.json"
        try:
            manifest = cast("_Manifest", json.loads(path.read_text()))
        except (OSError, ValueError) as error:
            raise ArtifactError(f"cannot read {path}: {error}; run 'make build' first") from error
        return cls(folder=path.parent, manifest=manifest)

    def function(self, name: str) -> lambda_.Code:
        """See Artifacts."""
        bundle = self._find(self.manifest.get("functions", {}).get(name), f"the bundle of {name}")
        return lambda_.Code.from_asset(
            str(self.folder / bundle["path"]), asset_hash=bundle["hash"], asset_hash_type=AssetHashType.CUSTOM
        )

    def model(self, scope: Construct, construct_id: str) -> s3_assets.Asset:
        """See Artifacts."""
        model = self._find(self.manifest.get("model"), "the model")
        return s3_assets.Asset(
            scope,
            construct_id,
            path=str(self.folder / model["path"]),
            asset_hash=model["hash"],
            asset_hash_type=AssetHashType.CUSTOM,
        )

    def migrations_hash(self) -> str:
        """See Artifacts."""
        if "migrations" not in self.manifest:
            raise ArtifactError(f"{self.folder}/manifest.json does not know the migrations; run 'make build' again")
        return self.manifest["migrations"]["hash"]

    def _find(self, artifact: _Artifact | None, what: str) -> _Artifact:
        if artifact is None or not (self.folder / artifact["path"]).exists():
            raise ArtifactError(f"{what} is missing under {self.folder}; run 'make build' again")
        return artifact
