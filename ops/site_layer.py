"""The site as one of the layers: its live release is one value, which no template holds."""

from collections.abc import Sequence

from .aws import Aws
from .errors import OpsError, SiteError
from .plan import Change, Rollback
from .site import SiteReleases


def plan_site(aws: Aws, *, to: str | None) -> Rollback:
    """Plan the rollback of the site. to: a release; None for the one that was live before.

    Raises:
        OpsError: it cannot be done; the message names the value and the remedy.
    """
    try:
        site = releases(aws)
        live, known = site.live(), site.complete()
    except SiteError as error:
        raise OpsError(f"site: {error}", remedy="deploy the frontend stack and publish the site first") from error
    names = ", ".join(known[:10]) or "none"
    if live is None:
        raise OpsError("site: no release is live", remedy="publish one; there is nothing to go back from")
    target = to or live.previous
    if target is None:
        raise OpsError(
            f"site: no release was live before {live.release}", remedy=f"choose one with --to; kept releases: {names}"
        )
    if target == live.release:
        raise OpsError(f"site --to {target}: it is live already", remedy=f"give another one; kept releases: {names}")
    if target not in known:
        raise OpsError(
            f"site: release {target} does not exist{'' if to else ' any more'}",
            remedy=f"give one that does with --to: {names}",
        )
    return Rollback(
        changes=[Change(what="site", current=live.release, target=target, note="open pages keep their files")],
        next_step="nothing to deploy: no template names the live release, so no deployment undoes this. Publishing "
        f"does: revert the commit that brought {live.release} before anybody publishes again",
        act=lambda: _go_back(site, target),
    )


def _go_back(site: SiteReleases, target: str) -> Sequence[str]:
    """Verify the earlier release, and write its name."""
    try:
        site.rollback(target)
        live = site.live()
    except SiteError as error:
        raise OpsError(f"site: {error}", remedy="./flux status says which release is live") from error
    if live is None or live.release != target:
        found = "none" if live is None else live.release
        raise OpsError(f"site: {found} is live, not {target}", remedy="somebody else is publishing; run ./flux status")
    return [f"site: {live.release} is live since {live.since:%Y-%m-%d %H:%M} UTC"]


def releases(aws: Aws) -> SiteReleases:
    """The releases of the environment's site."""
    return SiteReleases.of(aws.session, aws.config.name, endpoint_url=aws.url)
