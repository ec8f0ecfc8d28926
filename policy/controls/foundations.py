"""CIS AWS Foundations Benchmark 7.0."""

from collections.abc import Mapping

from flux_infra.account.changes import WATCHED

from .answers import Answer, ByHand, Met, NotApplicable, Open, account, rules
from .network import OPEN_NETWORK_ACL

_HUB = ("PostureCis",)
_NO_USERS = "have no IAM users: people sign in through IAM Identity Center, functions and workflows take roles"
_OTHER_REGIONS = (
    "the baseline sets it in the region that Flux uses; in the others, which Flux does not use, let a service control "
    "policy of the organization forbid everything"
)


def _alarm_of(subject: str) -> str:
    return "Changes" + "".join(word.capitalize() for word in subject.split("-"))


ANSWERS: Mapping[str, Answer] = {
    "2.1.1": ByHand(what="manage root access centrally, in the organization's management account"),
    "2.1.2": ByHand(what="write service control policies for the organization's units"),
    "2.1.3": ByHand(what="keep Flux out of the management account; each environment has an account of its own"),
    "2.1.4": ByHand(what="put the accounts of production and of trials into different units"),
    "2.1.5": ByHand(what="delegate the organization's policies to an account of its own"),
    "2.1.6": ByHand(what="delegate GuardDuty, Security Hub and Config to a security account"),
    "2.2": ByHand(what="keep the account's contact details up to date"),
    "2.3": account("SettingsSecurityContact"),
    "2.4": ByHand(what="delete the root user's access keys", watched=_HUB),
    "2.5": ByHand(what="give the root user a second factor", watched=_HUB),
    "2.6": ByHand(what="give the root user a hardware key", watched=_HUB),
    "2.7": ByHand(what="do not sign in as the root user", watched=("ChangesRootUsed",)),
    "2.8": account("SettingsPasswordPolicy"),
    "2.9": account("SettingsPasswordPolicy"),
    "2.10": ByHand(what=_NO_USERS, watched=_HUB),
    "2.11": ByHand(what=_NO_USERS, watched=_HUB),
    "2.12": ByHand(what=_NO_USERS, watched=_HUB),
    "2.13": rules("IAM-ATTACHED", note="Flux makes no users; see 2.19 for people"),
    "2.14": Open(
        why="CloudFormation deploys as CDK's bootstrapped role, an administrator unless it was bootstrapped with "
        "--cloudformation-execution-policies (decision 0020); Flux's own roles carry what they need (gate: IAM-LEAST)"
    ),
    "2.15": account("Support"),
    "2.16": NotApplicable(reason="Flux has no EC2 instances", absent=("AWS::EC2::Instance",)),
    "2.17": NotApplicable(
        reason="certificates are ACM's; none is stored in IAM", absent=("AWS::IAM::ServerCertificate",)
    ),
    "2.18": Open(why=f"PostureAccessAnalyzer in Flux-account: {_OTHER_REGIONS}"),
    "2.19": ByHand(what=_NO_USERS, watched=_HUB),
    "2.20": rules("IAM-MANAGED", note="no role of Flux carries the policy; for people it is the organization's to say"),
    "2.21": rules("S3-POLICY", "SQS-POLICY", "SNS-POLICY", "KMS-POLICY", "API-PERMISSION", "VPC-ENDPOINT-POLICY"),
    "3.1.1": rules("S3-POLICY"),
    "3.1.2": Open(
        why="MFA delete needs the root user and forbids the lifecycle rules that keep old versions for 90 days"
    ),
    "3.1.3": account("PostureMacie"),
    "3.1.4": Met(
        rules=("S3-NO-PUBLIC-ACL", "S3-NO-PUBLIC-POLICY", "S3-IGNORE-ACL", "S3-RESTRICTED"),
        account=("SettingsPublicAccessBlock",),
    ),
    "3.2.1": rules("RDS-ENCRYPTED", "RDS-OWN-KEY"),
    "3.2.2": rules("RDS-MINOR-UPGRADES"),
    "3.2.3": rules("RDS-PRIVATE", "RDS-SUBNETS"),
    "3.2.4": rules("RDS-STANDBY", note="dev opts out, and says why"),
    "3.3.1": NotApplicable(reason="Flux does not use EFS", absent=("AWS::EFS::",)),
    "4.1": account("Trail"),
    "4.2": account("Trail"),
    "4.3": Open(why=f"ConfigRecorder in Flux-account: {_OTHER_REGIONS}"),
    "4.4": account("TrailRecordsBucket", "TrailRecordsAccessLogs"),
    "4.5": account("Trail", "AuditKey"),
    "4.6": Met(
        rules=("KMS-ROTATION",),
        tests=("tests/infra/test_account.py::test_the_key_rotates_stays_and_serves_this_account_only",),
    ),
    "4.7": rules("FLOW-ALL", "FLOW-VPC"),
    "4.8": account("Trail", note="dev opts out, and says why"),
    "4.9": account("Trail", note="dev opts out, and says why"),
    "4.10": rules("CDN-LOGS", "API-ACCESS-LOG", "API-LOG-FORMAT"),
    **{watched.requirement: account(_alarm_of(watched.subject)) for watched in WATCHED},
    "5.16": account("PostureHub", "PostureFoundational", "PostureCis"),
    "6.1.1": Open(why=f"SettingsEbsEncryption in Flux-account: {_OTHER_REGIONS}"),
    "6.1.2": rules("SG-NO-OPEN-INGRESS"),
    "6.2": Open(why=OPEN_NETWORK_ACL),
    "6.3": rules("SG-NO-OPEN-INGRESS"),
    "6.4": rules("SG-NO-OPEN-INGRESS"),
    "6.5": rules("VPC-DEFAULT-GROUP"),
    "6.6": NotApplicable(reason="Flux's VPCs are joined to no other", absent=("AWS::EC2::VPCPeeringConnection",)),
    "6.7": NotApplicable(reason="Flux has no EC2 instances", absent=("AWS::EC2::Instance", "AWS::EC2::LaunchTemplate")),
    "6.8": rules("VPC-ENDPOINTS", "VPC-S3"),
}
