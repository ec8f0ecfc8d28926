"""CloudFront: distributions under names that this machine finds, and HTTP APIs as their origins.

ministack serves a distribution well (behaviours, policies, functions, S3 through origin access control) but only under
`<label>.cloudfront.net`, and refuses origins on AWS's own names. Here
`http://<distribution id>.cloudfront.localhost:<port>` works as well; what comes by that name counts as HTTPS, because a
browser has no certificate to check on this machine. Nothing is cached.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

import re
from collections.abc import Awaitable, Callable, Mapping
from http.client import responses
from inspect import signature
from urllib.parse import parse_qs, unquote

from ministack import app
from ministack.services import cloudfront
from ministack.services.cloudformation import provisioners

from .gateway import HOST as HTTP_API_HOST
from .values import Json, Properties

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
    parameters = signature(serve)

    async def viewed(*args: object, **kwargs: object) -> object:
        told = parameters.bind(*args, **kwargs)
        headers: Mapping[str, str] = told.arguments["headers"]
        if headers.get("host", "").split(":")[0].lower().endswith(LOCAL_SUFFIX):
            told.arguments["headers"] = {**headers, "x-forwarded-proto": "https"}
        return await serve(*told.args, **told.kwargs)

    cloudfront.handle_viewer_request = viewed


def _http_api_too[**P](fetch: Callable[P, Awaitable[OriginAnswer]]) -> Callable[P, Awaitable[OriginAnswer]]:
    """Fetch from origins as before, and from HTTP APIs."""
    parameters = signature(fetch)

    async def from_origin(*args: P.args, **kwargs: P.kwargs) -> OriginAnswer:
        told = parameters.bind(*args, **kwargs).arguments
        origin: Mapping[str, str] = told["origin"]
        if HTTP_API_HOST.fullmatch(origin["domain_name"].lower()) is None:
            return await fetch(*args, **kwargs)
        sent = cloudfront._origin_request_headers(origin, told["headers"], told["client_ip"], told["viewer_xff"])
        return await _from_http_api(
            origin["domain_name"],
            told["method"],
            (origin.get("origin_path") or "") + told["uri"],
            told["query_string"],
            {name.lower(): value for name, value in sent.items()},
            told["body"],
        )

    return from_origin


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
        config = Properties(props).child("DistributionConfig")
        origins = [_with_ports(origin) for origin in config.children("Origins")]
        return build({**props, "DistributionConfig": {**config.values, "Origins": origins}}, caller_reference)

    provisioners._cf_distribution_config = with_ports


def _with_ports(origin: Properties) -> Mapping[str, Json]:
    custom = origin.child("CustomOriginConfig").values
    return {**origin.values, "CustomOriginConfig": {**_PORTS, **custom}} if custom else origin.values


def install() -> None:
    """Serve distributions on this machine."""
    _install_defaults()
    _install_names()
    _install_viewers()
    cloudfront._fetch_from_origin = _http_api_too(cloudfront._fetch_from_origin)
