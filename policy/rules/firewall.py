"""The web ACL: managed rules that block, rate limits per address, and a log of what was stopped."""

from collections.abc import Iterable, Iterator, Mapping

from ..finding import Broken, Rules
from ..model import Environment, Resource
from ..values import Json, as_flag, as_list, as_map, as_number, as_text, dig
from ..wanted import PRESENT, TRUE, exactly, one_of

RULES = Rules()
ACL = "AWS::WAFv2::WebACL"
LOGGING = "AWS::WAFv2::LoggingConfiguration"

_COMMON = "AWSManagedRulesCommonRuleSet"
MANAGED = ("AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet", _COMMON)
# Of a managed group, what is merely counted: bodies of webhooks are longer than AWS thinks, and a rule of ours
# (large-body) blocks the others.
_COUNTED = "SizeRestrictions_BODY"
_PER_ADDRESS = 5_000  # requests of one address in the window; a restaurant's tills share an address
_SIGN_INS = 100  # the same, for signing in

RULES.demands(
    ACL,
    ("WAF-SCOPE", "Scope", one_of("CLOUDFRONT"), "FSBP CloudFront.6", "an ACL for CloudFront"),
    ("WAF-METRICS", "VisibilityConfig.CloudWatchMetricsEnabled", TRUE, "FSBP WAF.12", "emit metrics"),
    ("WAF-METRIC-NAME", "VisibilityConfig.MetricName", PRESENT, "FSBP WAF.12", "name the metrics"),
    ("WAF-SAMPLES", "VisibilityConfig.SampledRequestsEnabled", TRUE, "FSBP WAF.12", "keep samples"),
)
RULES.demands(
    LOGGING,
    ("WAF-LOG-OF", "ResourceArn", one_of("${Frontend/FirewallWebAcl.Arn}"), "FSBP WAF.11", "log the web ACL"),
    (
        "WAF-LOG-TO",
        "LogDestinationConfigs",
        exactly("arn:aws:logs:<region>:<account>:log-group:${Frontend/FirewallLogs}"),
        "FSBP WAF.11",
        "log to the firewall's group",
    ),
)


def _rules(acl: Resource) -> list[Mapping[str, Json]]:
    return acl.items("Rules")


def _blocks(rule: Mapping[str, Json]) -> bool:
    return set(as_map(rule.get("Action"))) == {"Block"}


def _group(rule: Mapping[str, Json]) -> Mapping[str, Json]:
    return as_map(dig(rule, "Statement.ManagedRuleGroupStatement"))


def _actions(group: Mapping[str, Json]) -> dict[str, str]:
    """Return what happens instead to requests that a rule of a managed group finds, by the rule's name."""
    overrides = {
        as_text(dig(item, "Name")): " ".join(as_map(dig(item, "ActionToUse"))) or "nothing"
        for item in as_list(group.get("RuleActionOverrides"))
    }
    return overrides | {as_text(dig(item, "Name")): "Count" for item in as_list(group.get("ExcludedRules"))}


@RULES.rule("WAF-MANAGED", source="FSBP WAF.10; AWS Managed Rules", remedy="use the group, and let it block")
def managed_groups_block(environment: Environment) -> Iterable[Broken]:
    """Each of them whole: neither counted, nor with rules taken out, nor only for some requests."""
    for acl in environment.of(ACL):
        for name in MANAGED:
            rules = [rule for rule in _rules(acl) if as_text(_group(rule).get("Name")) == name]
            if not rules:
                yield Broken(resource=acl, what=f"lacks {name}")
            for rule in rules:
                group = _group(rule)
                softened = {found for found, action in _actions(group).items() if action != "Block"} - {_COUNTED}
                if set(as_map(rule.get("OverrideAction"))) != {"None"} or softened:
                    what = f"{name} only counts {', '.join(sorted(softened)) or 'what it finds'}"
                    yield Broken(resource=acl, what=what)
                if group.get("ScopeDownStatement"):
                    yield Broken(resource=acl, what=f"{name} looks at some requests only")
                if name == _COMMON and _actions(group).get(_COUNTED) != "Count":
                    yield Broken(resource=acl, what=f"{name} blocks webhooks of more than 8 KB, or lets all bodies in")


@RULES.rule("WAF-KNOWN", source="WAF Developer Guide, Rule statements", remedy="a group of AWS's, or a limit by rate")
def every_rule_is_understood(environment: Environment) -> Iterable[Broken]:
    """What else stops requests may stop everybody's, and another's group may let them past the rules after it."""
    for acl in environment.of(ACL):
        for rule in _rules(acl):
            name, group, action = as_text(rule.get("Name")), _group(rule), as_map(rule.get("Action"))
            if group:
                odd = set(_actions(group).values()) - {"Block", "Count"}
                if as_text(group.get("VendorName")) != "AWS" or odd:
                    yield Broken(resource=acl, what=f"{name} is a group that is not AWS's, or answers by {sorted(odd)}")
            elif "Count" not in action and not (_blocks(rule) and (_rate(rule) or _is_large_body(rule))):
                yield Broken(
                    resource=acl, what=f"{name} does {' '.join(action) or 'nothing'} by a statement of its own"
                )


def _rate(rule: Mapping[str, Json]) -> Mapping[str, Json]:
    return as_map(dig(rule, "Statement.RateBasedStatement"))


def _rate_rules(acl: Resource) -> Iterator[tuple[Mapping[str, Json], Mapping[str, Json]]]:
    """Yield what limits addresses: those that CloudFront sees, never those that a header claims."""
    for rule in _rules(acl):
        if _rate(rule) and _blocks(rule) and as_text(_rate(rule).get("AggregateKeyType")) == "IP":
            yield rule, _rate(rule)


@RULES.rule("WAF-RATE", source="WAF Developer Guide, Rate-based rules", remedy="limit requests per address")
def each_address_is_limited(environment: Environment) -> Iterable[Broken]:
    """Every path but the webhooks', where one provider's address speaks for all restaurants."""
    for acl in environment.of(ACL):
        if not any(
            10 <= (as_number(rate.get("Limit")) or 0) <= _PER_ADDRESS
            and _window(rate) in _WINDOWS
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
            and _window(rate) in _WINDOWS
            and _path(as_map(rate.get("ScopeDownStatement"))) == "/api/v1/auth/"
            for _, rate in _rate_rules(acl)
        ):
            yield Broken(resource=acl, what=f"does not stop an address after {_SIGN_INS} sign-ins")


_WINDOWS = (60, 120, 300)  # seconds; of those that WAF takes, all but the longest


def _window(rate: Mapping[str, Json]) -> float | None:
    return as_number(rate.get("EvaluationWindowSec", 300))


def _path(statement: Mapping[str, Json]) -> str:
    """Return the path prefix that a statement looks for, if it looks at the decoded path."""
    match = as_map(statement.get("ByteMatchStatement"))
    steps = [as_map(step) for step in as_list(match.get("TextTransformations"))]
    steps.sort(key=lambda step: as_number(step.get("Priority")) or 0)
    # In this order, and with no other, like MD5, after which there is no path to find.
    kinds = [kind for kind in (as_text(step.get("Type")) for step in steps) if kind != "LOWERCASE"]
    ordered = len({as_number(step.get("Priority")) for step in steps} - {None}) == len(steps)
    decoded = ordered and kinds == ["URL_DECODE", "NORMALIZE_PATH"]
    sees_through = decoded and "UriPath" in as_map(match.get("FieldToMatch"))
    prefix = as_text(match.get("PositionalConstraint")) == "STARTS_WITH"
    return as_text(match.get("SearchString")) if sees_through and prefix else ""


def _all_but_webhooks(rate: Mapping[str, Json]) -> bool:
    scope = as_map(rate.get("ScopeDownStatement"))
    return _path(as_map(dig(scope, "NotStatement.Statement"))) == "/api/v1/webhooks/"


@RULES.rule("WAF-LARGE-BODY", source="AWS Managed Rules, SizeRestrictions_BODY", remedy="block what is only counted")
def large_bodies_are_blocked_outside_webhooks(environment: Environment) -> Iterable[Broken]:
    """The common rules only label large bodies, because webhooks may have them; all others are blocked by our rule."""
    for acl in environment.of(ACL):
        if not any(_blocks(rule) and _is_large_body(rule) for rule in _rules(acl)):
            yield Broken(resource=acl, what="lets large bodies through outside webhooks")


def _is_large_body(rule: Mapping[str, Json]) -> bool:
    parts = [as_map(part) for part in as_list(dig(rule, "Statement.AndStatement.Statements"))]
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
        if set(as_map(acl.get("DefaultAction"))) != {"Allow"}:
            yield Broken(resource=acl, what="blocks everybody")
        for rule in _rules(acl):
            if "Allow" in as_map(rule.get("Action")):
                yield Broken(resource=acl, what=f"{rule.get('Name')} lets requests past the rules after it")


@RULES.rule("WAF-ORDER", source="WAF Developer Guide, Rule priority", remedy="label before the rule that reads labels")
def rules_run_in_their_order(environment: Environment) -> Iterable[Broken]:
    """The rule about large bodies reads a label that the common rules set; and no two share a name or a priority."""
    for acl in environment.of(ACL):
        names = {as_text(rule.get("Name")) for rule in _rules(acl)}
        order = {number for rule in _rules(acl) if (number := as_number(rule.get("Priority"))) is not None}
        if "" in names or len(names) != len(_rules(acl)) or len(order) != len(_rules(acl)):
            yield Broken(resource=acl, what="has rules without a name or a priority of their own")
        labels = [as_number(r.get("Priority")) or 0 for r in _rules(acl) if as_text(_group(r).get("Name")) == _COMMON]
        reads = [as_number(rule.get("Priority")) or 0 for rule in _rules(acl) if _is_large_body(rule)]
        if labels and reads and min(reads) <= max(labels):
            yield Broken(resource=acl, what="looks for large bodies before they are labelled")


@RULES.rule("WAF-ANSWER", source="WAF Developer Guide, Customized web requests and responses", remedy="answer 4xx")
def who_is_stopped_is_told_so(environment: Environment) -> Iterable[Broken]:
    """By an error, for a client that is told 200 believes that it was served; and by a body that is there."""
    for acl in environment.of(ACL):
        for rule in _rules(acl):
            answer = as_map(dig(rule, "Action.Block.CustomResponse"))
            body = as_text(answer.get("CustomResponseBodyKey"))
            if answer and not 400 <= (as_number(answer.get("ResponseCode")) or 0) < 600:
                yield Broken(resource=acl, what=f"{as_text(rule.get('Name'))} answers {answer.get('ResponseCode')}")
            if body and not dig(as_map(acl.get("CustomResponseBodies")).get(body), "Content"):
                yield Broken(
                    resource=acl, what=f"{as_text(rule.get('Name'))} answers by the body {body}, which is nowhere"
                )


@RULES.rule("WAF-RULE-METRICS", source="FSBP WAF.12", remedy="let every rule emit metrics and samples")
def every_rule_can_be_watched(environment: Environment) -> Iterable[Broken]:
    """A rule without metrics cannot be tuned, nor seen to work."""
    for acl in environment.of(ACL):
        for rule in _rules(acl):
            for part in ("CloudWatchMetricsEnabled", "SampledRequestsEnabled"):
                if as_flag(dig(rule, f"VisibilityConfig.{part}")) is not True or not dig(
                    rule, "VisibilityConfig.MetricName"
                ):
                    yield Broken(resource=acl, what=f"{rule.get('Name')} has no {part}")


@RULES.rule("WAF-LOG-WHAT", source="FSBP WAF.11; PCI DSS 3.3", remedy="log what was stopped, without credentials")
def the_log_holds_what_was_stopped_and_no_credentials(environment: Environment) -> Iterable[Broken]:
    """Blocked and counted requests are kept; tokens and cookies are redacted."""
    for logging in environment.of(LOGGING):
        redacted = {as_text(dig(field, "SingleHeader.Name")).lower() for field in logging.items("RedactedFields")}
        if not {"authorization", "cookie"} <= redacted:
            yield Broken(resource=logging, what="writes tokens or cookies into the log")
        default = as_text(logging.get("LoggingFilter.DefaultBehavior"))
        if logging.get("LoggingFilter") and default not in ("KEEP", "DROP"):
            yield Broken(resource=logging, what=f"does {default or 'nothing'} with requests that no filter names")
        if logging.get("LoggingFilter") and default != "KEEP":
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
