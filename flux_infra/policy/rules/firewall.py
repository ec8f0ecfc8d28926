"""The web ACL: managed rules that block, rate limits per address, and a log of what was stopped."""

from collections.abc import Iterable, Iterator, Mapping

from ..finding import Broken, Rules
from ..model import Environment, Resource
from ..values import Json, as_flag, as_list, as_map, as_number, as_text, as_texts, dig
from ..wanted import TRUE, contains, one_of

RULES = Rules()
ACL = "AWS::WAFv2::WebACL"
LOGGING = "AWS::WAFv2::LoggingConfiguration"

MANAGED = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
)
# Of a managed group, what may be merely counted: bodies of webhooks are longer than AWS thinks, and a rule of ours
# (large-body) blocks the others.
_MAY_COUNT = {"SizeRestrictions_BODY"}
_PER_ADDRESS = 5_000  # requests of one address in the window; a restaurant's tills share an address
_SIGN_INS = 100  # the same, for signing in

RULES.demands(
    ACL,
    ("WAF-SCOPE", "Scope", one_of("CLOUDFRONT"), "FSBP CloudFront.6", "an ACL for CloudFront"),
    ("WAF-METRICS", "VisibilityConfig.CloudWatchMetricsEnabled", TRUE, "FSBP WAF.12", "emit metrics"),
    ("WAF-SAMPLES", "VisibilityConfig.SampledRequestsEnabled", TRUE, "FSBP WAF.12", "keep samples"),
)
RULES.demands(
    LOGGING,
    ("WAF-LOG-OF", "ResourceArn", one_of("${Frontend/FirewallWebAcl.Arn}"), "FSBP WAF.11", "log the web ACL"),
    (
        "WAF-LOG-TO",
        "LogDestinationConfigs",
        contains("arn:aws:logs:<region>:<account>:log-group:${Frontend/FirewallLogs}"),
        "FSBP WAF.11",
        "log to the firewall's group",
    ),
)


def _rules(acl: Resource) -> list[Mapping[str, Json]]:
    return acl.items("Rules")


def _blocks(rule: Mapping[str, Json]) -> bool:
    return "Block" in as_map(rule.get("Action"))


@RULES.rule("WAF-MANAGED", source="FSBP WAF.10; AWS Managed Rules", remedy="use the group, and let it block")
def managed_groups_block(environment: Environment) -> Iterable[Broken]:
    """Each of them whole: neither counted, nor with rules taken out, nor only for some requests."""
    for acl in environment.of(ACL):
        groups = {as_text(dig(rule, "Statement.ManagedRuleGroupStatement.Name")): rule for rule in _rules(acl)}
        for name in MANAGED:
            rule = groups.get(name)
            if rule is None:
                yield Broken(resource=acl, what=f"lacks {name}")
                continue
            statement = as_map(dig(rule, "Statement.ManagedRuleGroupStatement"))
            counted = {
                as_text(dig(override, "Name"))
                for override in as_list(statement.get("RuleActionOverrides"))
                if "Block" not in as_map(dig(override, "ActionToUse"))
            } | set(as_texts([dig(item, "Name") for item in as_list(statement.get("ExcludedRules"))]))
            if "None" not in as_map(rule.get("OverrideAction")) or counted - _MAY_COUNT:
                yield Broken(resource=acl, what=f"{name} only counts {', '.join(sorted(counted)) or 'what it finds'}")
            if statement.get("ScopeDownStatement"):
                yield Broken(resource=acl, what=f"{name} looks at some requests only")
            if as_text(statement.get("VendorName")) != "AWS":
                yield Broken(resource=acl, what=f"{name} is not AWS's")


def _rate_rules(acl: Resource) -> Iterator[tuple[Mapping[str, Json], Mapping[str, Json]]]:
    for rule in _rules(acl):
        rate = as_map(dig(rule, "Statement.RateBasedStatement"))
        if rate and _blocks(rule) and as_text(rate.get("AggregateKeyType")) in ("IP", "FORWARDED_IP"):
            yield rule, rate


@RULES.rule("WAF-RATE", source="WAF Developer Guide, Rate-based rules", remedy="limit requests per address")
def each_address_is_limited(environment: Environment) -> Iterable[Broken]:
    """Every path but the webhooks', where one provider's address speaks for all restaurants."""
    for acl in environment.of(ACL):
        if not any(
            10 <= (as_number(rate.get("Limit")) or 0) <= _PER_ADDRESS
            and _window(rate) <= 300
            and _all_but_webhooks(rate)
            for _, rate in _rate_rules(acl)
        ):
            yield Broken(resource=acl, what=f"does not stop an address after {_PER_ADDRESS} requests")


@RULES.rule("WAF-SIGN-IN-RATE", source="OWASP, Credential stuffing", remedy="limit /api/v1/auth/ per address")
def guessing_passwords_is_limited(environment: Environment) -> Iterable[Broken]:
    """Far below the general limit."""
    for acl in environment.of(ACL):
        if not any(
            10 <= (as_number(rate.get("Limit")) or 0) <= _SIGN_INS
            and _window(rate) <= 300
            and _path(as_map(rate.get("ScopeDownStatement"))) == "/api/v1/auth/"
            for _, rate in _rate_rules(acl)
        ):
            yield Broken(resource=acl, what=f"does not stop an address after {_SIGN_INS} sign-ins")


def _window(rate: Mapping[str, Json]) -> float:
    return as_number(rate.get("EvaluationWindowSec")) or 300


def _path(statement: Mapping[str, Json]) -> str:
    """Return the path prefix that a statement looks for, if it looks at the decoded path."""
    match = as_map(statement.get("ByteMatchStatement"))
    kinds = {as_text(dig(item, "Type")) for item in as_list(match.get("TextTransformations"))}
    sees_through = {"URL_DECODE", "NORMALIZE_PATH"} <= kinds and "UriPath" in as_map(match.get("FieldToMatch"))
    prefix = as_text(match.get("PositionalConstraint")) == "STARTS_WITH"
    return as_text(match.get("SearchString")) if sees_through and prefix else ""


def _all_but_webhooks(rate: Mapping[str, Json]) -> bool:
    scope = as_map(rate.get("ScopeDownStatement"))
    return _path(as_map(dig(scope, "NotStatement.Statement"))) == "/api/v1/webhooks/"


@RULES.rule("WAF-LARGE-BODY", source="AWS Managed Rules, SizeRestrictions_BODY", remedy="block what is only counted")
def large_bodies_are_blocked_outside_webhooks(environment: Environment) -> Iterable[Broken]:
    """The common rules only label large bodies, because webhooks may have them; all others are blocked by our rule."""
    for acl in environment.of(ACL):
        if not any(_blocks(rule) and _is_large_body(as_map(rule.get("Statement"))) for rule in _rules(acl)):
            yield Broken(resource=acl, what="lets large bodies through outside webhooks")


def _is_large_body(statement: Mapping[str, Json]) -> bool:
    parts = [as_map(part) for part in as_list(dig(statement, "AndStatement.Statements"))]
    labelled = any(
        as_text(dig(p, "LabelMatchStatement.Key")).lower() == "awswaf:managed:aws:core-rule-set:sizerestrictions_body"
        and as_text(dig(p, "LabelMatchStatement.Scope")) == "LABEL"
        for p in parts
    )
    spared = [_path(as_map(dig(part, "NotStatement.Statement"))) for part in parts if "NotStatement" in part]
    return labelled and len(parts) == len(spared) + 1 and spared == ["/api/v1/webhooks/"]


@RULES.rule("WAF-DEFAULT", source="README.md", remedy="allow what no rule stops, block by rules")
def the_web_acl_lets_people_in(environment: Environment) -> Iterable[Broken]:
    """No rule allows past the others; what none stops is allowed."""
    for acl in environment.of(ACL):
        if "Allow" not in as_map(acl.get("DefaultAction")):
            yield Broken(resource=acl, what="blocks everybody")
        for rule in _rules(acl):
            if "Allow" in as_map(rule.get("Action")):
                yield Broken(resource=acl, what=f"{rule.get('Name')} lets requests past the rules after it")


@RULES.rule("WAF-ORDER", source="WAF Developer Guide, Rule priority", remedy="label before the rule that reads labels")
def rules_run_in_their_order(environment: Environment) -> Iterable[Broken]:
    """The rule about large bodies reads a label that the common rules set; and no two share a priority."""
    for acl in environment.of(ACL):
        order = {as_text(rule.get("Name")): as_number(rule.get("Priority")) or 0 for rule in _rules(acl)}
        if len(set(order.values())) != len(order):
            yield Broken(resource=acl, what="has rules of the same priority")
        if order.get("large-body", 1) <= order.get("common", 0):
            yield Broken(resource=acl, what="looks for large bodies before they are labelled")


@RULES.rule("WAF-RULE-METRICS", source="FSBP WAF.12", remedy="let every rule emit metrics and samples")
def every_rule_can_be_watched(environment: Environment) -> Iterable[Broken]:
    """A rule without metrics cannot be tuned, nor seen to work."""
    for acl in environment.of(ACL):
        for rule in _rules(acl):
            for part in ("CloudWatchMetricsEnabled", "SampledRequestsEnabled"):
                if as_flag(dig(rule, f"VisibilityConfig.{part}")) is not True:
                    yield Broken(resource=acl, what=f"{rule.get('Name')} has no {part}")


@RULES.rule("WAF-LOG-WHAT", source="FSBP WAF.11; PCI DSS 3.3", remedy="log what was stopped, without credentials")
def the_log_holds_what_was_stopped_and_no_credentials(environment: Environment) -> Iterable[Broken]:
    """Blocked and counted requests are kept; tokens and cookies are redacted."""
    for logging in environment.of(LOGGING):
        redacted = {as_text(dig(field, "SingleHeader.Name")).lower() for field in logging.items("RedactedFields")}
        if not {"authorization", "cookie"} <= redacted:
            yield Broken(resource=logging, what="writes tokens or cookies into the log")
        if logging.get("LoggingFilter") and as_text(dig(logging.get("LoggingFilter"), "DefaultBehavior")) != "KEEP":
            keep = {
                as_text(dig(condition, "ActionCondition.Action"))
                for item in as_list(logging.get("LoggingFilter.Filters"))
                if as_text(dig(item, "Behavior")) == "KEEP" and as_text(dig(item, "Requirement")) == "MEETS_ANY"
                for condition in as_list(dig(item, "Conditions"))
            }
            if not {"BLOCK", "COUNT"} <= keep:
                yield Broken(resource=logging, what="drops requests that were blocked or counted")
        for item in as_list(logging.get("LoggingFilter.Filters")):
            if as_text(dig(item, "Behavior")) == "DROP":
                yield Broken(resource=logging, what="drops requests")
