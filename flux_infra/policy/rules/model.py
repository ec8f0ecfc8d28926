"""The SageMaker model: isolated, in the VPC, encrypted, enough instances."""

from collections.abc import Iterable

from ..finding import Broken, Rules
from ..model import Environment
from ..sizes import at_least_as_large
from ..values import as_number, as_text
from ..wanted import ABSENT, TRUE, exactly, one_of

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


@RULES.rule("ML-INSTANCES", source="FSBP SageMaker.4", remedy="run what configuration says, two where data is kept")
def enough_instances_serve(environment: Environment) -> Iterable[Broken]:
    """Two or more where a zone's failure must not stop forecasts."""
    settings = environment.config.model if environment.config else None
    for config in environment.of(CONFIG):
        variants = config.items("ProductionVariants")
        total = sum(as_number(variant.get("InitialInstanceCount")) or 0 for variant in variants)
        least = max(settings.instances if settings else 2, 2 if environment.kept else 1)
        if total < least:
            yield Broken(resource=config, what=f"serves with {total:g} instances; must be {least} or more")
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
    for config in environment.of(CONFIG):
        for index, _ in enumerate(config.items("ProductionVariants")):
            model = config.text(f"ProductionVariants.{index}.ModelName").replace(".ModelName}", "}")
            found = environment.find(model)
            if found is None or found.type != MODEL:
                yield Broken(resource=config, what="serves no model of ours")
    for endpoint in environment.of(ENDPOINT):
        found = environment.find(endpoint.text("EndpointConfigName").replace(".EndpointConfigName}", "}"))
        if found is None or found.type != CONFIG:
            yield Broken(resource=endpoint, what="has no configuration of ours")


@RULES.rule("ML-IMAGE", source="SageMaker, Docker registry paths", remedy="AWS's own image, or one of this account's")
def the_image_is_from_a_known_registry(environment: Environment) -> Iterable[Broken]:
    """Of AWS's account for scikit-learn in this region, at a fixed version."""
    trusted = (f"683313688378.dkr.ecr.{environment.region}.amazonaws.com/", f"{environment.account}.dkr.ecr.")
    for model in environment.of(MODEL):
        image = model.text("PrimaryContainer.Image")
        if not image.startswith(trusted):
            yield Broken(resource=model, what=f"runs {image or 'no image'}, whose registry nobody vouched for")
        elif image.endswith(":latest") or ":" not in image.rsplit("/", 1)[-1]:
            yield Broken(resource=model, what="runs whatever version is newest")
        if not model.text(f"{ARTIFACT}.S3Uri").startswith("s3://cdk-"):
            yield Broken(resource=model, what="loads its artifact from a bucket that is not the deployment's")
