"""How CloudFront's origin access control reaches S3: over TLS, whatever the connection between viewer and emulator is.

ministack evaluates the bucket's policy as if CloudFront had come in clear text, and so refuses every bucket that
enforces TLS (`aws:SecureTransport`).
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

from contextvars import copy_context

from ministack.core import iam_evaluator
from ministack.services import s3

from .settings import HOST


def install() -> None:
    """Evaluate CloudFront's reads as reads over TLS."""
    evaluate = s3._cloudfront_origin_allows

    def over_tls(owner: str, bucket_name: str, key: str, source_arn: str, oai_id: str) -> bool:
        iam_evaluator.pin_request_origin(HOST, True)  # noqa: FBT003 - ministack's parameter
        return bool(evaluate(owner, bucket_name, key, source_arn, oai_id))

    def allows(owner: str, bucket_name: str, key: str, source_arn: str, oai_id: str) -> bool:
        # In a copy of the context, so that the request itself stays what it is.
        return copy_context().run(over_tls, owner, bucket_name, key, source_arn, oai_id)

    s3._cloudfront_origin_allows = allows
