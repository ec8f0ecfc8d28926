import json
from typing import cast

import pytest
from aws_cdk.assertions import Match

from flux_infra.constructs.origin import ORIGIN_HEADER
from flux_infra.constructs.site_manifest import HASHED_FILES, MISSING
from tests.infra.frontend_template import (
    BUCKET,
    DISTRIBUTION,
    WEB_ACL,
    Json,
    at,
    behavior_named,
    behavior_of,
    distribution_config,
    joined,
    log_bucket,
    origin_of,
    rule_of,
    rules_of,
    site_bucket,
)
from tests.infra.templates import Templates, properties, resources

HEADERS = "AWS::CloudFront::ResponseHeadersPolicy"

# "Use managed cache policies" and "Use managed origin request policies", CloudFront Developer Guide.
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

# The buckets


def test_no_bucket_is_public_or_speaks_plain_http(environment: Templates) -> None:
    buckets = resources(environment.frontend, BUCKET)
    environment.frontend.all_resources_properties(
        BUCKET,
        {
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
            "VersioningConfiguration": {"Status": "Enabled"},
        },
    )
    for bucket_id in buckets:
        environment.frontend.has_resource_properties(
            "AWS::S3::BucketPolicy",
            {
                "Bucket": {"Ref": bucket_id},
                "PolicyDocument": {
                    "Statement": Match.array_with(
                        [Match.object_like({"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}})]
                    )
                },
            },
        )


def test_only_this_distribution_may_read_the_site(environment: Templates) -> None:
    policy = next(
        p
        for p in properties(environment.frontend, "AWS::S3::BucketPolicy")
        if p["Bucket"] == {"Ref": site_bucket(environment)}
    )
    statements = cast("list[Json]", cast("Json", policy["PolicyDocument"])["Statement"])
    # A ephemeral environment's bucket may also be emptied, which reads no object.
    (allowed,) = (s for s in statements if s["Effect"] == "Allow" and "s3:DeleteObject*" not in str(s["Action"]))
    (distribution_id,) = resources(environment.frontend, DISTRIBUTION)

    assert allowed["Action"] == "s3:GetObject"
    assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert {"Ref": distribution_id} in joined(at(allowed, "Condition", "StringEquals", "AWS:SourceArn"))


def test_who_read_the_site_is_recorded_and_forgotten_in_time(environment: Templates) -> None:
    environment.frontend.has_resource_properties(
        BUCKET,
        {"LoggingConfiguration": {"DestinationBucketName": {"Ref": log_bucket(environment)}, "LogFilePrefix": "site/"}},
    )
    logs = cast("Json", resources(environment.frontend, BUCKET)[log_bucket(environment)]["Properties"])
    (rule,) = cast("list[Json]", at(logs, "LifecycleConfiguration", "Rules"))
    assert rule["ExpirationInDays"] == environment.config.log_days


# The distribution


def test_the_site_is_cached_compressed_and_never_plain_http(environment: Templates) -> None:
    environment.frontend.has_resource_properties(
        DISTRIBUTION,
        {
            "DistributionConfig": Match.object_like(
                {
                    "DefaultRootObject": "index.html",
                    "DefaultCacheBehavior": Match.object_like(
                        {
                            "CachePolicyId": CACHING_OPTIMIZED,
                            "Compress": True,
                            "ViewerProtocolPolicy": "redirect-to-https",
                        }
                    ),
                }
            )
        },
    )


def test_the_site_comes_from_its_bucket_by_origin_access_control(environment: Templates) -> None:
    origin = origin_of(environment.frontend, behavior_named(environment.frontend, "DefaultCacheBehavior"))

    assert origin["DomainName"] == {"Fn::GetAtt": [site_bucket(environment), "RegionalDomainName"]}
    assert "OriginAccessControlId" in origin
    environment.frontend.has_resource_properties(
        "AWS::CloudFront::OriginAccessControl",
        {"OriginAccessControlConfig": Match.object_like({"SigningBehavior": "always", "SigningProtocol": "sigv4"})},
    )


def test_the_api_is_never_cached_and_gets_the_whole_request(environment: Templates) -> None:
    behavior = behavior_of(environment.frontend, "/api/*")

    assert behavior["CachePolicyId"] == CACHING_DISABLED
    assert behavior["OriginRequestPolicyId"] == ALL_VIEWER_EXCEPT_HOST_HEADER
    assert behavior["ViewerProtocolPolicy"] == "https-only"
    assert "POST" in cast("list[str]", behavior["AllowedMethods"])


def test_the_api_is_reached_by_modern_tls_alone(environment: Templates) -> None:
    behavior = behavior_of(environment.frontend, "/api/*")
    origin = origin_of(environment.frontend, behavior)

    assert origin["CustomOriginConfig"] == {
        "OriginProtocolPolicy": "https-only",
        "OriginSSLProtocols": ["TLSv1.2"],
        "OriginReadTimeout": 30,
    }
    assert any(".execute-api.us-east-1." in str(part) for part in joined(origin["DomainName"]))


def test_cloudfront_proves_itself_to_the_api_by_a_secret_that_no_template_holds(environment: Templates) -> None:
    origin = origin_of(environment.frontend, behavior_of(environment.frontend, "/api/*"))
    (header,) = cast("list[dict[str, object]]", origin["OriginCustomHeaders"])
    value = joined(header["HeaderValue"])

    assert header["HeaderName"] == ORIGIN_HEADER
    assert (value[0], value[2]) == ("{{resolve:secretsmanager:", ":SecretString:value::}}")
    assert "RefSecretsOrigin" in json.dumps(value[1])


def test_the_sites_bucket_is_not_told_the_secret(environment: Templates) -> None:
    site = origin_of(environment.frontend, behavior_named(environment.frontend, "DefaultCacheBehavior"))

    assert "OriginCustomHeaders" not in site


def test_a_file_that_is_not_there_is_a_page_and_no_error_of_the_api_is(environment: Templates) -> None:
    """S3 answers 403 for what is not there, which the api never answers (tests/lambdas/test_strangers.py)."""
    assert distribution_config(environment.frontend)["CustomErrorResponses"] == [
        {"ErrorCode": 403, "ResponseCode": 404, "ResponsePagePath": f"/{MISSING}", "ErrorCachingMinTTL": 10}
    ]
    # The page is found without the functions that know the live release.
    assert MISSING.startswith(HASHED_FILES)


def test_who_called_cloudfront_is_recorded(environment: Templates) -> None:
    assert distribution_config(environment.frontend)["Logging"] == {
        "Bucket": {"Fn::GetAtt": [log_bucket(environment), "RegionalDomainName"]},
        "Prefix": "cloudfront/",
    }


@pytest.mark.parametrize("pattern", [None, "/api/*", "/_next/static/*"])
def test_every_answer_carries_security_headers(environment: Templates, pattern: str | None) -> None:
    behavior = (
        behavior_of(environment.frontend, pattern)
        if pattern
        else behavior_named(environment.frontend, "DefaultCacheBehavior")
    )
    reference = cast("dict[str, str]", behavior["ResponseHeadersPolicyId"])
    policy = cast("Json", resources(environment.frontend, HEADERS)[reference["Ref"]]["Properties"])
    headers = cast("dict[str, Json]", at(policy, "ResponseHeadersPolicyConfig", "SecurityHeadersConfig"))

    assert cast("int", headers["StrictTransportSecurity"]["AccessControlMaxAgeSec"]) >= 31_536_000
    assert headers["FrameOptions"]["FrameOption"] == "DENY"
    assert headers["ReferrerPolicy"]["ReferrerPolicy"] == "strict-origin-when-cross-origin"
    assert "frame-ancestors 'none'" in str(headers["ContentSecurityPolicy"]["ContentSecurityPolicy"])
    assert "default-src" in str(headers["ContentSecurityPolicy"]["ContentSecurityPolicy"])
    assert len(headers) == 5
    assert all(header["Override"] is True for header in headers.values())
    (permissions,) = cast("list[Json]", at(policy, "ResponseHeadersPolicyConfig", "CustomHeadersConfig", "Items"))
    assert (permissions["Header"], permissions["Override"]) == ("Permissions-Policy", True)
    assert {"camera=()", "geolocation=()", "microphone=()"} <= set(str(permissions["Value"]).split(", "))


def test_pages_may_load_their_own_files_and_obey_nothing_that_stands_in_them(environment: Templates) -> None:
    behavior = behavior_named(environment.frontend, "DefaultCacheBehavior")
    reference = cast("dict[str, str]", behavior["ResponseHeadersPolicyId"])
    policy = cast("Json", resources(environment.frontend, HEADERS)[reference["Ref"]]["Properties"])
    content = at(policy, "ResponseHeadersPolicyConfig", "SecurityHeadersConfig", "ContentSecurityPolicy")
    directives = str(cast("Json", content)["ContentSecurityPolicy"]).split("; ")

    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "object-src 'none'"} <= set(directives)
    assert {"base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"} <= set(directives)
    assert not [d for d in directives if "unsafe" in d or "nonce" in d or "sha256" in d or "*" in d or "http" in d]


# The firewall


def test_cloudfront_stands_behind_the_firewall(environment: Templates) -> None:
    (acl_id,) = resources(environment.frontend, WEB_ACL)
    environment.frontend.has_resource_properties(WEB_ACL, {"Scope": "CLOUDFRONT", "DefaultAction": {"Allow": {}}})
    assert distribution_config(environment.frontend)["WebACLId"] == {"Fn::GetAtt": [acl_id, "Arn"]}


def test_the_firewall_applies_awss_common_rules(environment: Templates) -> None:
    groups = {
        str(at(rule, "Statement", "ManagedRuleGroupStatement", "Name"))
        for rule in rules_of(environment.frontend)
        if "ManagedRuleGroupStatement" in cast("Json", rule["Statement"])
    }
    assert groups == {
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
    }


def test_every_rule_of_the_firewall_acts_and_can_be_seen(environment: Templates) -> None:
    rules = rules_of(environment.frontend)

    assert [rule["Priority"] for rule in rules] == list(range(len(rules)))
    for rule in rules:
        assert "Block" in cast("Json", rule.get("Action", {})) or rule.get("OverrideAction") == {"None": {}}
        visibility = cast("Json", rule["VisibilityConfig"])
        assert visibility["CloudWatchMetricsEnabled"] is True
        assert visibility["MetricName"] == rule["Name"]


def test_one_address_may_try_twenty_sign_ins_a_minute(environment: Templates) -> None:
    limit = cast("Json", at(rule_of(environment.frontend, "sign-in-rate"), "Statement", "RateBasedStatement"))

    assert (limit["AggregateKeyType"], limit["Limit"], limit["EvaluationWindowSec"]) == ("IP", 20, 60)
    assert at(limit, "ScopeDownStatement", "ByteMatchStatement", "SearchString") == "/api/v1/auth/"


def test_one_address_is_limited_everywhere_but_at_the_webhooks_which_share_the_providers_addresses(
    environment: Templates,
) -> None:
    limit = cast("Json", at(rule_of(environment.frontend, "address-rate"), "Statement", "RateBasedStatement"))

    assert limit["AggregateKeyType"] == "IP"
    # A restaurant's 1,000 requests a minute may all come from one address.
    assert cast("int", limit["Limit"]) > 1_000
    assert "/api/v1/webhooks/" in json.dumps(at(limit, "ScopeDownStatement", "NotStatement"))


def test_who_is_limited_is_told_so(environment: Templates) -> None:
    for name in ("sign-in-rate", "address-rate"):
        response = at(rule_of(environment.frontend, name), "Action", "Block", "CustomResponse")
        assert cast("Json", response)["ResponseCode"] == 429


def test_large_bodies_are_blocked_except_at_the_webhooks(environment: Templates) -> None:
    common = at(rule_of(environment.frontend, "common"), "Statement", "ManagedRuleGroupStatement")
    assert cast("Json", common)["RuleActionOverrides"] == [
        {"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}
    ]
    large = rule_of(environment.frontend, "large-body")
    label, _ = cast("list[Json]", at(large, "Statement", "AndStatement", "Statements"))
    assert at(label, "LabelMatchStatement", "Key") == "awswaf:managed:aws:core-rule-set:SizeRestrictions_Body"
    # The label must have been put on before it is looked for.
    assert cast("int", large["Priority"]) > cast("int", rule_of(environment.frontend, "common")["Priority"])


def test_a_path_written_otherwise_does_not_slip_by(environment: Templates) -> None:
    matched = at(
        rule_of(environment.frontend, "sign-in-rate"),
        "Statement",
        "RateBasedStatement",
        "ScopeDownStatement",
        "ByteMatchStatement",
    )
    transformations = cast("list[Json]", cast("Json", matched)["TextTransformations"])
    # Twice: HTTP APIs decode a path, too, and the api refuses one that is encoded still.
    assert [t["Type"] for t in transformations] == ["URL_DECODE", "URL_DECODE_UNI", "NORMALIZE_PATH"]


def test_only_the_webhooks_path_as_providers_spell_it_is_excepted(environment: Templates) -> None:
    limit = at(rule_of(environment.frontend, "address-rate"), "Statement", "RateBasedStatement")
    large = at(rule_of(environment.frontend, "large-body"), "Statement", "AndStatement", "Statements")
    for excepted in (at(limit, "ScopeDownStatement"), cast("list[Json]", large)[1]):
        both = cast("list[Json]", at(excepted, "NotStatement", "Statement", "AndStatement", "Statements"))
        matched = [cast("Json", one["ByteMatchStatement"]) for one in both]
        assert [one["SearchString"] for one in matched] == ["/api/v1/webhooks/"] * 2
        spelled = [[t["Type"] for t in cast("list[Json]", one["TextTransformations"])] for one in matched]
        assert spelled == [["NONE"], ["URL_DECODE", "URL_DECODE_UNI", "NORMALIZE_PATH"]]


def test_what_the_firewall_stopped_is_logged_without_credentials(environment: Templates) -> None:
    environment.frontend.has_resource_properties(
        "AWS::Logs::LogGroup",
        {
            "LogGroupName": f"aws-waf-logs-flux-{environment.config.name}",
            "RetentionInDays": environment.config.log_days,
        },
    )
    environment.frontend.has_resource_properties(
        "AWS::WAFv2::LoggingConfiguration",
        {"RedactedFields": [{"SingleHeader": {"Name": "authorization"}}, {"SingleHeader": {"Name": "cookie"}}]},
    )


# Its name


def test_without_a_domain_people_open_cloudfronts_name(environment: Templates) -> None:
    (distribution_id,) = resources(environment.frontend, DISTRIBUTION)
    domain = {"Fn::GetAtt": [distribution_id, "DomainName"]}

    environment.frontend.has_output("SiteUrl", {"Value": {"Fn::Join": ["", ["https://", domain]]}})
    environment.frontend.has_output("DistributionDomain", {"Value": domain})
    environment.frontend.has_output("DistributionId", {"Value": {"Ref": distribution_id}})
    assert not resources(environment.frontend, "AWS::Route53::RecordSet")
