"""Releases of the site: publish one, go back to another, see what there is.

Publishing is upload, verify, one write; going back is verify, one write. Until that write, whoever opens the site gets
what they got before, and whatever fails before it changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import boto3
from botocore.exceptions import ClientError

from build.manifest import Manifest
from flux_infra.constructs.site_manifest import NAME, SiteManifest

from .aws import Aws
from .commits import checked_out_commit
from .errors import OpsError, SiteError
from .origins import Origin
from .plan import Change, Rollback
from .site_bucket import SiteBucket, local_problems
from .site_pointer import Live, Pointer, Seen

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

__all__ = ["SiteError", "SiteReleases", "built_site"]

_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, kw_only=True)
class Published:
    """What is live now. files: of the release; uploaded: those that were not there yet. before: live until now."""

    release: str
    files: int
    uploaded: int
    before: str | None


class SiteReleases:
    """The releases of one environment's site.

    Attributes:
        pointer: what is live, unverified; whoever writes it verifies first.
    """

    def __init__(self, *, bucket: SiteBucket, pointer: Pointer) -> None:
        self._bucket = bucket
        self.pointer = pointer

    @classmethod
    def of(cls, session: boto3.Session, environment: str, endpoint_url: str | None = None) -> Self:
        """Find an environment's bucket and store by its Frontend stack.

        Raises:
            SiteError: the stack is not deployed.
        """
        outputs = _outputs(session.client("cloudformation", endpoint_url=endpoint_url), f"Flux-{environment}-Frontend")
        return cls(
            bucket=SiteBucket(session.client("s3", endpoint_url=endpoint_url), outputs["SiteBucketName"]),
            pointer=Pointer(session, store_arn=outputs["SiteReleasesArn"], endpoint_url=endpoint_url),
        )

    def live(self) -> Live | None:
        """What is live; None before the first release."""
        return self.pointer.read().live

    def complete(self) -> list[str]:
        """Every complete release, newest first."""
        found = self._bucket.complete_releases()
        return sorted(found, key=lambda release: found[release], reverse=True)

    def publish(self, folder: Path) -> Published:
        """Upload a built site, verify what arrived, and make it live.

        May be repeated: what is there is not uploaded again, and nothing is written if the release is live already.

        Args:
            folder: a site as `make build` makes it, with its `release.json`.

        Raises:
            SiteError: the folder is not what was built, or the bucket is not what was uploaded; with every reason.
        """
        try:
            manifest = SiteManifest.parse((folder / NAME).read_text())
        except (OSError, ValueError) as error:
            raise SiteError(f"site: {folder} is no built site: {error}", remedy="run 'make build' again") from error
        _refuse(manifest.release, local_problems(folder, manifest))
        there = self._bucket.manifest(manifest.release)
        if there is not None and there != manifest:
            _refuse(manifest.release, ["another build was published under the same id; a release never changes"])
        uploaded = self._bucket.upload(folder, manifest, again=there is None)
        seen = self._verified(manifest)
        commit = checked_out_commit()
        if there is None:
            self._bucket.complete(manifest, commit=commit)
        return self._make_live(manifest, uploaded=uploaded, seen=seen, commit=commit)

    def rollback(self, to: str | None = None) -> Published:
        """Verify an earlier release and make it live again.

        Args:
            to: its id; None for the one that was live before.

        Raises:
            SiteError: there is no such release, or it is not complete any more; with every reason.
        """
        live = self.live()
        release = to if to is not None or live is None else live.previous
        if release is None:
            raise SiteError("site: no release was live before this one", remedy="say with --to which one is wanted")
        manifest = self._manifest(release)
        return self._make_live(manifest, uploaded=0, seen=self._verified(manifest), commit=self.origin(release).commit)

    def origin(self, release: str) -> Origin:
        """When a complete release was published first, and from which commit."""
        return self._bucket.origin(release)

    def _manifest(self, release: str) -> SiteManifest:
        try:
            manifest = self._bucket.manifest(release)
        except ValueError as error:
            raise SiteError(
                f"site: the list of release {release}'s files cannot be read: {error}",
                remedy="choose another release with --to, or publish that one again",
            ) from error
        if manifest is None:
            known = ", ".join(sorted(self._bucket.complete_releases())) or "none"
            raise SiteError(f"site: there is no complete release {release}", remedy=f"give one of {known}")
        return manifest

    def _verified(self, manifest: SiteManifest) -> Seen:
        seen = self.pointer.read()  # first, so that a change by somebody else meanwhile is noticed
        _refuse(manifest.release, self._bucket.problems(manifest))
        return seen

    def _make_live(self, manifest: SiteManifest, *, uploaded: int, seen: Seen, commit: str) -> Published:
        before = seen.live.release if seen.live else None
        if before != manifest.release:
            self.pointer.write(manifest.release, manifest.files, seen=seen, commit=commit)
        return Published(release=manifest.release, files=len(manifest.files), uploaded=uploaded, before=before)


def built_site(build: Path = _ROOT / ".build") -> Path:
    """The site that `make build` has made.

    Raises:
        SiteError: there is none.
    """
    site = Manifest.read(build).site
    if site is None or not (build / site["path"]).is_dir():
        raise SiteError(f"site: there is no built site in {build}", remedy="run 'make build' first")
    return build / site["path"]


def _refuse(release: str, reasons: list[str]) -> None:
    if reasons:
        listed = "\n".join(f"  - {reason}" for reason in reasons)
        raise SiteError(
            f"site: release {release} is refused, and what is live has not changed:\n{listed}",
            remedy="run 'make build' and publish again; for a rollback choose another release with --to",
        )


def _outputs(client: "CloudFormationClient", stack: str) -> dict[str, str]:
    """What publishing needs to know, asked with no more rights than publishing has."""
    try:
        (described,) = client.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        raise SiteError(
            f"stack {stack}: {error.response['Error']['Message']}",
            remedy=f"deploy it first: cdk deploy '{stack.rpartition('-')[0]}/*'",
        ) from error
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
    if absent := {"SiteBucketName", "SiteReleasesArn"} - outputs.keys():
        raise SiteError(
            f"stack {stack} has no output {', '.join(sorted(absent))}",
            remedy="it was deployed from an older version of this repository; check that version out, or deploy",
        )
    return outputs


def plan_site(aws: Aws, *, to: str | None) -> Rollback:
    """Plan the rollback of the site. to: a release; None for the one that was live before.

    Raises:
        OpsError: it cannot be done; the message names the value and the remedy.
    """
    site = releases(aws)
    live, known = site.live(), site.complete()
    names = ", ".join(known[:10]) or "none"
    if live is None:
        raise OpsError("site: no release is live", remedy="publish one; there is nothing to go back from")
    target = live.previous if to is None else to
    if target is None:
        raise OpsError(
            f"site: no release was live before {live.release}", remedy=f"choose one with --to; kept releases: {names}"
        )
    if target == live.release:
        raise OpsError(f"site --to {target}: it is live already", remedy=f"give another one; kept releases: {names}")
    if target not in known:
        raise OpsError(
            f"site: release {target} does not exist{' any more' if to is None else ''}",
            remedy=f"give one that does with --to: {names}",
        )
    return Rollback(
        changes=[
            Change(
                what="site",
                current=live.release,
                target=target,
                note="open pages keep their files",
                current_origin=Origin(made=live.since, commit=live.commit),
                target_origin=site.origin(target),
            )
        ],
        next_step="nothing to deploy: no template names the live release, so no deployment undoes this. Publishing "
        f"does: revert the commit that brought {live.release} before anybody publishes again",
        act=lambda: _go_back(site, target),
    )


def _go_back(site: SiteReleases, target: str) -> Sequence[str]:
    """Verify the earlier release, and write its name."""
    site.rollback(target)
    live = site.live()
    if live is None or live.release != target:
        found = "none" if live is None else live.release
        raise OpsError(f"site: {found} is live, not {target}", remedy="somebody else is publishing; run ./flux status")
    return [f"site: {live.release} is live since {live.since:%Y-%m-%d %H:%M} UTC"]


def releases(aws: Aws) -> SiteReleases:
    """The releases of the environment's site."""
    return SiteReleases.of(aws.session, aws.config.name, endpoint_url=aws.url)
