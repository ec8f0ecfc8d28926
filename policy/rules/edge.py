"""CloudFront: HTTPS only, the API uncached, the bucket private, security headers on everything, and logs."""

import re
from collections.abc import Iterable, Mapping

from flux_infra.constructs.origin import ORIGIN_FIELD, ORIGIN_HEADER
from flux_infra.constructs.site_manifest import HASHED_FILES

from ..finding import Broken, Rules
from ..model import Environment, Resource, plain
from ..values import (
    Json,
    as_flag,
    as_list,
    as_map,
    as_number,
    as_text,
    as_texts,
    dig,
)
from ..wanted import ABSENT, NOT_TRUE, TRUE, one_of

RULES = Rules()
DISTRIBUTION = "AWS::CloudFront::Distribution"
HEADERS = "AWS::CloudFront::ResponseHeadersPolicy"
ACCESS = "AWS::CloudFront::OriginAccessControl"

# CloudFront's managed policies (Developer Guide, "Use managed cache policies", "… origin request policies").
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

_YEAR = 31_536_000  # seconds; the least that the HSTS preload list accepts

RULES.demands(
    DISTRIBUTION,
    (
        "CDN-FIREWALL",
        "DistributionConfig.WebACLId",
        one_of("${Frontend/FirewallWebAcl.Arn}"),
        "FSBP CloudFront.6",
        "WAF",
    ),
    ("CDN-ROOT", "DistributionConfig.DefaultRootObject", one_of("index.html"), "FSBP CloudFront.1", "index.html"),
    (
        "CDN-LOGS",
        "DistributionConfig.Logging.Bucket",
        one_of("${Frontend/AccessLogsBucket.RegionalDomainName}", "${Frontend/AccessLogsBucket.DomainName}"),
        "FSBP CloudFront.5",
        "log to the log bucket",
    ),
    ("CDN-LOGS-NO-COOKIES", "DistributionConfig.Logging.IncludeCookies", NOT_TRUE, "PCI DSS 3.3", "log no cookies"),
    ("CDN-ENABLED", "DistributionConfig.Enabled", TRUE, "CloudFront Developer Guide", "a disabled one serves nobody"),
    # CloudFront would apply them to the API's 4xx too and hide its answers.
    ("CDN-NO-REWRITE", "DistributionConfig.CustomErrorResponses", ABSENT, "aws-samples #186", "rewrite no error"),
    (
        "CDN-HTTP-VERSION",
        "DistributionConfig.HttpVersion",
        one_of("http2", "http2and3"),
        "CloudFront",
        "HTTP/2 or newer",
    ),
    ("CDN-IPV6", "DistributionConfig.IPV6Enabled", TRUE, "CloudFront Developer Guide, IPv6", "serve IPv6"),
)
RULES.demands(
    ACCESS,
    ("OAC-SIGNS", "OriginAccessControlConfig.SigningBehavior", one_of("always"), "FSBP CloudFront.13", "sign always"),
    ("OAC-PROTOCOL", "OriginAccessControlConfig.SigningProtocol", one_of("sigv4"), "FSBP CloudFront.13", "sigv4"),
    ("OAC-KIND", "OriginAccessControlConfig.OriginAccessControlOriginType", one_of("s3"), "FSBP CloudFront.13", "s3"),
)


def _behaviors(distribution: Resource) -> list[Mapping[str, Json]]:
    config = as_map(distribution.get("DistributionConfig"))
    return [as_map(config.get("DefaultCacheBehavior")), *map(as_map, as_list(config.get("CacheBehaviors")))]


def _origins(distribution: Resource) -> dict[str, Mapping[str, Json]]:
    return {as_text(o.get("Id")): o for o in distribution.items("DistributionConfig.Origins")}


def _pattern(behavior: Mapping[str, Json]) -> str:
    return as_text(behavior.get("PathPattern")) or "default"


def _is_api(behavior: Mapping[str, Json]) -> bool:
    """Whether a behavior may answer a path of the API: `/api/*`, and also `api/v1/*`, `/a*` or `*.json`."""
    start = "/" + re.split(r"[*?]", as_text(behavior.get("PathPattern")))[0].removeprefix("/")
    return "PathPattern" in behavior and (start.startswith("/api/") or "/api/".startswith(start))


@RULES.rule("CDN-HTTPS", source="FSBP CloudFront.3", remedy="https-only for the API, at least a redirect for the site")
def viewers_come_by_https(environment: Environment) -> Iterable[Broken]:
    """The API is not even redirected: a password sent in the clear has already been read."""
    for distribution in environment.of(DISTRIBUTION):
        for behavior in _behaviors(distribution):
            policy = as_text(behavior.get("ViewerProtocolPolicy"))
            allowed = ("https-only",) if _is_api(behavior) else ("https-only", "redirect-to-https")
            if policy not in allowed:
                yield Broken(
                    resource=distribution, what=f"{_pattern(behavior)} is served by {policy or 'any protocol'}"
                )


@RULES.rule("CDN-API-UNCACHED", source="Klarna, 2021", remedy="CachingDisabled for /api/*")
def the_api_is_never_cached(environment: Environment) -> Iterable[Broken]:
    """One person's answer must not reach another; and CloudFront must pass everything on but the Host."""
    for distribution in environment.of(DISTRIBUTION):
        if "/api/*" not in map(_pattern, _behaviors(distribution)):
            yield Broken(resource=distribution, what="has no behavior for /api/*")
        for behavior in filter(_is_api, _behaviors(distribution)):
            name = _pattern(behavior)
            if as_text(behavior.get("CachePolicyId")) != CACHING_DISABLED:
                yield Broken(resource=distribution, what=f"may cache {name}")
            if as_text(behavior.get("OriginRequestPolicyId")) != ALL_VIEWER_EXCEPT_HOST:
                yield Broken(resource=distribution, what=f"does not pass the whole request of {name} on")
            if set(as_texts(behavior.get("AllowedMethods"))) != _EVERY_METHOD:
                yield Broken(resource=distribution, what=f"{name} does not let GET and POST through, or not as it may")
            if set(as_texts(behavior.get("CachedMethods"))) - {"GET", "HEAD"}:
                yield Broken(resource=distribution, what=f"{name} caches more than GET and HEAD")


# CloudFront takes one of three sets of methods, and refuses any other ("Allowed HTTP methods").
_READING = ({"GET", "HEAD"}, {"GET", "HEAD", "OPTIONS"})
_EVERY_METHOD = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
_HASHED = f"/{HASHED_FILES}*"


@RULES.rule("CDN-SITE", source="CloudFront Developer Guide, Cache behaviors", remedy="GET and HEAD, cached, compressed")
def the_site_is_only_read(environment: Environment) -> Iterable[Broken]:
    """What is not the API is files: nobody writes them through CloudFront."""
    for distribution in environment.of(DISTRIBUTION):
        # A tab that was opened before a release still asks for its own files, which no release holds.
        if _HASHED not in map(_pattern, _behaviors(distribution)):
            yield Broken(resource=distribution, what=f"has no behavior for {_HASHED}, which every release shares")
        for behavior in _behaviors(distribution):
            if _is_api(behavior):
                continue
            methods = set(as_texts(behavior.get("AllowedMethods")))
            if methods and methods not in _READING:
                yield Broken(resource=distribution, what=f"{_pattern(behavior)} lets through methods that write")
            if as_text(behavior.get("CachePolicyId")) != CACHING_OPTIMIZED:
                yield Broken(resource=distribution, what=f"{_pattern(behavior)} is not cached: every view reads S3")
            if as_text(behavior.get("OriginRequestPolicyId")):
                yield Broken(resource=distribution, what=f"{_pattern(behavior)} passes to S3 what it does not read")
            if as_flag(behavior.get("Compress")) is not True:
                yield Broken(resource=distribution, what=f"{_pattern(behavior)} is not compressed")


def _api_host(environment: Environment) -> str:
    return f"${{Api/HttpApi}}.execute-api.{environment.region}.amazonaws.com"


@RULES.rule("CDN-TARGETS", source="FSBP CloudFront.12", remedy="site from its bucket, /api/* from the HTTP API")
def every_path_goes_to_its_origin(environment: Environment) -> Iterable[Broken]:
    """The site's bucket and the HTTP API, not each other and not elsewhere."""
    site, api = "${Frontend/SiteBucket.RegionalDomainName}", _api_host(environment)
    for distribution in environment.of(DISTRIBUTION):
        origins = _origins(distribution)
        for behavior in _behaviors(distribution):
            origin = origins.get(as_text(behavior.get("TargetOriginId")), {})
            if plain(as_text(origin.get("DomainName"))) != (api if _is_api(behavior) else site):
                yield Broken(resource=distribution, what=f"{_pattern(behavior)} is answered by a wrong origin")


@RULES.rule("CDN-ORIGIN-HTTPS", source="FSBP CloudFront.9, CloudFront.10", remedy="https-only, TLSv1.2")
def origins_are_asked_by_https(environment: Environment) -> Iterable[Broken]:
    """With TLS 1.2 and nothing older."""
    for distribution in environment.of(DISTRIBUTION):
        for name, origin in _origins(distribution).items():
            custom = as_map(origin.get("CustomOriginConfig"))
            if ("CustomOriginConfig" in origin) == ("S3OriginConfig" in origin):
                yield Broken(resource=distribution, what=f"does not say of which kind {name} is, which is refused")
            if ".RegionalDomainName}" in as_text(origin.get("DomainName")):
                continue
            if as_text(custom.get("OriginProtocolPolicy")) != "https-only":
                yield Broken(resource=distribution, what=f"asks {name} by {custom.get('OriginProtocolPolicy')}")
            if as_texts(custom.get("OriginSSLProtocols")) != ["TLSv1.2"]:
                yield Broken(resource=distribution, what=f"asks {name} by older protocols than TLS 1.2")
            if (as_number(custom.get("OriginReadTimeout", 30)) or 0) < 30:
                yield Broken(resource=distribution, what=f"gives up on {name} before API Gateway does")


# By reference, and to whatever is current: CloudFormation reads the value when it makes or changes the distribution.
_ORIGIN_VALUES = tuple(
    f"{{{{resolve:secretsmanager:${{Data/SecretsOrigin}}:SecretString:{ORIGIN_FIELD}{current}}}}}"
    for current in ("", ":", "::", ":AWSCURRENT", ":AWSCURRENT:")
)


@RULES.rule(
    "CDN-ORIGIN-LOCK", source="decision 0026; OWASP Secrets Management", remedy="send the origin secret, by reference"
)
def cloudfront_proves_itself_to_the_api(environment: Environment) -> Iterable[Broken]:
    """By the header that the authorizer asks for; to the API alone, and never with a value in the template."""
    for distribution in environment.of(DISTRIBUTION):
        for name, origin in _origins(distribution).items():
            api = plain(as_text(origin.get("DomainName"))) == _api_host(environment)
            headers = [as_map(header) for header in as_list(origin.get("OriginCustomHeaders"))]
            sent = {as_text(h.get("HeaderName")).lower(): plain(as_text(h.get("HeaderValue"))) for h in headers}
            if api and (set(sent) != {ORIGIN_HEADER} or sent[ORIGIN_HEADER] not in _ORIGIN_VALUES):
                yield Broken(resource=distribution, what=f"does not send the origin secret alone to {name}")
            if not api and sent:
                yield Broken(resource=distribution, what=f"sends {', '.join(sorted(sent))} to {name}, which reads none")


@RULES.rule("CDN-BUCKET-PRIVATE", source="FSBP CloudFront.13", remedy="origin access control, no identity")
def the_bucket_is_read_by_signed_requests(environment: Environment) -> Iterable[Broken]:
    """An origin access control of ours on every bucket."""
    for distribution in environment.of(DISTRIBUTION):
        for name, origin in _origins(distribution).items():
            if ".RegionalDomainName}" not in as_text(origin.get("DomainName")):
                continue
            wanted = {control.refers("Id") for control in environment.of(ACCESS)}
            if plain(as_text(origin.get("OriginAccessControlId"))) not in wanted:
                yield Broken(resource=distribution, what=f"{name} has no origin access control")
            if as_text(dig(origin, "S3OriginConfig.OriginAccessIdentity")):
                yield Broken(resource=distribution, what=f"{name} uses the old origin access identity")


@RULES.rule("CDN-TLS", source="FSBP CloudFront.7, CloudFront.15", remedy="TLSv1.2_2021 or newer, SNI")
def our_own_certificate_refuses_old_tls(environment: Environment) -> Iterable[Broken]:
    """With a domain of our own; CloudFront's certificate leaves no choice."""
    for distribution in environment.of(DISTRIBUTION):
        viewer = as_map(distribution.get("DistributionConfig.ViewerCertificate"))
        domain = environment.config is not None and environment.config.domain is not None
        aliases = as_texts(distribution.get("DistributionConfig.Aliases"))
        if viewer and as_flag(viewer.get("CloudFrontDefaultCertificate")) is not True:
            version = as_text(viewer.get("MinimumProtocolVersion"))
            if not re.match(r"TLSv1\.2_20(2[1-9]|[3-9])|TLSv1\.3", version):
                yield Broken(resource=distribution, what=f"accepts {version or 'TLSv1'}")
            if as_text(viewer.get("SslSupportMethod")) != "sni-only":
                yield Broken(resource=distribution, what="pays for addresses of its own instead of SNI")
        elif aliases or domain:
            yield Broken(resource=distribution, what="has a name of ours without its certificate")


@RULES.rule("CDN-HEADERS", source="OWASP Secure Headers", remedy="attach the policy of security headers")
def every_behavior_sends_security_headers(environment: Environment) -> Iterable[Broken]:
    """The API's policy for the API, the site's for the site."""
    for distribution in environment.of(DISTRIBUTION):
        for behavior in _behaviors(distribution):
            wanted = f"${{Frontend/Edge{'Api' if _is_api(behavior) else 'Site'}HeadersPolicy}}"
            found = plain(as_text(behavior.get("ResponseHeadersPolicyId")))
            if found != wanted:
                yield Broken(
                    resource=distribution, what=f"{_pattern(behavior)} sends {found or 'no policy'}, not {wanted}"
                )


@RULES.rule("HEADERS-VALUES", source="OWASP Secure Headers; FSBP CloudFront", remedy="restore the header")
def security_headers_protect(environment: Environment) -> Iterable[Broken]:
    """HSTS for a year, no framing, no sniffing, a strict referrer, a content policy; and origins cannot undo them."""
    for policy in environment.of(HEADERS):
        headers = as_map(policy.get("ResponseHeadersPolicyConfig.SecurityHeadersConfig"))
        tests = {
            "StrictTransportSecurity": (as_number(dig(headers, "StrictTransportSecurity.AccessControlMaxAgeSec")) or 0)
            >= _YEAR
            and as_flag(dig(headers, "StrictTransportSecurity.IncludeSubdomains")) is True,
            "FrameOptions": as_text(dig(headers, "FrameOptions.FrameOption")) == "DENY",
            "ContentTypeOptions": bool(as_map(headers.get("ContentTypeOptions"))),
            "ReferrerPolicy": as_text(dig(headers, "ReferrerPolicy.ReferrerPolicy"))
            in ("strict-origin-when-cross-origin", "strict-origin", "same-origin", "no-referrer"),
        }
        for name, holds in tests.items():
            if not holds:
                yield Broken(resource=policy, what=f"{name} is missing or too weak")
        for name in (*tests, "ContentSecurityPolicy"):
            if as_flag(dig(headers, f"{name}.Override")) is not True:
                yield Broken(resource=policy, what=f"an origin may replace {name}")


# A strict policy for what answers JSON; for pages, what they may load and who may hold them.
_CSP = {
    "Frontend/EdgeApiHeadersPolicy": {"default-src": {"'none'"}, "frame-ancestors": {"'none'"}},
    "Frontend/EdgeSiteHeadersPolicy": {
        "default-src": {"'self'", "'none'"},
        "script-src": {"'self'"},
        "style-src": {"'self'"},
        "img-src": {"'self'", "data:"},
        "connect-src": {"'self'"},
        "font-src": {"'self'"},
        "object-src": {"'none'"},
        "base-uri": {"'self'", "'none'"},
        "form-action": {"'self'", "'none'"},
        "frame-ancestors": {"'none'"},
    },
}
_NEEDED = {
    "Frontend/EdgeApiHeadersPolicy": {"default-src", "frame-ancestors"},
    "Frontend/EdgeSiteHeadersPolicy": {
        "default-src",
        "script-src",
        "object-src",
        "base-uri",
        "form-action",
        "frame-ancestors",
    },
}


# Directives that load nothing: without them pages may do more.
_ONLY_RESTRICT = {"block-all-mixed-content", "require-trusted-types-for", "trusted-types", "upgrade-insecure-requests"}


@RULES.rule("HEADERS-CSP", source="W3C CSP Level 3; OWASP", remedy="name what pages may load, and nothing wider")
def the_content_policy_is_strict(environment: Environment) -> Iterable[Broken]:
    """Nothing from elsewhere, nothing inline, no plug-ins, no framing.

    Not even by hash or nonce: a header that is the same for every build and every answer cannot name either.
    """
    for policy in environment.of(HEADERS):
        path = "ResponseHeadersPolicyConfig.SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy"
        found: dict[str, set[str]] = {}
        for part in policy.text(path).split(";"):
            if words := part.split():
                found.setdefault(words[0].lower(), {word.lower() for word in words[1:]})  # browsers obey the first
        allowed, needed = _CSP.get(policy.name, {}), _NEEDED.get(policy.name, {"default-src", "frame-ancestors"})
        for name in sorted(needed - set(found)):
            yield Broken(resource=policy, what=f"its content policy lacks {name}")
        for name, sources in found.items():
            if name in _ONLY_RESTRICT and not sources & {"'allow-duplicates'", "*"}:
                continue
            wider = sources - allowed.get(name, {"'self'", "'none'"}) - {"'none'"}
            if wider:
                yield Broken(
                    resource=policy, what=f"its content policy lets {name} load from {' '.join(sorted(wider))}"
                )


@RULES.rule("HEADERS-NO-CORS", source="OWASP, CORS", remedy="site and API share one origin")
def headers_let_in_no_other_origin(environment: Environment) -> Iterable[Broken]:
    """A CORS configuration here would apply to every answer."""
    for policy in environment.of(HEADERS):
        if policy.get("ResponseHeadersPolicyConfig.CorsConfig"):
            yield Broken(resource=policy, what="lets pages of other origins read answers")


# What may be added to every answer, and what may be taken from it: nothing that a browser obeys beyond its own page.
_MORE = {
    *("cross-origin-embedder-policy", "cross-origin-opener-policy", "cross-origin-resource-policy"),
    *("permissions-policy", "x-permitted-cross-domain-policies", "x-robots-tag"),
}
_LESS = {"server", "x-powered-by"}


@RULES.rule("HEADERS-OTHERS", source="OWASP Secure Headers; OWASP, CORS", remedy="leave the answer's headers alone")
def headers_of_our_own_only_restrict(environment: Environment) -> Iterable[Broken]:
    """A header for all would let in other origins or set cookies; one taken away would let caches keep answers."""
    for policy in environment.of(HEADERS):
        for path, known in (("CustomHeadersConfig", _MORE), ("RemoveHeadersConfig", _LESS)):
            items = policy.items(f"ResponseHeadersPolicyConfig.{path}.Items")
            odd = {as_text(item.get("Header")).lower() for item in items} - known
            if odd:
                yield Broken(resource=policy, what=f"{path} names {', '.join(sorted(odd))}")
