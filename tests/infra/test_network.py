import json
from typing import cast

from aws_cdk.assertions import Match

from tests.infra.templates import Templates, properties, resources, tags_of

SUBNET = "AWS::EC2::Subnet"
ENDPOINT = "AWS::EC2::VPCEndpoint"


def test_each_zone_has_a_public_a_private_and_an_isolated_subnet(environment: Templates) -> None:
    network = environment.config.network
    tiers = [tags_of(subnet)["aws-cdk:subnet-name"] for subnet in resources(environment.network, SUBNET).values()]

    assert sorted(tiers) == sorted(["Public", "Private", "Isolated"] * len(network.zones))
    for subnet in properties(environment.network, SUBNET):
        assert "AvailabilityZone" not in subnet  # whose letter is another place in another account
    assert {subnet["AvailabilityZoneId"] for subnet in properties(environment.network, SUBNET)} == set(network.zones)


def test_no_subnet_gives_out_public_addresses(environment: Templates) -> None:
    environment.network.all_resources_properties(SUBNET, {"MapPublicIpOnLaunch": False})


def test_outward_traffic_has_as_many_ways_as_configured(environment: Templates) -> None:
    environment.network.resource_count_is("AWS::EC2::NatGateway", environment.config.network.nat_gateways)


def test_isolated_subnets_have_no_way_out(environment: Templates) -> None:
    routed = json.dumps(properties(environment.network, "AWS::EC2::Route"))

    assert "PrivateSubnet" in routed
    assert "IsolatedSubnet" not in routed


def test_s3_is_reached_by_a_gateway_on_every_route_table(prod: Templates) -> None:
    (gateway,) = (e for e in properties(prod.network, ENDPOINT) if e["VpcEndpointType"] == "Gateway")

    assert len(cast("list[object]", gateway["RouteTableIds"])) == 9


def test_what_the_functions_call_is_reached_without_the_internet(inside: Templates) -> None:
    interfaces = [e for e in properties(inside.network, ENDPOINT) if e["VpcEndpointType"] == "Interface"]

    assert {str(e["ServiceName"]).removeprefix("com.amazonaws.us-east-1.") for e in interfaces} == {
        "secretsmanager",
        "sqs",
        "sagemaker.runtime",
        "kms",
        "lambda",
        "codedeploy",
        "rds",
        "elasticache",
    }
    assert all(e["PrivateDnsEnabled"] for e in interfaces)


def test_without_endpoints_every_function_leaves_the_vpc_by_one_rule(dev: Templates) -> None:
    interfaces = [e for e in properties(dev.network, ENDPOINT) if e["VpcEndpointType"] == "Interface"]
    groups = [group for group in properties(dev.compute, "AWS::EC2::SecurityGroup") if "SecurityGroupEgress" in group]
    inline = [cast("list[dict[str, object]]", group["SecurityGroupEgress"]) for group in groups]
    outward = [[rule for rule in rules if rule.get("CidrIp") == "0.0.0.0/0"] for rules in inline]

    assert interfaces == []
    assert len(outward) == len(properties(dev.compute, "AWS::Lambda::Function"))
    assert all(len(rules) == 1 and rules[0]["FromPort"] == rules[0]["ToPort"] == 443 for rules in outward)


def test_endpoints_serve_this_accounts_credentials_only(prod: Templates) -> None:
    prod.network.all_resources_properties(
        ENDPOINT,
        {
            "PolicyDocument": Match.object_like(
                {
                    "Statement": Match.array_with(
                        [
                            Match.object_like(
                                {"Condition": {"StringEquals": {"aws:PrincipalAccount": prod.config.account}}}
                            )
                        ]
                    )
                }
            )
        },
    )


def test_a_custom_resource_can_answer_cloudformation_through_the_gateway(prod: Templates) -> None:
    prod.network.has_resource_properties(
        ENDPOINT,
        {
            "VpcEndpointType": "Gateway",
            "PolicyDocument": Match.object_like(
                {
                    "Statement": Match.array_with(
                        [
                            {
                                "Action": "s3:PutObject",
                                "Effect": "Allow",
                                "Principal": {"AWS": "*"},
                                "Resource": "arn:aws:s3:::cloudformation-custom-resource-response-*/*",
                            }
                        ]
                    )
                }
            ),
        },
    )


def test_nothing_may_use_the_endpoints_until_a_consumer_says_so(inside: Templates) -> None:
    inside.network.all_resources_properties("AWS::EC2::SecurityGroup", {"SecurityGroupIngress": Match.absent()})
    inside.network.resource_count_is("AWS::EC2::SecurityGroupIngress", 0)


def test_the_default_security_group_is_closed(environment: Templates) -> None:
    environment.network.has_resource_properties(
        "Custom::VpcRestrictDefaultSG",
        {"DefaultSecurityGroupId": {"Fn::GetAtt": [Match.string_like_regexp("^Vpc"), "DefaultSecurityGroup"]}},
    )


def test_all_traffic_is_recorded_in_an_encrypted_log_group(environment: Templates) -> None:
    environment.network.has_resource_properties(
        "AWS::EC2::FlowLog",
        {
            "ResourceType": "VPC",
            "TrafficType": "ALL",
            "LogGroupName": {"Ref": Match.string_like_regexp("FlowLogs")},
        },
    )
    environment.network.has_resource_properties(
        "AWS::Logs::LogGroup",
        {
            "LogGroupName": f"/flux/{environment.config.name}/flow-logs",
            "RetentionInDays": environment.config.log_days,
            "KmsKeyId": Match.any_value(),
        },
    )


def test_the_flow_logs_key_serves_log_groups_of_this_account_only(prod: Templates) -> None:
    (key,) = resources(prod.network, "AWS::KMS::Key").values()

    assert '"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-east-1:333333333333:log-group:*"' in json.dumps(key)
