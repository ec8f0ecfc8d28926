"""CloudFront and its firewall: headers, what may be cached, no way past the checks."""

from collections.abc import Iterable, Mapping

from ..changes.scales import content_directives
from ..finding import Rules
from ..model import Environment, Resource
from ..values import Json, as_flag, as_list, as_map, as_number, as_text, as_texts, dig

RULES = Rules()
DISTRIBUTION = "AWS::CloudFront::Distribution"
HEADERS = "AWS::CloudFront::ResponseHeadersPolicy"
_CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # Developer Guide, "Use managed cache policies"
_WIDE = ("'unsafe-inline'", "'unsafe-eval'", "http:", "https:")


def _behaviors(distribution: Resource) -> list[Mapping[str, Json]]:
    config = as_map(distribution.get("DistributionConfig"))
    return [as_map(config.get("DefaultCacheBehavior")), *map(as_map, as_list(config.get("CacheBehaviors")))]


def _pattern(behavior: Mapping[str, Json]) -> str:
    return as_text(behavior.get("PathPattern")) or "default"


@RULES.of("CDN-UNCACHED", DISTRIBUTION)
def answers_to_one_person_are_not_cached(distribution: Resource, environment: Environment) -> Iterable[str]:
    """What takes POST answers people; one person's answer must not reach another."""
    for behavior in _behaviors(distribution):
        writes = set(as_texts(behavior.get("AllowedMethods"))) - {"GET", "HEAD", "OPTIONS"}
        if writes and as_text(behavior.get("CachePolicyId")) != _CACHING_DISABLED:
            yield f"may cache {_pattern(behavior)}, which takes {', '.join(sorted(writes))}"


@RULES.of("CDN-HEADERS", DISTRIBUTION)
def every_answer_has_security_headers(distribution: Resource, environment: Environment) -> Iterable[str]:
    """By a policy of these stacks."""
    for behavior in _behaviors(distribution):
        policy = environment.find(as_text(behavior.get("ResponseHeadersPolicyId")))
        if policy is None or policy.type != HEADERS:
            yield f"sends no security headers with {_pattern(behavior)}"


@RULES.of("HEADERS-POLICY", HEADERS)
def the_content_policy_is_strict(policy: Resource, environment: Environment) -> Iterable[str]:
    """Nothing inline, nothing from anywhere, no framing by others; and no page of another origin reads answers."""
    text = policy.text("ResponseHeadersPolicyConfig.SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy")
    directives = content_directives(text)
    for name in sorted({"default-src", "frame-ancestors"} - set(directives)):
        yield f"has a content policy without {name}"
    for name, sources in directives.items():
        wide = sorted(s for s in sources if s.startswith("*") or s in _WIDE)
        if wide:
            yield f"has a content policy that lets {name} load from {', '.join(wide)}"
    if "*" in as_texts(policy.get("ResponseHeadersPolicyConfig.CorsConfig.AccessControlAllowOrigins.Items")):
        yield "lets pages of any origin read answers"


@RULES.of("WAF-BLOCKS", "AWS::WAFv2::WebACL")
def the_firewall_blocks(acl: Resource, environment: Environment) -> Iterable[str]:
    """No rule allows past those after it, no managed group only counts, and one limit by rate blocks."""
    limited = False
    for rule in acl.items("Rules"):
        name, action = as_text(rule.get("Name")), as_map(rule.get("Action"))
        if "Allow" in action:
            yield f"has rule {name}, which lets requests past the rules after it"
        if rule.get("OverrideAction") and "Count" in as_map(rule.get("OverrideAction")):
            yield f"only counts what {name} finds"
        if as_flag(dig(rule, "VisibilityConfig.CloudWatchMetricsEnabled")) is not True:
            yield f"has rule {name} without metrics"
        rate = as_number(dig(rule, "Statement.RateBasedStatement.Limit"))
        limited = limited or ("Block" in action and rate is not None)
    if not limited:
        yield "limits nobody by rate"
