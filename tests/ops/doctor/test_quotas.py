from dataclasses import replace

import pytest

from flux_infra.config import FluxConfig, Throttle
from flux_infra.environments import DEV, PROD
from ops.doctor import (
    api_throttle,
    quotas,
)
from ops.doctor.check import State, missing, ok
from tests.ops.doctor.stubs import Call, Refusal, account_of, answering, found, stack


def endpoint_quota(value: float) -> list[Call]:
    code, name = "L-2F737F8D", f"{MODEL} for endpoint usage"
    return [
        ("list_aws_default_service_quotas", {"Quotas": [{"QuotaName": name, "QuotaCode": code}]}),
        ("get_service_quota", {"Quota": {"QuotaCode": code, "Value": value}}),
    ]


MODEL = f"ml.{PROD.model.instance_class}"
NO_ENDPOINTS: Call = ("list_endpoints", {"Endpoints": []})


def test_a_model_needs_twice_its_instances_while_it_is_released() -> None:
    account = account_of(PROD)
    with answering(account.quotas, *endpoint_quota(2)), answering(account.aws.sagemaker, NO_ENDPOINTS):
        answer = found(account, quotas.checks, "SageMaker endpoint instances")
    assert answer == missing(
        "2",
        "aws service-quotas request-service-quota-increase --region us-east-1 --service-code sagemaker "
        "--quota-code L-2F737F8D --desired-value 4",
    )


def test_what_others_have_counts_and_what_the_environment_has_itself_does_not() -> None:
    arn = "arn:aws:sagemaker:us-east-1:333333333333:endpoint/flux-prod-forecast"
    account = account_of(PROD, stack("Ml", {arn: "AWS::SageMaker::Endpoint"}))
    endpoints = [
        {
            "EndpointName": name,
            "EndpointArn": "arn:aws:sagemaker:us-east-1:333333333333:endpoint/" + name,
            "CreationTime": 0,
            "LastModifiedTime": 0,
            "EndpointStatus": "InService",
        }
        for name in ("flux-prod-forecast", "another")
    ]
    described = {
        "EndpointName": "another",
        "EndpointArn": "arn:aws:sagemaker:us-east-1:333333333333:endpoint/another",
        "EndpointConfigName": "another-1",
        "EndpointStatus": "InService",
        "CreationTime": 0,
        "LastModifiedTime": 0,
    }
    config = {
        "EndpointConfigName": "another-1",
        "EndpointConfigArn": "arn:aws:sagemaker:us-east-1:333333333333:endpoint-config/another-1",
        "CreationTime": 0,
        "ProductionVariants": [
            {"VariantName": "a", "InstanceType": MODEL, "InitialInstanceCount": 3},
            {"VariantName": "b", "InstanceType": "ml.c5.large", "InitialInstanceCount": 9},
        ],
    }
    with (
        answering(account.quotas, *endpoint_quota(6)),
        answering(
            account.aws.sagemaker,
            ("list_endpoints", {"Endpoints": endpoints}),
            ("describe_endpoint", described),
            ("describe_endpoint_config", config),
        ),
    ):
        answer = found(account, quotas.checks, "SageMaker endpoint instances")
    assert answer.present == "6, of which others have 3"
    assert answer.remedy.endswith("--desired-value 7")


def test_a_quota_that_the_account_has_no_value_of_has_awss_default() -> None:
    account = account_of(PROD)
    code = {"QuotaCode": "L-F678F1CE", "Value": 5.0}
    with (
        answering(
            account.quotas,
            ("get_service_quota", Refusal("NoSuchResourceException")),
            ("get_aws_default_service_quota", {"Quota": code}),
        ),
        answering(account.networks, ("describe_vpcs", {"Vpcs": [{"VpcId": "vpc-default"}]})),
    ):
        assert found(account, quotas.checks, "VPCs") == ok("5, of which others have 1")


@pytest.mark.parametrize(
    ("config", "allowed", "state"),
    [(PROD, 1_000, State.MISSING), (PROD, 2_000, State.OK), (DEV, 10, State.MISSING), (DEV, 1_000, State.OK)],
)
def test_functions_need_what_they_reserve_and_what_aws_keeps_free(
    config: FluxConfig, allowed: int, state: State
) -> None:
    account = account_of(config, stack("Compute", {"flux-api": "AWS::Lambda::Function"}))
    limit = {"ConcurrentExecutions": allowed, "UnreservedConcurrentExecutions": allowed - 10}
    with (
        answering(account.quotas, ("get_service_quota", {"Quota": {"Value": float(allowed)}})),
        answering(
            account.aws.functions,
            ("get_account_settings", {"AccountLimit": limit}),
            ("get_function_concurrency", {"ReservedConcurrentExecutions": 10}),
        ),
    ):
        answer = found(account, quotas.checks, "Lambda concurrent executions")
    assert answer.state is state
    assert "others" not in answer.present


COUNTED = [
    ("VPCs", "networks", ("describe_vpcs", {"Vpcs": [{"VpcId": "own"}, {"VpcId": "other"}]}), "AWS::EC2::VPC", "own"),
    (
        "internet gateways",
        "networks",
        ("describe_internet_gateways", {"InternetGateways": [{"InternetGatewayId": n} for n in ("own", "other")]}),
        "AWS::EC2::InternetGateway",
        "own",
    ),
    (
        "Elastic IP addresses",
        "networks",
        ("describe_addresses", {"Addresses": [{"PublicIp": "192.0.2.1"}, {"PublicIp": "192.0.2.2"}]}),
        "AWS::EC2::EIP",
        "192.0.2.1|eipalloc-1",
    ),
    (
        "ElastiCache nodes",
        "caches",
        (
            "describe_cache_clusters",
            {
                "CacheClusters": [
                    {"NumCacheNodes": 1, "ReplicationGroupId": "own"},
                    {"NumCacheNodes": 1, "ReplicationGroupId": "other"},
                ]
            },
        ),
        "AWS::ElastiCache::ReplicationGroup",
        "own",
    ),
    (
        "WAF web ACLs for CloudFront",
        "firewalls",
        ("list_web_acls", {"WebACLs": [{"Id": "1" * 36}, {"Id": "2" * 36}]}),
        "AWS::WAFv2::WebACL",
        "acl|" + "1" * 36 + "|CLOUDFRONT",
    ),
]


WEB_ACLS = {"QuotaName": "Maximum web ACLs per account in WAF for CloudFront", "QuotaCode": "L-1"}


@pytest.mark.parametrize(("what", "client", "call", "kind", "own"), COUNTED, ids=[case[0] for case in COUNTED])
def test_everything_that_has_a_quota_is_counted_without_the_environments_own(
    what: str, client: str, call: Call, kind: str, own: str
) -> None:
    account = account_of(PROD, stack("Network", {own: kind}))
    named = (
        "list_aws_default_service_quotas",
        {"Quotas": [WEB_ACLS]},
    )
    value = ("get_service_quota", {"Quota": {"Value": 0.0}})
    with (
        answering(account.quotas, *([named] if what.startswith("WAF") else []), value),
        answering(getattr(account, client), call),
    ):
        assert found(account, quotas.checks, what).present == "0, of which others have 1"


def test_nat_gateways_are_counted_in_the_fullest_of_the_configured_zones() -> None:
    account = account_of(PROD, stack("Network", {"nat-own": "AWS::EC2::NatGateway"}))
    gateways = [
        {"NatGatewayId": "nat-own", "SubnetId": "subnet-a"},
        {"NatGatewayId": "nat-1", "SubnetId": "subnet-b"},
        {"NatGatewayId": "nat-2", "SubnetId": "subnet-b"},
        {"NatGatewayId": "nat-3", "SubnetId": "subnet-f"},
    ]
    subnets = [
        {"SubnetId": "subnet-b", "AvailabilityZoneId": "use1-az2"},
        {"SubnetId": "subnet-f", "AvailabilityZoneId": "use1-az6"},
    ]
    with (
        answering(account.quotas, ("get_service_quota", {"Quota": {"Value": 5.0}})),
        answering(
            account.networks,
            ("describe_nat_gateways", {"NatGateways": gateways}),
            ("describe_subnets", {"Subnets": subnets}),
        ),
    ):
        assert found(account, quotas.checks, "NAT gateways in a zone") == ok("5, of which others have 2")


@pytest.mark.parametrize(("burst", "state"), [(5_000, State.OK), (5_001, State.MISSING)])
def test_a_throttle_above_the_accounts_own_is_named(burst: int, state: State) -> None:
    account = account_of(replace(PROD, throttle=Throttle(rate=5_000, burst=burst)))
    with answering(account.apis, ("get_account", {"throttleSettings": {"rateLimit": 10_000.0, "burstLimit": 5_000}})):
        answer = found(account, api_throttle.checks, "API Gateway throttle")
    assert (answer.state, answer.present) == (state, "10000 requests/s, burst 5000")
