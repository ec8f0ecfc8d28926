"""AWS clients of the server itself.

Never use one on the emulator's event loop: it would wait for itself.
"""

from functools import cache
from typing import TYPE_CHECKING, cast

import botocore.session
from botocore.config import Config

from .settings import REGION, settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@cache
def s3() -> "S3Client":
    """S3 on this machine."""
    client = botocore.session.Session().create_client(
        "s3",
        endpoint_url=settings().url,
        region_name=REGION,
        aws_access_key_id="local-aws",
        aws_secret_access_key="nothing-to-protect",  # noqa: S106 - the emulator checks no signatures
        config=Config(s3={"addressing_style": "path"}),  # bucket.127.0.0.1 is no host name
    )
    return cast("S3Client", client)
