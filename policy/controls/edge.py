"""FSBP: what stands between people and the functions."""

from collections.abc import Mapping

from .answers import Answer, Met, NotApplicable, Open, rules

_REST_ONLY = "about REST and WebSocket APIs; Flux has an HTTP API (gate: API-KIND)"
_CLASSIC = "about AWS WAF Classic, which Flux does not use"

ANSWERS: Mapping[str, Answer] = {
    "ACM.1": Met(
        rules=("DOMAIN-CAA",),
        tests=("tests/infra/test_domain.py::test_with_a_domain_the_certificate_is_validated_by_dns",),
        note="issued by ACM and validated by DNS, so ACM renews it, and the zone lets it; nothing is imported",
    ),
    "ACM.2": NotApplicable(reason="the certificate's key is an elliptic curve (P-256), not RSA"),
    "APIGateway.1": NotApplicable(reason=_REST_ONLY, absent=("AWS::ApiGateway::RestApi",)),
    "APIGateway.2": NotApplicable(reason=_REST_ONLY, absent=("AWS::ApiGateway::Stage",)),
    "APIGateway.3": NotApplicable(reason=_REST_ONLY, absent=("AWS::ApiGateway::Stage",)),
    "APIGateway.4": NotApplicable(
        reason="an HTTP API takes no web ACL; CloudFront's stands before it (gate: CDN-FIREWALL)",
        absent=("AWS::ApiGateway::Stage",),
    ),
    "APIGateway.5": NotApplicable(reason=_REST_ONLY, absent=("AWS::ApiGateway::Stage",)),
    "APIGateway.8": rules(
        *("API-AUTHORIZER", "API-AUTHORIZER-KIND", "API-AUTHORIZER-SOURCE", "API-AUTHORIZER-CALLED"),
        note="the authorizer lets in who comes through CloudFront; tokens and webhook signatures are the functions' "
        "part",
    ),
    "APIGateway.9": rules("API-ACCESS-LOG", "API-LOG-FORMAT"),
    "CloudFront.1": rules("CDN-ROOT"),
    "CloudFront.3": rules("CDN-HTTPS"),
    "CloudFront.4": Open(
        why="the site has one bucket; a second would need a copy in another region, and a site that answers while "
        "the API does not shows nothing"
    ),
    "CloudFront.5": rules("CDN-LOGS"),
    "CloudFront.6": rules("CDN-FIREWALL"),
    "CloudFront.7": Open(
        why="no environment in environments.py has a domain, so CloudFront's own certificate is used; for one that "
        "has, the gate demands a certificate of ours (gate: CDN-TLS)"
    ),
    "CloudFront.8": rules("CDN-TLS", note="with a domain; CloudFront's own certificate is served by SNI anyway"),
    "CloudFront.9": rules("CDN-ORIGIN-HTTPS"),
    "CloudFront.10": rules("CDN-ORIGIN-HTTPS"),
    "CloudFront.12": rules("CDN-TARGETS"),
    "CloudFront.13": rules("CDN-BUCKET-PRIVATE", "OAC-SIGNS", "OAC-PROTOCOL", "OAC-KIND"),
    "Route53.2": NotApplicable(
        reason="the domain's hosted zone belongs to whoever owns the domain, and so does its query log; Flux adds "
        "records to it and signs it (gate: DNSSEC-ZONE)",
        absent=("AWS::Route53::HostedZone",),
    ),
    **{
        f"WAF.{number}": NotApplicable(reason=_CLASSIC, absent=("AWS::WAF::", "AWS::WAFRegional::"))
        for number in (1, 2, 3, 4, 6, 7, 8)
    },
    "WAF.10": rules("WAF-MANAGED", "WAF-RATE", "WAF-SIGN-IN-RATE"),
    "WAF.11": rules("WAF-LOG-OF", "WAF-LOG-TO"),
    "WAF.12": rules("WAF-METRICS", "WAF-RULE-METRICS"),
}
