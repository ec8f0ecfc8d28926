"""The id under which one request is found in every log, from CloudFront's to the worker's (docs/decisions/0069)."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

# CloudFront writes it on the way to the origin, over whatever a viewer has sent, and answers it to the viewer.
HEADER = "x-amz-cf-id"

# Of a message. In attributes, as its age: a release that does not know it reads the same bodies.
ATTRIBUTE = "RequestId"

# CloudFront's have 56 characters, API Gateway's 16, Lambda's 36. What is written to logs is nothing else.
_ID = re.compile(r"[A-Za-z0-9_=-]{8,128}")


def id_of_request(event: Mapping[str, object], *, otherwise: str) -> str:
    """CloudFront's id of a request from API Gateway (payload format 2.0).

    otherwise: for a request that did not come through CloudFront, as the release gate's.
    """
    match event:
        case {"headers": {"x-amz-cf-id": str(found)}} if _ID.fullmatch(found):
            return found
        case _:
            return otherwise


def id_of_message(record: "SQSRecord") -> str | None:
    """The id of the request that a message came by; None for what no request brought, as a schedule's."""
    attribute = record.message_attributes[ATTRIBUTE]  # not `get`: see flux_core.postponing
    found = None if attribute is None else attribute.string_value
    return found if found is not None and _ID.fullmatch(found) else None
