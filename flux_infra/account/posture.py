"""What compares the account with the standards, all the time."""

from aws_cdk import aws_accessanalyzer as accessanalyzer
from aws_cdk import aws_macie as macie
from aws_cdk import aws_securityhub as securityhub
from constructs import Construct

# The newest CIS benchmark that Security Hub has; `docs/controls.md` is about the newest there is.
_STANDARDS = {
    "Foundational": "aws-foundational-security-best-practices/v/1.0.0",
    "Cis": "cis-aws-foundations-benchmark/v/5.0.0",
}


class Posture(Construct):
    """Security Hub with FSBP and CIS, IAM Access Analyzer, and Macie for what buckets hold."""

    def __init__(self, scope: Construct, construct_id: str, *, region: str) -> None:
        super().__init__(scope, construct_id)
        hub = securityhub.CfnHub(
            self,
            "Hub",
            auto_enable_controls=True,
            control_finding_generator="SECURITY_CONTROL",  # one finding per control, not one per standard
            enable_default_standards=False,  # they are the ones below, by name
        )
        for name, standard in _STANDARDS.items():
            securityhub.CfnStandard(
                self, name, standards_arn=f"arn:aws:securityhub:{region}::standards/{standard}"
            ).add_resource_dependency(hub)
        accessanalyzer.CfnAnalyzer(self, "AccessAnalyzer", analyzer_name="flux-account", type="ACCOUNT")
        macie.CfnSession(self, "Macie", status="ENABLED", finding_publishing_frequency="SIX_HOURS")
