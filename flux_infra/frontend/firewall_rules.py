"""What the web ACL stops, in the order in which it looks."""

from aws_cdk import aws_wafv2 as wafv2

Statement = wafv2.CfnWebACL.StatementProperty

AUTH_PATH = "/api/v1/auth/"
WEBHOOK_PATH = "/api/v1/webhooks/"

# Sign-ins from one address in a minute, before anyone is known (Flux's limit for unauthenticated addresses).
AUTH_REQUESTS_PER_MINUTE = 20

# Everything from one address in a minute. A whole restaurant may make 1,000 API calls, often from one address; as much
# again for its page loads. Beyond that it is not a restaurant.
ADDRESS_REQUESTS_PER_MINUTE = 2_000

TOO_MANY_REQUESTS = "too-many-requests"

# The label that the common rules put on a body over 8 KB ("Core rule set", AWS WAF Developer Guide).
LARGE_BODY_LABEL = "awswaf:managed:aws:core-rule-set:SizeRestrictions_Body"


def build_rules() -> list[wafv2.CfnWebACL.RuleProperty]:
    """Return the rules with ascending priorities.

    Webhooks are treated apart twice. A large order is more than the 8 KB that the common rules allow, so they only
    label large bodies and a rule of ours blocks them elsewhere. And a provider sends every restaurant's sales from few
    addresses (thousands a second), so the rate limit per address leaves them out: they are signed, and API Gateway's
    throttle holds for them.
    """
    rules = (
        _managed("ip-reputation", "AWSManagedRulesAmazonIpReputationList"),
        _managed("known-bad-inputs", "AWSManagedRulesKnownBadInputsRuleSet"),
        _managed("common", "AWSManagedRulesCommonRuleSet", only_counted="SizeRestrictions_BODY"),
        _blocked("large-body", _all(_labelled(LARGE_BODY_LABEL), _not(_is_webhook()))),
        _limited("sign-in-rate", AUTH_REQUESTS_PER_MINUTE, _path_begins(AUTH_PATH)),
        _limited("address-rate", ADDRESS_REQUESTS_PER_MINUTE, _not(_is_webhook())),
    )
    return [
        wafv2.CfnWebACL.RuleProperty(
            name=name,
            priority=priority,
            statement=statement,
            action=action,
            override_action=None if action else wafv2.CfnWebACL.OverrideActionProperty(none={}),
            visibility_config=visibility(name),
        )
        for priority, (name, statement, action) in enumerate(rules)
    ]


def visibility(name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    """Return what makes a rule visible: a CloudWatch metric under its name, and samples of what it matched."""
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        metric_name=name, cloud_watch_metrics_enabled=True, sampled_requests_enabled=True
    )


type _Rule = tuple[str, Statement, wafv2.CfnWebACL.RuleActionProperty | None]


def _managed(name: str, group: str, *, only_counted: str | None = None) -> _Rule:
    count = wafv2.CfnWebACL.RuleActionProperty(count=wafv2.CfnWebACL.CountActionProperty())
    overrides = (
        [wafv2.CfnWebACL.RuleActionOverrideProperty(name=only_counted, action_to_use=count)] if only_counted else None
    )
    statement = Statement(
        managed_rule_group_statement=wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(
            vendor_name="AWS", name=group, rule_action_overrides=overrides
        )
    )
    return name, statement, None


def _blocked(name: str, statement: Statement) -> _Rule:
    return name, statement, wafv2.CfnWebACL.RuleActionProperty(block=wafv2.CfnWebACL.BlockActionProperty())


def _limited(name: str, per_minute: int, among: Statement) -> _Rule:
    statement = Statement(
        rate_based_statement=wafv2.CfnWebACL.RateBasedStatementProperty(
            aggregate_key_type="IP", limit=per_minute, evaluation_window_sec=60, scope_down_statement=among
        )
    )
    retry_after = wafv2.CfnWebACL.CustomHTTPHeaderProperty(name="Retry-After", value="60")
    response = wafv2.CfnWebACL.CustomResponseProperty(
        response_code=429, custom_response_body_key=TOO_MANY_REQUESTS, response_headers=[retry_after]
    )
    action = wafv2.CfnWebACL.RuleActionProperty(block=wafv2.CfnWebACL.BlockActionProperty(custom_response=response))
    return name, statement, action


def _path_begins(path: str) -> Statement:
    """A path must not slip by for being written otherwise: %61pi, %2561pi, //api, /x/../api.

    Decoded twice, because it is decoded once more on its way to the function, which refuses what is encoded still.
    """
    return _path_spelled(path, "URL_DECODE", "URL_DECODE_UNI", "NORMALIZE_PATH")


def _is_webhook() -> Statement:
    """Providers spell the path as it is; whoever spells it otherwise is not excepted from anything."""
    return _all(_path_spelled(WEBHOOK_PATH, "NONE"), _path_begins(WEBHOOK_PATH))


def _path_spelled(path: str, *transformed: str) -> Statement:
    transformations = [
        wafv2.CfnWebACL.TextTransformationProperty(priority=priority, type=kind)
        for priority, kind in enumerate(transformed)
    ]
    return Statement(
        byte_match_statement=wafv2.CfnWebACL.ByteMatchStatementProperty(
            search_string=path,
            positional_constraint="STARTS_WITH",
            field_to_match=wafv2.CfnWebACL.FieldToMatchProperty(uri_path={}),
            text_transformations=transformations,
        )
    )


def _labelled(label: str) -> Statement:
    return Statement(label_match_statement=wafv2.CfnWebACL.LabelMatchStatementProperty(scope="LABEL", key=label))


def _not(statement: Statement) -> Statement:
    return Statement(not_statement=wafv2.CfnWebACL.NotStatementProperty(statement=statement))


def _all(*statements: Statement) -> Statement:
    return Statement(and_statement=wafv2.CfnWebACL.AndStatementProperty(statements=list(statements)))
