import fnmatch
from typing import cast

import pytest
from aws_cdk.assertions import Match, Template

from flux_infra.environments import PROD
from flux_infra.ml.image import SCIKIT_LEARN_IMAGE
from tests.infra.templates import Templates, properties, resources

MODEL = "AWS::SageMaker::Model"
ENDPOINT_CONFIG = "AWS::SageMaker::EndpointConfig"
ENDPOINT = "AWS::SageMaker::Endpoint"


def test_the_container_has_no_network_of_its_own(environment: Templates) -> None:
    environment.ml.has_resource_properties(MODEL, {"EnableNetworkIsolation": True})


def test_the_model_runs_our_inference_code_in_the_pinned_scikit_learn_container(environment: Templates) -> None:
    environment.ml.has_resource_properties(
        MODEL,
        {
            "PrimaryContainer": {
                "Image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3",
                "ModelDataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Object",
                        "CompressionType": "Gzip",
                        "S3Uri": Match.string_like_regexp(r"^s3://.+\.gz$"),
                    }
                },
                "Environment": Match.object_like(
                    {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
                ),
            }
        },
    )


def test_the_model_stands_in_every_isolated_subnet(prod: Templates) -> None:
    (model,) = properties(prod.ml, MODEL)
    subnets = cast("list[dict[str, dict[str, str]]]", cast("dict[str, object]", model["VpcConfig"])["Subnets"])

    assert len(subnets) == len(prod.stage.network.vpc.isolated_subnets)
    assert all("Isolated" in subnet["Fn::GetStackOutput"]["OutputName"] for subnet in subnets)


def test_the_models_instances_reach_s3_and_nothing_else(environment: Templates) -> None:
    egress = properties(environment.ml, "AWS::EC2::SecurityGroupEgress")

    assert [(rule["DestinationPrefixListId"], rule["FromPort"], rule["ToPort"]) for rule in egress] == [
        ("pl-63a5400a", 443, 443)
    ]
    for group in properties(environment.ml, "AWS::EC2::SecurityGroup"):
        assert "SecurityGroupIngress" not in group
        # What CDK writes instead of "no rule at all", which AWS would take for "everything".
        for rule in cast("list[dict[str, str]]", group.get("SecurityGroupEgress", [])):
            assert rule["CidrIp"] == "255.255.255.255/32"


def test_the_way_to_the_artifact_is_there_before_the_model_is_made(environment: Templates) -> None:
    needed = {
        *resources(environment.ml, "AWS::EC2::SecurityGroupEgress"),
        *resources(environment.ml, "AWS::IAM::ManagedPolicy"),
    }
    (model,) = resources(environment.ml, MODEL).values()

    assert needed <= set(cast("list[str]", model["DependsOn"]))


def test_the_instances_disks_are_encrypted_with_a_rotating_key_of_ours(environment: Templates) -> None:
    (key_id,) = resources(environment.ml, "AWS::KMS::Key")
    environment.ml.has_resource_properties(ENDPOINT_CONFIG, {"KmsKeyId": {"Fn::GetAtt": [key_id, "Arn"]}})
    environment.ml.has_resource_properties("AWS::KMS::Key", {"EnableKeyRotation": True})


def test_the_endpoint_starts_with_the_configured_instances(environment: Templates) -> None:
    settings = environment.config.model
    environment.ml.has_resource_properties(
        ENDPOINT_CONFIG,
        {
            "ProductionVariants": [
                Match.object_like(
                    {
                        "VariantName": "primary",
                        "InstanceType": f"ml.{settings.instance_class}",
                        "InitialInstanceCount": settings.instances,
                    }
                )
            ]
        },
    )


@pytest.mark.slow
def test_a_new_artifact_is_a_new_model_and_configuration_behind_the_same_endpoint(
    prod: Templates, next_release: Templates
) -> None:
    for replaced in (MODEL, ENDPOINT_CONFIG):
        assert not set(resources(prod.ml, replaced)) & set(resources(next_release.ml, replaced))
    assert set(resources(prod.ml, ENDPOINT)) == set(resources(next_release.ml, ENDPOINT))
    (new_config,) = resources(next_release.ml, ENDPOINT_CONFIG)
    next_release.ml.has_resource_properties(
        ENDPOINT,
        {
            "EndpointName": "flux-prod-forecast",
            "EndpointConfigName": {"Fn::GetAtt": [new_config, "EndpointConfigName"]},
        },
    )


def test_earlier_models_are_kept_where_data_is_kept(prod: Templates, dev: Templates) -> None:
    for kind in (MODEL, ENDPOINT_CONFIG):
        prod.ml.has_resource(kind, {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"})
        dev.ml.has_resource(kind, {"DeletionPolicy": "Delete"})


def test_the_endpoints_log_group_is_there_before_the_endpoint_would_make_one(environment: Templates) -> None:
    (log_group_id,) = resources(environment.ml, "AWS::Logs::LogGroup")
    environment.ml.has_resource_properties(
        "AWS::Logs::LogGroup",
        {
            "LogGroupName": f"/aws/sagemaker/Endpoints/flux-{environment.config.name}-forecast",
            "RetentionInDays": environment.config.log_days,
        },
    )
    (endpoint,) = resources(environment.ml, ENDPOINT).values()
    assert log_group_id in cast("list[str]", endpoint["DependsOn"])


def test_a_new_model_gets_half_of_the_requests_and_is_rolled_back_by_its_alarms(
    prod: Templates, staging: Templates
) -> None:
    for environment in (prod, staging):
        alarms = properties(environment.ml, "AWS::CloudWatch::Alarm")
        assert {alarm["MetricName"] for alarm in alarms} == {"Invocation5XXErrors", "ModelLatency"}
        assert all(alarm["Period"] == 60 for alarm in alarms)
        assert all(
            alarm["Dimensions"]
            == [
                {"Name": "EndpointName", "Value": f"flux-{environment.config.name}-forecast"},
                {"Name": "VariantName", "Value": "primary"},
            ]
            for alarm in alarms
        )
        environment.ml.has_resource_properties(
            ENDPOINT,
            {
                "DeploymentConfig": {
                    "BlueGreenUpdatePolicy": Match.object_like(
                        {
                            "TrafficRoutingConfiguration": {
                                "Type": "CANARY",
                                "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50},
                                "WaitIntervalInSeconds": 600,
                            }
                        }
                    ),
                    "AutoRollbackConfiguration": {
                        "Alarms": [{"AlarmName": {"Ref": name}} for name in _alarm_ids(environment.ml)]
                    },
                }
            },
        )


def test_the_alarms_are_there_before_the_model_moves(prod: Templates) -> None:
    (endpoint,) = resources(prod.ml, ENDPOINT).values()
    assert set(_alarm_ids(prod.ml)) <= set(cast("list[str]", endpoint["DependsOn"]))


def test_an_environment_without_baking_moves_all_at_once(dev: Templates) -> None:
    (endpoint,) = properties(dev.ml, ENDPOINT)
    assert "DeploymentConfig" not in endpoint
    dev.ml.resource_count_is("AWS::CloudWatch::Alarm", 0)


def test_only_sagemaker_for_this_account_may_take_the_models_role(environment: Templates) -> None:
    environment.ml.has_resource_properties(
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": Match.object_like(
                {
                    "Statement": [
                        {
                            "Action": "sts:AssumeRole",
                            "Effect": "Allow",
                            "Principal": {"Service": "sagemaker.amazonaws.com"},
                            "Condition": {"StringEquals": {"aws:SourceAccount": environment.config.account}},
                        }
                    ]
                }
            )
        },
    )


def test_the_models_role_reads_published_archives_only_and_the_model_is_one_of_them(prod: Templates) -> None:
    (readable,) = (s["Resource"] for s in _statements(prod.ml) if "s3:GetObject" in _actions(s))
    (model,) = properties(prod.ml, MODEL)
    container = cast("dict[str, dict[str, dict[str, str]]]", model["PrimaryContainer"])
    url = container["ModelDataSource"]["S3DataSource"]["S3Uri"]

    assert str(readable).endswith("/*.gz")
    assert fnmatch.fnmatchcase(url.replace("s3://", "arn:aws:s3:::"), str(readable))


def test_the_models_role_pulls_one_repository(prod: Templates) -> None:
    (pulled,) = (s["Resource"] for s in _statements(prod.ml) if "ecr:BatchGetImage" in _actions(s))

    assert pulled == SCIKIT_LEARN_IMAGE.repository_arn


def test_the_models_role_may_do_on_everything_only_what_has_no_resource(prod: Templates) -> None:
    on_everything = {action for s in _statements(prod.ml) if s["Resource"] == "*" for action in _actions(s)}

    assert on_everything == {
        "cloudwatch:PutMetricData",
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        "ecr:GetAuthorizationToken",
    }
    assert not any("*" in action for s in _statements(prod.ml) for action in _actions(s))


def test_operators_find_the_endpoint_by_its_name(environment: Templates) -> None:
    environment.ml.has_output("EndpointName", {"Value": f"flux-{environment.config.name}-forecast"})


def test_production_survives_the_loss_of_an_instance() -> None:
    assert PROD.model.instances >= 2


def _alarm_ids(template: Template) -> list[str]:
    return sorted(resources(template, "AWS::CloudWatch::Alarm"))


type _Statement = dict[str, object]


def _statements(template: Template) -> list[_Statement]:
    (policy,) = properties(template, "AWS::IAM::ManagedPolicy")
    return cast("list[_Statement]", cast("dict[str, object]", policy["PolicyDocument"])["Statement"])


def _actions(statement: _Statement) -> list[str]:
    action = cast("str | list[str]", statement["Action"])
    return [action] if isinstance(action, str) else action
