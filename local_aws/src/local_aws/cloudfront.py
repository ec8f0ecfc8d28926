"""CloudFront: distributions under names that this machine finds, and HTTP APIs as their origins.

ministack serves a distribution well (behaviours, policies, functions, S3 through origin access control) but only under
`<label>.cloudfront.net`, and refuses origins on AWS's own names. Here
`http://<distribution id>.cloudfront.localhost:<port>` works as well; what comes by that name counts as HTTPS, because a
browser has no certificate to check on this machine. Nothing is cached.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

import re
from collections.abc import Mapping
from http.client import responses
from urllib.parse import parse_qs, unquote

from ministack import app
from ministack.services import cloudfront
from ministack.services.cloudformation import provisioners

from .gateway import HOST as HTTP_API_HOST
from .values import Json

LOCAL_SUFFIX = ".cloudfront.localhost"
_HOST = re.compile(r"^([a-z0-9]+)\.cloudfront\.(?:net|localhost)(?::\d+)?$")

type Distribution = Mapping[str, str]
type OriginAnswer = tuple[int, str, Mapping[str, object], bytes]


def _install_names() -> None:
    by_domain = cloudfront.find_distribution_for_label

    def find(label: str) -> Distribution | None:
        """By the label of its domain name, or by its id in any case (host names have none)."""
        found: Distribution | None = by_domain(label)
        if found is not None:
            return found
        known: list[Distribution] = list(cloudfront._distributions.values())
        return next((one for one in known if one["Id"].lower() == label.lower()), None)

    cloudfront.find_distribution_for_label = find
    app._CLOUDFRONT_HOST_RE = _HOST


def _install_viewers() -> None:
    serve = cloudfront.handle_viewer_request

    async def viewed(  # noqa: PLR0913, PLR0917 - ministack's parameters
        dist: Distribution,
        method: str,
        path: str,
        raw_uri: str,
        raw_query_string: str,
        headers: Mapping[str, str],
        body: bytes,
        query_params: Mapping[str, list[str]],
        client_ip: str = "127.0.0.1",
    ) -> object:
        name = headers.get("host", "").split(":")[0].lower()
        seen = {**headers, "x-forwarded-proto": "https"} if name.endswith(LOCAL_SUFFIX) else headers
        return await serve(dist, method, path, raw_uri, raw_query_string, seen, body, query_params, client_ip)

    cloudfront.handle_viewer_request = viewed


def _install_http_api_origins() -> None:
    fetch = cloudfront._fetch_from_origin

    async def from_origin(  # noqa: PLR0913, PLR0917 - ministack's parameters
        origin: Mapping[str, str],
        method: str,
        uri: str,
        query_string: str,
        headers: Mapping[str, str],
        body: bytes,
        viewer_is_https: bool,  # noqa: FBT001 - ministack's parameters
        client_ip: str,
        viewer_xff: str,
        dist_arn: str,
    ) -> OriginAnswer:
        if HTTP_API_HOST.fullmatch(origin["domain_name"].lower()) is None:
            other: OriginAnswer = await fetch(
                origin, method, uri, query_string, headers, body, viewer_is_https, client_ip, viewer_xff, dist_arn
            )
            return other
        sent = cloudfront._origin_request_headers(origin, headers, client_ip, viewer_xff)
        return await _from_http_api(
            origin["domain_name"],
            method,
            (origin.get("origin_path") or "") + uri,
            query_string,
            {name.lower(): value for name, value in sent.items()},
            body,
        )

    cloudfront._fetch_from_origin = from_origin


async def _from_http_api(  # noqa: PLR0913, PLR0917 - a request's parts
    domain: str, method: str, uri: str, query: str, headers: Mapping[str, str], body: bytes
) -> OriginAnswer:
    """The HTTP API's answer to a request as CloudFront sends it.

    API Gateway serves no host name but its own: a policy that forwards the viewer's Host gets 403, as on AWS.
    """
    if headers.get("host", "").lower() != domain.lower():
        return 403, responses[403], {"content-type": "application/json"}, b'{"message":"Forbidden"}'
    status, answered, content = await app._handle_execute_api_request(
        domain.lower(),
        unquote(uri),
        method,
        headers,
        body,
        parse_qs(query, keep_blank_values=True),
        raw_path=uri,
        raw_query_string=query,
    )
    pairs = [
        (name, value)
        for name, values in answered.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    known: Mapping[str, object] = cloudfront._multidict_from_pairs(pairs)
    return status, responses.get(status, ""), known, content


# What a template may leave out of an origin, and GetDistributionConfig always answers; UpdateDistribution asks for it.
_PORTS: Mapping[str, Json] = {"HTTPPort": 80, "HTTPSPort": 443}


def _install_defaults() -> None:
    build = provisioners._cf_distribution_config

    def with_ports(props: Mapping[str, Json], caller_reference: str) -> object:
        config = props.get("DistributionConfig")
        origins = config.get("Origins") if isinstance(config, dict) else None
        if not isinstance(config, dict) or not isinstance(origins, list):
            return build(props, caller_reference)
        completed = {**config, "Origins": [_with_ports(origin) for origin in origins]}
        return build({**props, "DistributionConfig": completed}, caller_reference)

    provisioners._cf_distribution_config = with_ports


def _with_ports(origin: Json) -> Json:
    custom = origin.get("CustomOriginConfig") if isinstance(origin, dict) else None
    if not isinstance(origin, dict) or not isinstance(custom, dict):
        return origin
    return {**origin, "CustomOriginConfig": {**_PORTS, **custom}}


def install() -> None:
    """Serve distributions on this machine."""
    _install_defaults()
    _install_names()
    _install_viewers()
    _install_http_api_origins()
