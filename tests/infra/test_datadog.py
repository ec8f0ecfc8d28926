"""What production sends to Datadog when it is told to, and that it sends nothing otherwise."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from aws_cdk.assertions import Match

from flux_infra.config import ConfigError, Datadog
from flux_infra.constructs.artifacts import BuiltArtifacts
from flux_infra.environments import DEV, LOCAL, PROD
from flux_infra.monitoring.datadog import NAMESPACES
from flux_infra.monitoring.objectives import OBJECTIVES
from tests.infra.conftest import DATADOG, TRACED, TRACING, WITH_DATADOG
from tests.infra.templates import Templates, properties, resources, whole

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def on(artifacts: BuiltArtifacts, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return Templates.synthesize(WITH_DATADOG, artifacts=artifacts, outdir=tmp_path_factory.mktemp("datadog"))


def test_without_datadog_nothing_of_it_is_in_any_template(environment: Templates) -> None:
    for _, template in environment.layers():
        assert "datadog" not in json.dumps(whole(template)).lower()


def test_with_datadog_every_template_but_one_is_as_it_was_to_the_byte(on: Templates, prod: Templates) -> None:
    def files(templates: Templates) -> dict[str, bytes]:
        return {
            stack.node.id: Path(templates.stage.outdir, stack.template_file).read_bytes()
            for stack in templates.stacks()
        }

    on.stage.synth()
    prod.stage.synth()
    with_it, without = files(on), files(prod)
    assert [name for name in without if with_it[name] != without[name]] == ["Monitoring"]


def test_with_datadog_nothing_that_was_there_is_changed_or_gone(on: Templates, prod: Templates) -> None:
    with_it, without = resources(on.monitoring), resources(prod.monitoring)
    assert without.items() <= with_it.items()
    assert all(name.startswith("Datadog") for name in with_it.keys() - without.keys())


def test_only_the_namespaces_of_alarms_and_objectives_are_streamed(on: Templates) -> None:
    (stream,) = properties(on.monitoring, "AWS::CloudWatch::MetricStream")
    assert stream["OutputFormat"] == "opentelemetry1.0"
    assert stream["IncludeFilters"] == [{"Namespace": name} for name in NAMESPACES]
    assert {series.namespace for one in OBJECTIVES for series in one.measure.series.values()} <= set(NAMESPACES)


def test_the_percentile_of_what_people_wait_for_is_streamed_besides(on: Templates) -> None:
    (stream,) = properties(on.monitoring, "AWS::CloudWatch::MetricStream")
    assert stream["StatisticsConfigurations"] == [
        {
            "AdditionalStatistics": ["p95"],
            "IncludeMetrics": [{"Namespace": "AWS/ApiGateway", "MetricName": "Latency"}],
        }
    ]


def test_firehose_reads_the_key_from_its_secret_and_the_template_does_not_hold_it(on: Templates) -> None:
    on.monitoring.has_resource_properties(
        "AWS::KinesisFirehose::DeliveryStream",
        {
            "HttpEndpointDestinationConfiguration": {
                "EndpointConfiguration": {
                    "AccessKey": Match.absent(),
                    "Url": "https://awsmetrics-intake.datadoghq.eu/api/v2/awsmetrics?dd-protocol=aws-kinesis-firehose",
                },
                "SecretsManagerConfiguration": {"Enabled": True, "SecretARN": DATADOG.key_secret},
                "S3BackupMode": "FailedDataOnly",
            }
        },
    )


def test_datadog_takes_its_role_only_with_the_external_id_and_only_reads(on: Templates) -> None:
    on.monitoring.has_resource_properties(
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": Match.object_like(
                {
                    "Statement": [
                        {
                            "Action": "sts:AssumeRole",
                            "Condition": {"StringEquals": {"sts:ExternalId": DATADOG.external_id}},
                            "Effect": "Allow",
                            "Principal": {"AWS": "arn:aws:iam::464622532012:root"},
                        }
                    ]
                }
            )
        },
    )
    (policy,) = [
        each["PolicyDocument"]
        for name, resource in resources(on.monitoring, "AWS::IAM::ManagedPolicy").items()
        if name.startswith("DatadogRolePolicy")
        for each in [json.loads(json.dumps(resource["Properties"]))]
    ]
    (statement,) = policy["Statement"]
    assert all(action.split(":")[1].startswith(("Get", "List")) for action in statement["Action"])


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("site", "datadog.com", "must be one of datadoghq.com, datadoghq.eu"),
        ("key_secret", "0123456789abcdef0123456789abcdef", "Never write the key itself here"),
        ("key_secret", "arn:aws:secretsmanager:us-east-1:333333333333:secret:flux", "six characters at its end"),
        ("external_id", "", "External ID"),
        ("external_id", "*", "External ID"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_what_to_do(field: str, value: str, said: str) -> None:
    values = {"site": DATADOG.site, "key_secret": DATADOG.key_secret, "external_id": DATADOG.external_id, field: value}
    with pytest.raises(ConfigError, match=said) as refused:
        Datadog(site=values["site"], key_secret=values["key_secret"], external_id=values["external_id"])
    assert str(refused.value).startswith(f"Datadog.{field}=")


def test_a_key_in_place_of_its_secrets_name_is_not_repeated() -> None:
    key = "0123456789abcdef0123456789abcdef"
    with pytest.raises(ConfigError) as refused:
        Datadog(site=DATADOG.site, key_secret=key, external_id=DATADOG.external_id)
    assert key not in str(refused.value)


def test_the_secret_lives_where_the_environment_does() -> None:
    with pytest.raises(ConfigError, match=f"{DEV.account} and us-east-1; make it there"):
        replace(DEV, datadog=DATADOG)


def test_aws_on_this_machine_has_no_datadog() -> None:
    with pytest.raises(ConfigError, match="leave datadog out of the local environment"):
        replace(LOCAL, datadog=DATADOG)


def test_a_preview_is_not_sent_to_datadog() -> None:
    assert WITH_DATADOG.named("pr-1").datadog is None
    assert PROD.datadog is None


# Traces


@pytest.fixture(scope="module")
def traced(artifacts: BuiltArtifacts, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return Templates.synthesize(TRACED, artifacts=artifacts, outdir=tmp_path_factory.mktemp("traced"))


def test_only_the_functions_that_are_named_change_and_go_out(traced: Templates, on: Templates) -> None:
    def changed(kind: str) -> set[str]:
        before = resources(on.compute, kind)
        after = resources(traced.compute, kind)
        names = (name for name in after if after[name] != before.get(name))
        return {name.removeprefix("Functions")[:3] for name in names}

    def outward(templates: Templates) -> int:
        return json.dumps(properties(templates.compute, "AWS::EC2::SecurityGroup")).count("Datadog: traces")

    assert changed("AWS::Lambda::Function") == {"Api", "Aut", "Syn"}
    assert changed("AWS::IAM::ManagedPolicy") == {"Api", "Aut", "Syn"}
    assert (outward(on), outward(traced)) == (0, 3)


def test_a_traced_function_runs_through_the_library_and_beside_our_own_copy_of_the_extension(traced: Templates) -> None:
    traced.compute.has_resource_properties(
        "AWS::Lambda::Function",
        {
            "Handler": "datadog_lambda.handler.handler",
            "Layers": [TRACING.extension_layer],
            "Environment": {
                "Variables": {
                    "DD_API_KEY_SECRET_ARN": TRACING.key_secret,
                    "DD_CAPTURE_LAMBDA_PAYLOAD": "false",
                    "DD_ENV": "prod",
                    "DD_LAMBDA_HANDLER": "api.handler.handler",
                    "DD_SERVICE": "api",
                    "DD_SITE": "datadoghq.eu",
                    "DD_TAGS": Match.absent(),
                }
            },
        },
    )


def test_the_webhook_is_refused_with_the_reason() -> None:
    with pytest.raises(ConfigError, match=r"Tracing\.functions='webhook': .* about 15,000 USD"):
        replace(TRACING, functions=("api", "webhook"))


@pytest.mark.parametrize("functions", [(), ("nobody",)])
def test_what_can_be_traced_is_said(functions: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="must be some of api, sync"):
        replace(TRACING, functions=functions)


def test_the_extension_is_a_version_of_a_layer_of_our_own() -> None:
    with pytest.raises(ConfigError, match="layer version in this account"):
        replace(TRACING, extension_layer="arn:aws:lambda:us-east-1:333333333333:layer:Datadog-Extension")
    foreign = replace(TRACING, extension_layer="arn:aws:lambda:us-east-1:464622532012:layer:Datadog-Extension:103")
    with pytest.raises(ConfigError, match=r"Tracing\.extension_layer=.*own account"):
        replace(WITH_DATADOG, datadog=replace(DATADOG, tracing=foreign))
