"""What somebody must hear of when it happens in an account: CIS AWS Foundations 5.1 to 5.15, as data."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Watched:
    """Events that raise an alarm.

    requirement: of CIS AWS Foundations 7.0. subject: ends in the alarm's name. pattern: of CloudWatch Logs, over the
    trail's events (CIS gives it under "Remediation"). meaning: what has happened, for the e-mail.
    """

    requirement: str
    subject: str
    pattern: str
    meaning: str


def _any_of(*events: str) -> str:
    """Return the pattern of events by name."""
    return " || ".join(f'($.eventName = "{event}")' for event in events)


_IAM_CHANGES = _any_of(
    *("DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "PutGroupPolicy", "PutRolePolicy", "PutUserPolicy"),
    *("CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion"),
    *("AttachRolePolicy", "DetachRolePolicy", "AttachUserPolicy", "DetachUserPolicy"),
    *("AttachGroupPolicy", "DetachGroupPolicy"),
)
_S3_CHANGES = _any_of(
    *("PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle", "PutBucketReplication"),
    *("DeleteBucketPolicy", "DeleteBucketCors", "DeleteBucketLifecycle", "DeleteBucketReplication"),
)
_ORGANIZATION_CHANGES = _any_of(
    *("AcceptHandshake", "AttachPolicy", "CreateAccount", "CreateOrganizationalUnit", "CreatePolicy"),
    *("DeclineHandshake", "DeleteOrganization", "DeleteOrganizationalUnit", "DeletePolicy", "DetachPolicy"),
    *("DisablePolicyType", "EnablePolicyType", "InviteAccountToOrganization", "LeaveOrganization", "MoveAccount"),
    *("RemoveAccountFromOrganization", "UpdatePolicy", "UpdateOrganizationalUnit"),
)

WATCHED = (
    Watched(
        requirement="5.1",
        subject="calls-refused",
        pattern='(($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*")) && '
        '($.sourceIPAddress != "delivery.logs.amazonaws.com") && ($.eventName != "HeadBucket")',
        meaning="Somebody or something called AWS without having the right to.",
    ),
    Watched(
        requirement="5.2",
        subject="sign-in-without-mfa",
        pattern='($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && '
        '($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success")',
        meaning="An IAM user signed in to the console without a second factor.",
    ),
    Watched(
        requirement="5.3",
        subject="root-used",
        pattern='($.userIdentity.type = "Root") && ($.userIdentity.invokedBy NOT EXISTS) && '
        '($.eventType != "AwsServiceEvent")',
        meaning="Somebody used the account's root user.",
    ),
    Watched(
        requirement="5.4",
        subject="iam-policy-changed",
        pattern=f'($.eventSource = "iam.amazonaws.com") && ({_IAM_CHANGES})',
        meaning="A policy of IAM was changed; each deployment that touches a role does so too.",
    ),
    Watched(
        requirement="5.5",
        subject="trail-changed",
        pattern=_any_of("CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"),
        meaning="What CloudTrail records was changed or stopped.",
    ),
    Watched(
        requirement="5.6",
        subject="sign-in-failed",
        pattern='($.eventName = "ConsoleLogin") && ($.errorMessage = "Failed authentication")',
        meaning="Somebody failed to sign in to the console.",
    ),
    Watched(
        requirement="5.7",
        subject="key-disabled",
        pattern=f'($.eventSource = "kms.amazonaws.com") && ({_any_of("DisableKey", "ScheduleKeyDeletion")})',
        meaning="A key was disabled or will be deleted; what it encrypts cannot be read then.",
    ),
    Watched(
        requirement="5.8",
        subject="bucket-policy-changed",
        pattern=f'($.eventSource = "s3.amazonaws.com") && ({_S3_CHANGES})',
        meaning="Who may read a bucket, or how long it keeps what it holds, was changed.",
    ),
    Watched(
        requirement="5.9",
        subject="config-changed",
        pattern='($.eventSource = "config.amazonaws.com") && ('
        + _any_of(
            "StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel", "PutConfigurationRecorder"
        )
        + ")",
        meaning="What AWS Config records was changed or stopped.",
    ),
    Watched(
        requirement="5.10",
        subject="security-group-changed",
        pattern=_any_of(
            *("AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"),
            *("RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress", "ModifySecurityGroupRules"),
            *("CreateSecurityGroup", "DeleteSecurityGroup"),
        ),
        meaning="A security group was changed; previews of pull requests do so too.",
    ),
    Watched(
        requirement="5.11",
        subject="network-acl-changed",
        pattern=_any_of(
            *("CreateNetworkAcl", "CreateNetworkAclEntry", "DeleteNetworkAcl", "DeleteNetworkAclEntry"),
            *("ReplaceNetworkAclEntry", "ReplaceNetworkAclAssociation"),
        ),
        meaning="A network ACL was changed; Flux has none of its own.",
    ),
    Watched(
        requirement="5.12",
        subject="gateway-changed",
        pattern=_any_of(
            *("CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway", "CreateInternetGateway"),
            *("DeleteInternetGateway", "DetachInternetGateway"),
        ),
        meaning="A way from a network to the outside was opened or closed.",
    ),
    Watched(
        requirement="5.13",
        subject="route-changed",
        pattern='($.eventSource = "ec2.amazonaws.com") && ('
        + _any_of(
            *("CreateRoute", "CreateRouteTable", "ReplaceRoute", "ReplaceRouteTableAssociation"),
            *("DeleteRouteTable", "DeleteRoute", "DisassociateRouteTable"),
        )
        + ")",
        meaning="Traffic was led another way.",
    ),
    Watched(
        requirement="5.14",
        subject="vpc-changed",
        pattern=_any_of(
            *("CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection"),
            *("CreateVpcPeeringConnection", "DeleteVpcPeeringConnection", "RejectVpcPeeringConnection"),
            *("AttachClassicLinkVpc", "DetachClassicLinkVpc", "DisableVpcClassicLink", "EnableVpcClassicLink"),
        ),
        meaning="A network was made, deleted or joined to another.",
    ),
    Watched(
        requirement="5.15",
        subject="organization-changed",
        pattern=f'($.eventSource = "organizations.amazonaws.com") && ({_ORGANIZATION_CHANGES})',
        meaning="The organization, or what it allows its accounts, was changed.",
    ),
)
