"""Where a person opens the site of an environment."""

from collections.abc import Mapping
from urllib.parse import urlsplit


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
