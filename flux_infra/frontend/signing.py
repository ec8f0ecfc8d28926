"""DNSSEC for a hosted zone of ours: answers that nobody on the way can forge."""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_route53 as route53
from constructs import Construct

from ..config import FluxConfig
from ..constructs.key import refuse_grants


class ZoneSigning(Construct):
    """Signs the zone. Resolvers check it from the day on which the parent zone names its key (docs/runbooks).

    Key, key-signing key and signing all stay when they leave the template, whatever the environment: while the parent
    zone names the key, an unsigned zone is one that resolvers refuse to answer for.
    """

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig, zone: route53.IHostedZone) -> None:
        super().__init__(scope, construct_id)
        key_signing_key = route53.CfnKeySigningKey(
            self,
            "KeySigningKey",
            hosted_zone_id=zone.hosted_zone_id,
            key_management_service_arn=self._key(config, zone).key_arn,
            name=f"flux_{config.name.replace('-', '_')}",  # letters, digits and '_' only
            status="ACTIVE",
        )
        key_signing_key.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        signing = route53.CfnDNSSEC(self, "Dnssec", hosted_zone_id=zone.hosted_zone_id)
        signing.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        signing.add_dependency(key_signing_key)

    def _key(self, config: FluxConfig, zone: route53.IHostedZone) -> kms.Key:
        """Return a key as Route 53 asks for it, for this zone alone.

        "Working with customer managed keys for DNSSEC", Route 53 Developer Guide. KMS rotates no asymmetric key.
        """
        key = kms.Key(
            self,
            "Key",
            description=f"Flux {config.name}: signs {zone.zone_name}",
            key_spec=kms.KeySpec.ECC_NIST_P256,
            key_usage=kms.KeyUsage.SIGN_VERIFY,
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        of_this_zone = {
            "StringEquals": {"aws:SourceAccount": Stack.of(self).account},
            "ArnEquals": {"aws:SourceArn": zone.hosted_zone_arn},
        }
        of_a_service = {"Bool": {"kms:GrantIsForAWSResource": "true"}}  # AWS documents no zone for this call
        for actions, conditions in (
            (["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign"], of_this_zone),
            (["kms:CreateGrant"], of_a_service),
        ):
            key.add_to_resource_policy(
                iam.PolicyStatement(
                    principals=[iam.ServicePrincipal("dnssec-route53.amazonaws.com")],
                    actions=actions,
                    resources=["*"],  # in a key policy: this key
                    conditions=conditions,
                )
            )
        refuse_grants(key)
        return key
