"""The SageMaker endpoint that answers with forecasts."""

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from ..config import FluxConfig
from ..constructs.log_group import build_log_group
from ..constructs.removal import state_removal
from ..network.endpoints import S3_PREFIX_LIST
from .guardrails import Guardrails
from .image import SCIKIT_LEARN_IMAGE
from .role import ServingRole

# How SageMaker's scikit-learn container finds the code inside model.tar.gz: "script mode" (SageMaker Python SDK,
# "Using Scikit-learn with the SageMaker Python SDK", SKLearnModel.prepare_container_def).
SCRIPT_MODE = {
    "SAGEMAKER_PROGRAM": "inference.py",
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    "SAGEMAKER_CONTAINER_LOG_LEVEL": "20",  # INFO
    "SAGEMAKER_REGION": "us-east-1",
}


class ForecastEndpoint(Construct):
    """One model behind one endpoint, which keeps its name while models come and go.

    The containers have no network of their own (isolation), their instances stand in the VPC and reach S3 alone, and
    their disks are encrypted with our key. A model and its endpoint configuration never change: another artifact is
    another pair, with logical ids of its own, and the endpoint is moved to it, where `bake_minutes` says so by canary.
    Outside ephemeral environments the earlier pairs are kept, so that going back is one UpdateEndpoint. The endpoint
    itself is not: it can be had again from any pair, and a stack cannot be deleted while instances stand in its
    security group.

    Attributes:
        name: what InvokeEndpoint asks for. Ours, because the log group must exist before the endpoint first writes.
        arn: of the endpoint.
        variant: name of the one production variant; a dimension of the endpoint's metrics.
    """

    def __init__(  # noqa: PLR0913 - each is one thing the endpoint stands on
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        vpc: ec2.IVpc,
        key: kms.IKey,
        artifact: s3_assets.Asset,
    ) -> None:
        super().__init__(scope, construct_id)
        self.name = f"flux-{config.name}-forecast"
        self.variant = "primary"
        self._removal = state_removal(config)
        # The name is SageMaker's. Made by us first, or the endpoint makes it and keeps logs for ever.
        log_group = build_log_group(self, "Logs", config=config, name=f"/aws/sagemaker/Endpoints/{self.name}", key=key)
        model = self._model(vpc, artifact, key, log_group)
        endpoint = sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=self.name,
            endpoint_config_name=self._endpoint_config(config, model, artifact, key).attr_endpoint_config_name,
        )
        endpoint.node.add_dependency(log_group)
        if config.model.bake_minutes:
            guardrails = Guardrails(self, "Guardrails", config=config, endpoint_name=self.name, variant=self.variant)
            endpoint.deployment_config = guardrails.deployment
            endpoint.node.add_dependency(guardrails)
        self.arn = Stack.of(self).format_arn(service="sagemaker", resource="endpoint", resource_name=self.name)

    def _model(
        self, vpc: ec2.IVpc, artifact: s3_assets.Asset, key: kms.IKey, log_group: logs.ILogGroup
    ) -> sagemaker.CfnModel:
        subnets = vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        security_group = self._security_group(vpc)
        role = ServingRole(
            self,
            "Role",
            artifact=artifact,
            key=key,
            log_group=log_group,
            subnet_ids=subnets.subnet_ids,
            security_group=security_group,
        )
        model = sagemaker.CfnModel(
            self,
            f"Model{artifact.asset_hash[:8]}",
            execution_role_arn=role.arn,
            enable_network_isolation=True,
            primary_container=sagemaker.CfnModel.ContainerDefinitionProperty(
                image=SCIKIT_LEARN_IMAGE.uri, model_data_source=_data_source(artifact), environment=SCRIPT_MODE
            ),
            vpc_config=sagemaker.CfnModel.VpcConfigProperty(
                subnets=subnets.subnet_ids, security_group_ids=[security_group.security_group_id]
            ),
        )
        # The role's policy and the way to S3 are resources of their own, and the artifact is fetched through both.
        ways = (rule for rule in security_group.node.children if isinstance(rule, ec2.CfnSecurityGroupEgress))
        model.node.add_dependency(role.policy, *ways)
        model.apply_removal_policy(self._removal)
        return model

    def _security_group(self, vpc: ec2.IVpc) -> ec2.SecurityGroup:
        group = ec2.SecurityGroup(
            self, "SecurityGroup", vpc=vpc, description="Flux model serving instances", allow_all_outbound=False
        )
        # SageMaker fetches the artifact through the VPC, by its S3 gateway endpoint; nothing else is called.
        group.add_egress_rule(ec2.Peer.prefix_list(S3_PREFIX_LIST), ec2.Port.tcp(443), "S3: the model artifact")
        return group

    def _endpoint_config(
        self, config: FluxConfig, model: sagemaker.CfnModel, artifact: s3_assets.Asset, key: kms.IKey
    ) -> sagemaker.CfnEndpointConfig:
        endpoint_config = sagemaker.CfnEndpointConfig(
            self,
            f"Config{artifact.asset_hash[:8]}",
            kms_key_id=key.key_arn,
            production_variants=[
                sagemaker.CfnEndpointConfig.ProductionVariantProperty(
                    variant_name=self.variant,
                    model_name=model.attr_model_name,
                    instance_type=f"ml.{config.model.instance_class}",
                    initial_instance_count=config.model.instances,
                    initial_variant_weight=1,
                )
            ],
        )
        endpoint_config.apply_removal_policy(self._removal)
        return endpoint_config


def _data_source(artifact: s3_assets.Asset) -> sagemaker.CfnModel.ModelDataSourceProperty:
    """Say what the artifact is, where `ModelDataUrl` would infer it from its name.

    `ModelDataUrl` asks for an object that ends in .tar.gz (SageMaker API Reference, "ContainerDefinition"); CDK names
    an asset by its hash and last suffix alone. `S3DataSource` asks for no ending, because it is told the compression
    (SageMaker API Reference, "S3ModelDataSource").
    """
    return sagemaker.CfnModel.ModelDataSourceProperty(
        s3_data_source=sagemaker.CfnModel.S3DataSourceProperty(
            s3_data_type="S3Object", compression_type="Gzip", s3_uri=artifact.s3_object_url
        )
    )
