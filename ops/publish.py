"""Publish the built site: `python -m ops.publish ENVIRONMENT [BACK_TO]`.

Prints `release=` and `before=` lines for `$GITHUB_OUTPUT`. With BACK_TO, the release that was live before, it takes
the site back instead: what a deployment does by itself when its smoke test fails.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import boto3

from flux_infra.config import ConfigError, FluxConfig
from flux_infra.environments import environments

from .site import Published, SiteError, SiteReleases, built_site


def find(name: str) -> FluxConfig:
    """Return an environment, or a pull request's preview.

    Raises:
        ConfigError: there is none of that name.
    """
    everyone = environments(preview=name if name.startswith("pr-") else None)
    for config in everyone:
        if config.name == name:
            return config
    raise ConfigError(f"environment={name!r}: must be one of {', '.join(config.name for config in everyone)}")


def publish(site: SiteReleases, folder: Path, *, back_to: str | None = None) -> Published:
    """Publish a built site, or go back to a release that is still there.

    Raises:
        SiteError: nothing was made live; with every reason.
    """
    return site.publish(folder) if back_to is None else site.rollback(back_to)


def main(arguments: Sequence[str]) -> int:
    """Publish or go back; 1 with the reason on stderr where nothing was changed."""
    name, *rest = arguments
    back_to = rest[0] if rest else None
    try:
        config = find(name)
        site = SiteReleases.of(boto3.Session(region_name=config.region), config.name)
        published = publish(site, built_site(), back_to=back_to)
    except (ConfigError, SiteError) as error:
        sys.stderr.write(f"publish: {error}\n")
        return 1
    sys.stderr.write(f"publish: {published.release} is live in {name}; {published.uploaded} files uploaded\n")
    # Publishing the same release again is no release: there is nothing to go back to.
    before = published.before if published.before != published.release else None
    sys.stdout.write(f"release={published.release}\nbefore={before or ''}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
