"""What SageMaker may do for the model that it serves."""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from .image import SCIKIT_LEARN_IMAGE


class ServingRole(Construct):
    """The model's execution role: fetch image and artifact, write logs and metrics, stand in the VPC; nothing more.

    Actions are those of the SageMaker Developer Guide, "CreateModel API: execution role permissions", each narrowed to
    the resources of this endpoint where the action allows it.

    Attributes:
        arn: of the role.
        policy: what it may do; whoever takes the role must wait for it.
    """

    def __init__(  # noqa: PLR0913 - each is one resource that the role is narrowed to
        self,
        scope: Construct,
        construct_id: str,
        *,
        artifact: s3_assets.Asset,
        key: kms.IKey,
        log_group: logs.ILogGroup,
        subnet_ids: Sequence[str],
        security_group: ec2.ISecurityGroup,
    ) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        role = iam.Role(
            self,
            "Role",
            description="Flux model serving",
            assumed_by=iam.ServicePrincipal(
                "sagemaker.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": stack.account}}
            ),
        )
        self.policy = iam.ManagedPolicy(
            self,
            "Policy",
            description="Flux model serving",
            roles=[role],
            statements=[
                *_fetch(artifact),
                *_report(log_group),
                *_attach(stack, subnet_ids, security_group),
                _encrypt(key),
            ],
        )
        self.arn = role.role_arn


def _fetch(artifact: s3_assets.Asset) -> list[iam.PolicyStatement]:
    return [
        # Every published archive, not only the newest: instances of the model before it may still have to start. CDK
        # names an asset by its hash and its last suffix, so model.tar.gz becomes <hash>.gz; bundles are .zip.
        iam.PolicyStatement(actions=["s3:GetObject"], resources=[artifact.bucket.arn_for_objects("*.gz")]),
        iam.PolicyStatement(
            actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            resources=[SCIKIT_LEARN_IMAGE.repository_arn],
        ),
        iam.PolicyStatement(actions=["ecr:GetAuthorizationToken"], resources=["*"]),  # has no resource level
    ]


def _report(log_group: logs.ILogGroup) -> list[iam.PolicyStatement]:
    return [
        iam.PolicyStatement(
            # Not CreateLogGroup: a late line would make the group anew after a deployment that failed had deleted it,
            # and the next one could not create it.
            actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            resources=[log_group.log_group_arn],
        ),
        iam.PolicyStatement(
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],  # has no resource level; the namespace narrows it
            conditions={"StringEquals": {"cloudwatch:namespace": ["AWS/SageMaker", "/aws/sagemaker/Endpoints"]}},
        ),
    ]


def _attach(stack: Stack, subnet_ids: Sequence[str], security_group: ec2.ISecurityGroup) -> list[iam.PolicyStatement]:
    def ec2_arn(resource: str, name: str) -> str:
        return stack.format_arn(service="ec2", resource=resource, resource_name=name)

    interfaces = ec2_arn("network-interface", "*")
    return [
        iam.PolicyStatement(
            actions=["ec2:CreateNetworkInterface"],
            resources=[
                interfaces,
                ec2_arn("security-group", security_group.security_group_id),
                *(ec2_arn("subnet", subnet_id) for subnet_id in subnet_ids),
            ],
        ),
        iam.PolicyStatement(
            actions=[
                "ec2:CreateNetworkInterfacePermission",
                "ec2:DeleteNetworkInterface",
                "ec2:DeleteNetworkInterfacePermission",
            ],
            resources=[interfaces],
        ),
        iam.PolicyStatement(
            actions=[
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ],
            resources=["*"],  # Describe actions have no resource level
        ),
    ]


def _encrypt(key: kms.IKey) -> iam.PolicyStatement:
    # The instances' volumes are encrypted through a grant, which only AWS services may be given.
    return iam.PolicyStatement(
        actions=["kms:CreateGrant"],
        resources=[key.key_arn],
        conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
    )
