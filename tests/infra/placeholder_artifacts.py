"""Artifacts with nothing in them, so that the tests of templates need no build."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from aws_cdk import AssetHashType
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from flux_infra.constructs.artifacts import Artifacts


@dataclass(frozen=True, kw_only=True)
class PlaceholderArtifacts(Artifacts):
    """folder: holds the placeholders. release: stands in every hash; another release is another version."""

    folder: Path
    release: str = "1"
    migrations: str = "1"

    @classmethod
    def in_folder(cls, folder: Path, *, release: str = "1", migrations: str = "1") -> Self:
        """Write the placeholders into `folder`."""
        (folder / "bundle").mkdir(exist_ok=True)
        (folder / "bundle" / "placeholder.txt").write_text("placeholder")
        (folder / "model.tar.gz").write_text("placeholder")
        return cls(folder=folder, release=release, migrations=migrations)

    def function(self, name: str) -> lambda_.Code:
        return lambda_.Code.from_asset(
            str(self.folder / "bundle"),
            asset_hash=f"placeholder-{name}-{self.release}",
            asset_hash_type=AssetHashType.CUSTOM,
        )

    def model(self, scope: Construct, construct_id: str) -> s3_assets.Asset:
        return s3_assets.Asset(
            scope,
            construct_id,
            path=str(self.folder / "model.tar.gz"),
            asset_hash=f"placeholder-model-{self.release}",
            asset_hash_type=AssetHashType.CUSTOM,
        )

    def migrations_hash(self) -> str:
        return f"placeholder-migrations-{self.migrations}"
