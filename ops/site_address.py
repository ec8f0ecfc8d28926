"""Where a person opens the site of an environment, and whether it answers there."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx


def site_address(frontend: Mapping[str, str], *, aws_url: str | None) -> str:
    """The site's address.

    On this machine the distribution has a name below localhost, which every browser finds there; the name that
    CloudFront would give it is a stranger's.

    Args:
        frontend: outputs of the Frontend stack.
        aws_url: where AWS on this machine answers; None for AWS itself.
    """
    if aws_url is None:
        return frontend["SiteUrl"]
    return f"http://{frontend['DistributionId'].lower()}.cloudfront.localhost:{urlsplit(aws_url).port}"


def read_health(site: str, *, aws_url: str | None) -> str:
    """What GET /api/v1/ready answers at the site's address; that route asks the database and the cache.

    Args:
        site: the site's address.
        aws_url: where AWS on this machine answers; None for AWS itself.
    """
    # Programs, unlike browsers, need not know names below localhost.
    address, headers = (site, {}) if aws_url is None else (aws_url, {"host": urlsplit(site).netloc})
    try:
        answer = httpx.get(f"{address}/api/v1/ready", headers=headers, timeout=15)
    except httpx.TransportError as error:
        return f"does not answer: {error}"
    milliseconds = answer.elapsed.total_seconds() * 1_000
    verdict = "healthy" if answer.is_success else f"NOT healthy, status {answer.status_code}: {answer.text[:200]}"
    return f"{verdict} (GET /api/v1/ready, {milliseconds:.0f} ms)"
