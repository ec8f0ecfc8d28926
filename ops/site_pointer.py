"""The one entry that names the live release, in the key value store that CloudFront's edges read."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, cast
from urllib.parse import urlsplit, urlunsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config
from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict

from flux_infra.constructs.site_manifest import NOT_FOUND

from .errors import SiteError

KEY = "live"

# "Quotas on key value stores", CloudFront Developer Guide.
LARGEST_VALUE_BYTES = 1024


class Live(BaseModel):
    """What is live. previous: the release before it, if any. since: when it was made live, UTC.

    commit: of the files that it was published from, or "" if unknown.
    """

    model_config = ConfigDict(frozen=True)

    release: str
    previous: str | None
    since: datetime
    commit: str = ""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was read. version: the store's ETag, which a write must name."""

    live: Live | None
    version: str


class KeyValueClient(Protocol):
    """The operations of boto3's client `cloudfront-keyvaluestore` that are used here."""

    def describe_key_value_store(self, *, KvsARN: str) -> Mapping[str, object]:  # noqa: N803 - boto3's names
        """Answers the store's `ETag`."""

    def get_key(self, *, KvsARN: str, Key: str) -> Mapping[str, object]:  # noqa: N803 - boto3's names
        """Answers the entry's `Value`."""

    def put_key(self, *, KvsARN: str, Key: str, Value: str, IfMatch: str) -> Mapping[str, object]:  # noqa: N803 - boto3's
        """Writes one entry if the store's ETag is still the given one."""


class Pointer:
    """Reads and writes the entry.

    Args:
        session: whose credentials write.
        store_arn: the key value store.
        endpoint_url: of AWS on this machine; None for AWS itself, which accepts only signatures of version 4A
            (`awscrt` makes them).
    """

    def __init__(self, session: boto3.Session, *, store_arn: str, endpoint_url: str | None) -> None:
        self._arn = store_arn
        self._client = _client(session, endpoint_url)

    def read(self) -> Seen:
        """What is live, and the version of the store that says so."""
        version = str(self._client.describe_key_value_store(KvsARN=self._arn)["ETag"])
        try:
            value = self._client.get_key(KvsARN=self._arn, Key=KEY)["Value"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return Seen(live=None, version=version)
            raise
        return Seen(live=Live.model_validate_json(str(value)), version=version)

    def write(self, release: str, files: Iterable[str], *, seen: Seen, commit: str) -> Live:
        """Make a release live.

        Args:
            release: its id.
            files: paths of its files.
            seen: what was live when this was decided; nothing is written if that has changed.
            commit: that it was built from; "" if unknown.

        Raises:
            SiteError: somebody else was faster, or the release has more pages than an entry can name.
        """
        previous = seen.live.release if seen.live else None
        live = Live(release=release, previous=previous, since=datetime.now(UTC).replace(microsecond=0), commit=commit)
        value = entry(live, files)
        try:
            self._client.put_key(KvsARN=self._arn, Key=KEY, Value=value, IfMatch=seen.version)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConflictException":
                raise SiteError(
                    f"site: release {release} was not made live: somebody else has changed what is live meanwhile",
                    remedy="see what is live now (./flux status), then decide again",
                ) from error
            raise
        return live


def entry(live: Live, files: Iterable[str]) -> str:
    """The entry's value, as flux_infra/frontend/release_request.js reads it.

    Raises:
        SiteError: it is longer than CloudFront allows.
    """
    value = json.dumps(
        {
            "release": live.release,
            "pages": pages(files),
            "previous": live.previous,
            "since": live.since.isoformat(),
            "commit": live.commit,
        },
        separators=(",", ":"),
    )
    if len(value.encode()) > LARGEST_VALUE_BYTES:
        raise SiteError(
            f"site: release {live.release} was not made live: naming its pages takes {len(value.encode())} bytes, and "
            f"an entry holds {LARGEST_VALUE_BYTES}",
            remedy="give each page an entry of its own (docs/decisions/0008-site-releases.md)",
        )
    return value


def pages(files: Iterable[str]) -> list[str]:
    """The names of the pages that exist, without `.html`; the one for unknown addresses is none of them."""
    found = (path.removesuffix(".html") for path in files if path.endswith(".html") and path != NOT_FOUND)
    return sorted(page for page in found if page != "_not-found")  # Next.js's second copy of 404.html


def _client(session: boto3.Session, endpoint_url: str | None) -> KeyValueClient:
    if endpoint_url is None:
        return cast("KeyValueClient", session.client("cloudfront-keyvaluestore"))
    # AWS on this machine checks no signatures, so it needs none that only awscrt can make.
    client = session.client(
        "cloudfront-keyvaluestore", endpoint_url=endpoint_url, config=Config(signature_version="v4")
    )
    client.meta.events.register("before-send.cloudfront-keyvaluestore", _send_to(endpoint_url))
    return cast("KeyValueClient", client)


def _send_to(endpoint_url: str) -> Callable[..., None]:
    """The SDK puts the account before the host name, and there are no names below an address."""
    there = urlsplit(endpoint_url)

    def direct(request: AWSPreparedRequest, **_: object) -> None:
        wanted = urlsplit(request.url)
        request.url = urlunsplit(wanted._replace(scheme=there.scheme, netloc=there.netloc))

    return direct
