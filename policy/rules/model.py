"""The SageMaker model: isolated, in the VPC, encrypted, enough instances."""

import re
from collections.abc import Iterable

from flux_infra.ml.image import SCIKIT_LEARN_IMAGE

from ..finding import Broken, Rules
from ..model import Environment
from ..sizes import at_least_as_large
from ..statements import Grant, lacks, statements
from ..values import as_number, as_text
from ..wanted import ABSENT, TRUE, exactly, one_of
from .iam import attached

RULES = Rules()
MODEL = "AWS::SageMaker::Model"
CONFIG = "AWS::SageMaker::EndpointConfig"
ENDPOINT = "AWS::SageMaker::Endpoint"
ARTIFACT = "PrimaryContainer.ModelDataSource.S3DataSource"

RULES.demands(
    MODEL,
    ("ML-ISOLATED", "EnableNetworkIsolation", TRUE, "FSBP SageMaker.5", "set enable_network_isolation"),
    ("ML-ROLE", "ExecutionRoleArn", one_of("${Ml/ForecastRole.Arn}"), "FSBP SageMaker", "run as its own role"),
    (
        "ML-SECURITY-GROUP",
        "VpcConfig.SecurityGroupIds",
        exactly("${Ml/ForecastSecurityGroup.GroupId}"),
        "FSBP SageMaker.2",
        "place it behind its own group",
    ),
    (
        "ML-ARTIFACT-URL",
        "PrimaryContainer.ModelDataUrl",
        ABSENT,
        "SageMaker API Reference, ContainerDefinition: .tar.gz, which no asset's name ends in",
        "name the artifact by model_data_source",
    ),
    (
        "ML-ARTIFACT-OBJECT",
        f"{ARTIFACT}.S3DataType",
        one_of("S3Object"),
        "SageMaker API Reference, S3ModelDataSource",
        "a prefix would be every asset that begins alike; name the one archive",
    ),
    (
        "ML-ARTIFACT-GZIP",
        f"{ARTIFACT}.CompressionType",
        one_of("Gzip"),
        "SageMaker API Reference, S3ModelDataSource",
        "the archive is unpacked for Gzip only",
    ),
    (
        "ML-PROGRAM",
        "PrimaryContainer.Environment.SAGEMAKER_PROGRAM",
        one_of("inference.py"),
        "SageMaker scikit-learn container",
        "run model/code/inference.py",
    ),
    (
        "ML-REGION",
        "PrimaryContainer.Environment.SAGEMAKER_REGION",
        one_of("", "<region>"),
        "SageMaker scikit-learn container",
        "serve where it stands",
    ),
    (
        "ML-CODE",
        "PrimaryContainer.Environment.SAGEMAKER_SUBMIT_DIRECTORY",
        one_of("/opt/ml/model/code"),
        "SageMaker scikit-learn container",
        "run the code in the artifact, never code from elsewhere",
    ),
)
RULES.demands(
    CONFIG,
    ("ML-OWN-KEY", "KmsKeyId", one_of("${Ml/Key.Arn}", "${Ml/Key}"), "FSBP SageMaker; KMS", "encrypt its disks"),
)
RULES.demands(
    ENDPOINT,
    ("ML-ENDPOINT-NAME", "EndpointName", one_of("flux-<name>-forecast"), "building/naming.py", "keep the name"),
)


_MOST = 5  # times as many as configured; each costs by the hour, whether it is asked or not


@RULES.rule("ML-INSTANCES", source="FSBP SageMaker.4", remedy="run what configuration says, two where data is kept")
def enough_instances_serve(environment: Environment) -> Iterable[Broken]:
    """Two or more where a zone's failure must not stop forecasts."""
    settings = environment.config.model if environment.config else None
    for config in environment.of(CONFIG):
        variants = config.items("ProductionVariants")
        total = sum(as_number(variant.get("InitialInstanceCount")) or 0 for variant in variants)
        least = max(settings.instances if settings else 2, 2 if environment.kept else 1)
        if not least <= total <= _MOST * least:
            yield Broken(resource=config, what=f"serves with {total:g} instances; must be {least} to {_MOST * least}")
        kinds = {as_text(variant.get("InstanceType")) for variant in variants}
        if settings and not all(at_least_as_large(kind, f"ml.{settings.instance_class}") for kind in kinds):
            yield Broken(
                resource=config, what=f"serves on {sorted(kinds)}; configuration says {settings.instance_class}"
            )
        if [as_text(variant.get("VariantName")) for variant in variants] != ["primary"]:
            yield Broken(resource=config, what="does not serve by the variant primary, which alarms watch")
        if any((as_number(variant.get("InitialVariantWeight")) or 0) <= 0 for variant in variants):
            yield Broken(resource=config, what="has a variant without traffic")


@RULES.rule("ML-WIRED", source="SageMaker Developer Guide, Endpoints", remedy="endpoint -> configuration -> model")
def the_endpoint_serves_our_model(environment: Environment) -> Iterable[Broken]:
    """The configuration names a model of this stack, and the endpoint that configuration."""
    models = {model.refers("ModelName") for model in environment.of(MODEL)}
    configs = {config.refers("EndpointConfigName") for config in environment.of(CONFIG)}
    for config in environment.of(CONFIG):
        for index, _ in enumerate(config.items("ProductionVariants")):
            if config.text(f"ProductionVariants.{index}.ModelName") not in models:
                yield Broken(resource=config, what="serves no model of ours")
    for endpoint in environment.of(ENDPOINT):
        if endpoint.text("EndpointConfigName") not in configs:
            yield Broken(resource=endpoint, what="has no configuration of ours")


@RULES.rule("ML-PLACES", source="SageMaker Developer Guide, VPC access", remedy="name all its subnets in role.py")
def the_role_reaches_every_subnet_of_the_model(environment: Environment) -> Iterable[Broken]:
    """Instances start in any of them; where the role may not place them, scaling and replacement fail."""
    role = environment.named("Ml/ForecastRole")
    held = [s for _, document in attached(environment, role) for s in statements(document)] if role else []
    for model in environment.of(MODEL):
        for subnet in model.texts("VpcConfig.Subnets"):
            arn = f"arn:aws:ec2:{environment.region}:{environment.account}:subnet/{subnet}"
            what = lacks(held, Grant(actions=("ec2:CreateNetworkInterface",), resources=(arn,)), environment)
            if what:
                yield Broken(resource=model, what=f"its role {what}")


@RULES.rule("ML-IMAGE", source="SageMaker, Docker registry paths", remedy="image.py's image, or one of this account's")
def image_and_artifact_are_known(environment: Environment) -> Iterable[Broken]:
    """AWS's for scikit-learn, or one of our own, at a fixed version; and the archive that was deployed with it."""
    host = re.escape(f"{environment.account}.dkr.ecr.{environment.region}.amazonaws.com")
    own = re.compile(host + r"/[a-z0-9._/-]+(@sha256:[0-9a-f]{64}|:(?!latest$)[\w.-]+)")
    bucket = re.escape(f"s3://cdk-hnb659fds-assets-{environment.account}-{environment.region}/")
    for model in environment.of(MODEL):
        image = model.text("PrimaryContainer.Image")
        # The very version that the model was trained with: another may read it otherwise, or not at all.
        if image != SCIKIT_LEARN_IMAGE.uri and not own.fullmatch(image):
            yield Broken(resource=model, what=f"runs {image or 'no image'}, which nobody vouched for")
        if not re.fullmatch(bucket + r"[0-9a-f]{64}\.gz", model.text(f"{ARTIFACT}.S3Uri")):
            yield Broken(resource=model, what="loads its artifact from elsewhere than the deployment's bucket")
