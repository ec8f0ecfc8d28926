"""Answering CloudFormation, which waits for its custom resource at a presigned address.

Source: CloudFormation User Guide, "Custom resource request types" and "Custom resource response object".
"""

import json
from dataclasses import dataclass
from typing import Annotated, Literal

import urllib3
from pydantic import BaseModel, ConfigDict, Field

# The schema is never another resource, whatever changes about it.
PHYSICAL_ID = "flux-database-schema"

# A response is at most 4096 bytes; a reason of this many characters leaves room for the ARNs even when each of its
# characters takes six bytes in JSON.
REASON_CHARACTERS = 400

_HTTP = urllib3.PoolManager(
    timeout=urllib3.Timeout(connect=5, read=10),
    retries=urllib3.Retry(total=5, backoff_factor=0.5, status_forcelist=(500, 502, 503, 504), allowed_methods={"PUT"}),
)


class Properties(BaseModel):
    """What the template says: the state of the migrations that it wants."""

    model_config = ConfigDict(frozen=True)

    migrations: Annotated[str, Field(alias="Migrations")]


class Request(BaseModel):
    """CloudFormation's request, as far as an answer needs it. Whoever has its address can give the answer."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    request_type: Annotated[Literal["Create", "Update", "Delete"], Field(alias="RequestType")]
    response_url: Annotated[str, Field(alias="ResponseURL")]
    stack_id: Annotated[str, Field(alias="StackId")]
    request_id: Annotated[str, Field(alias="RequestId")]
    logical_id: Annotated[str, Field(alias="LogicalResourceId")]
    properties: Annotated[Properties, Field(alias="ResourceProperties")]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a request.

    failure: the reason why it failed; None for success.
    revision: the database's revision, offered to the template as attribute `Revision`.
    """

    failure: str | None = None
    revision: str | None = None


def answer(request: Request, outcome: Outcome) -> None:
    """Tell CloudFormation.

    Raises:
        urllib3.exceptions.HTTPError: it cannot be told, after retries.
        RuntimeError: it refuses the answer.
    """
    body = {
        "Status": "SUCCESS" if outcome.failure is None else "FAILED",
        "Reason": (outcome.failure or "the database is at this release's revision")[:REASON_CHARACTERS],
        "PhysicalResourceId": PHYSICAL_ID,
        "StackId": request.stack_id,
        "RequestId": request.request_id,
        "LogicalResourceId": request.logical_id,
        "Data": {} if outcome.revision is None else {"Revision": outcome.revision},
    }
    # The presigned address is signed for an empty content type.
    response = _HTTP.request("PUT", request.response_url, body=json.dumps(body).encode(), headers={"Content-Type": ""})
    if response.status >= 400:
        raise RuntimeError(f"CloudFormation refuses the answer: HTTP {response.status}")
