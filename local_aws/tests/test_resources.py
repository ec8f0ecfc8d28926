"""What CloudFormation on this machine makes besides databases and caches."""

import io
import json
import tarfile
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import WaiterError

from .stacks import CloudFormation, Resources, attribute

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def test_a_generated_secret_heeds_every_option(cloudformation: CloudFormation) -> None:
    wanted = {
        "SecretStringTemplate": '{"username": "shop"}',
        "GenerateStringKey": "password",
        "PasswordLength": 48,
        "ExcludePunctuation": True,
        "ExcludeUppercase": True,
        "ExcludeCharacters": "abc",
    }
    secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": wanted}}
    outputs = cloudformation.create("secret", {"Secret": secret}, {"Id": {"Ref": "Secret"}})
    secrets = cloudformation.aws.session().client("secretsmanager", endpoint_url=cloudformation.aws.url)
    value = json.loads(secrets.get_secret_value(SecretId=outputs["Id"])["SecretString"])
    assert value["username"] == "shop"
    assert len(value["password"]) == 48
    assert value["password"].isalnum()
    assert value["password"] == value["password"].lower()
    assert not set("abc") & set(value["password"])


def s3(cloudformation: CloudFormation) -> "S3Client":
    return cloudformation.aws.session().client("s3", endpoint_url=cloudformation.aws.url)


def model(version: str, *, loads: bool = True) -> bytes:
    script = (
        f"def model_fn(folder): {'return 1' if loads else 'raise RuntimeError("weights are missing")'}\n"
        "def input_fn(body, content_type): return body\n"
        "def predict_fn(body, model): return body\n"
        f"def output_fn(body, accept): return '{version} ' + body\n"
    )
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as packed:
        entry = tarfile.TarInfo("code/inference.py")
        entry.size = len(script)
        packed.addfile(entry, io.BytesIO(script.encode()))
    return buffer.getvalue()


def data(key: str) -> dict[str, object]:
    """What the stack says about its artifact, whose key has no ending."""
    source = {"S3DataType": "S3Object", "CompressionType": "Gzip", "S3Uri": f"s3://models/{key}"}
    return {"ModelDataSource": {"S3DataSource": source}}


def endpoint(key: str) -> Resources:
    variant = {
        "VariantName": "primary",
        "ModelName": attribute(f"Model{key}", "ModelName"),
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    container = {"Image": "scikit-learn", **data(key)}
    return {
        f"Model{key}": {
            "Type": "AWS::SageMaker::Model",
            "Properties": {"ExecutionRoleArn": "arn:aws:iam::000000000000:role/serving", "PrimaryContainer": container},
        },
        f"Config{key}": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"ProductionVariants": [variant]}},
        "Endpoint": {
            "Type": "AWS::SageMaker::Endpoint",
            "Properties": {
                "EndpointName": "forecast",
                "EndpointConfigName": attribute(f"Config{key}", "EndpointConfigName"),
            },
        },
    }


def test_an_endpoint_moves_to_a_new_model_and_stays_when_one_does_not_load(cloudformation: CloudFormation) -> None:
    client = s3(cloudformation)
    client.create_bucket(Bucket="models")
    client.put_object(Bucket="models", Key="A", Body=model("A"))
    client.put_object(Bucket="models", Key="B", Body=model("B"))
    client.put_object(Bucket="models", Key="C", Body=model("C", loads=False))
    runtime = cloudformation.aws.session().client("sagemaker-runtime", endpoint_url=cloudformation.aws.url)

    def ask() -> bytes:
        return runtime.invoke_endpoint(EndpointName="forecast", ContentType="text/csv", Body=b"1,2")["Body"].read()

    cloudformation.create("model", endpoint("A"), {})
    assert ask() == b"A 1,2"
    cloudformation.update("model", endpoint("B"), {})
    assert ask() == b"B 1,2"
    with pytest.raises(WaiterError):
        cloudformation.update("model", endpoint("C"), {})
    assert cloudformation.status("model") == "UPDATE_ROLLBACK_COMPLETE"
    assert "weights are missing" in cloudformation.reasons("model")
    assert ask() == b"B 1,2"


def test_a_model_is_refused_by_an_address_that_sagemaker_would_not_take(cloudformation: CloudFormation) -> None:
    container = {"Image": "scikit-learn", "ModelDataUrl": "s3://models/0123abcd.gz"}
    properties = {"ExecutionRoleArn": "arn:aws:iam::000000000000:role/serving", "PrimaryContainer": container}
    with pytest.raises(WaiterError):
        cloudformation.create("address", {"Model": {"Type": "AWS::SageMaker::Model", "Properties": properties}}, {})
    assert "ModelDataUrl=s3://models/0123abcd.gz: must end in .tar.gz" in cloudformation.reasons("address")


def test_an_unknown_type_is_refused_before_anything_is_made(cloudformation: CloudFormation) -> None:
    with pytest.raises(cloudformation.client.exceptions.ClientError, match=r"\[AWS::Shop::Nothing\]"):
        cloudformation.create("unknown", {"Nothing": {"Type": "AWS::Shop::Nothing"}}, {})


def test_a_replacement_under_the_same_name_fails_because_the_old_one_still_exists(
    cloudformation: CloudFormation,
) -> None:
    """CloudFormation User Guide, "Update behaviors of stack resources": a replacement comes before the deletion."""

    def configuration(name: str, percentage: int) -> Resources:
        routing = {"Type": "TimeBasedCanary", "TimeBasedCanary": {"CanaryPercentage": percentage, "CanaryInterval": 1}}
        properties = {"ComputePlatform": "Lambda", "DeploymentConfigName": name, "TrafficRoutingConfig": routing}
        return {"Canary": {"Type": "AWS::CodeDeploy::DeploymentConfig", "Properties": properties}}

    cloudformation.create("replaced", configuration("first", 10), {})
    with pytest.raises(WaiterError):
        cloudformation.update("replaced", configuration("first", 20), {})
    assert "'first' already exists" in cloudformation.reasons("replaced")
    cloudformation.update("replaced", configuration("second", 20), {})
