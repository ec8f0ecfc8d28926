"""The web ACL in front of CloudFront, and the log of what it stopped."""

from aws_cdk import aws_kms as kms
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from ..config import FluxConfig
from ..constructs.log_group import build_log_group, log_group_arn
from .firewall_rules import TOO_MANY_REQUESTS, build_rules, visibility


class Firewall(Construct):
    """AWS's managed rules and Flux's own rate limits; everything that no rule stops is allowed.

    Attributes:
        arn: of the web ACL.
    """

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        acl = wafv2.CfnWebACL(
            self,
            "WebAcl",
            description=f"Flux {config.name}: what may reach CloudFront",
            scope="CLOUDFRONT",
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow=wafv2.CfnWebACL.AllowActionProperty()),
            visibility_config=visibility("web-acl"),
            # WAF knows plain JSON only; otherwise the same problem document as the API's own 429.
            custom_response_bodies={
                TOO_MANY_REQUESTS: wafv2.CfnWebACL.CustomResponseBodyProperty(
                    content_type="APPLICATION_JSON",
                    content='{"type":"about:blank","title":"Too Many Requests","status":429}',
                )
            },
            rules=build_rules(),
        )
        self.arn = acl.attr_arn
        self._log(acl, config, key)

    def _log(self, acl: wafv2.CfnWebACL, config: FluxConfig, key: kms.IKey) -> None:
        # WAF writes only to log groups named aws-waf-logs-*.
        log_group = build_log_group(self, "Logs", config=config, name=f"aws-waf-logs-flux-{config.name}", key=key)
        wafv2.CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=acl.attr_arn,
            log_destination_configs=[log_group_arn(log_group)],
            logging_filter=_ONLY_WHAT_A_RULE_MATCHED,
            redacted_fields=[
                wafv2.CfnLoggingConfiguration.FieldToMatchProperty(single_header={"Name": name})
                for name in ("authorization", "cookie")
            ],
        )


# Allowed requests are in CloudFront's own log; here they would cost more than all the rest.
_ONLY_WHAT_A_RULE_MATCHED = {
    "DefaultBehavior": "DROP",
    "Filters": [
        {
            "Behavior": "KEEP",
            "Requirement": "MEETS_ANY",
            "Conditions": [{"ActionCondition": {"Action": "BLOCK"}}, {"ActionCondition": {"Action": "COUNT"}}],
        }
    ],
}
