"""A surface says everything that a template says, once, however it is written."""

import json
from dataclasses import replace

import pytest

from policy.facts.surface import surface
from policy.model import WrittenStack

from .small_stack import stack, with_sections

DIGEST, OTHER = "a" * 64, "b" * 64


def lines(written: WrittenStack) -> set[str]:
    return {line.replace("Data/", "") for line in surface([written])}


def of(kind: str, **properties: object) -> set[str]:
    return lines(stack(It={"Type": kind, "Properties": properties}))


def with_statement(**elements: object) -> set[str]:
    document = {"Version": "2012-10-17", "Statement": [elements]}
    return {line for line in of("AWS::SQS::QueuePolicy", Queues=["q"], PolicyDocument=document) if line[:2] == "q "}


def test_a_hash_that_the_asset_manifest_knows_is_written_as_what_it_is_of() -> None:
    function = stack(Fn={"Type": "AWS::Lambda::Function", "Properties": {"Code": {"S3Key": f"{DIGEST}.zip"}}})
    assert "Fn Code.S3Key = <asset Api/Code>.zip" in lines(replace(function, assets={DIGEST: "Api/Code"}))
    assert f"Fn Code.S3Key = {DIGEST}.zip" in lines(function)


def test_another_build_and_its_version_change_no_line() -> None:
    def built(digest: str, version_hash: str) -> WrittenStack:
        version = "FnCurrentVersion17A89ABB" + version_hash  # CDK's id of the path, and a hash of the function
        written = stack(
            Fn={"Type": "AWS::Lambda::Function", "Properties": {"Code": {"S3Key": f"{digest}.zip"}}},
            Alias={
                "Type": "AWS::Lambda::Alias",
                "Properties": {"FunctionVersion": {"Fn::GetAtt": [version, "Version"]}},
            },
            **{version: {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Fn"}}}},
        )
        return replace(written, assets={digest: "Code"}, paths={version: "Flux-prod/Data/Fn/CurrentVersion/Resource"})

    assert lines(built(DIGEST, "0" * 32)) == lines(built(OTHER, "1" * 32))
    assert "Fn/CurrentVersion is AWS::Lambda::Version" in lines(built(DIGEST, "0" * 32))


def test_the_own_name_account_and_region_are_masked_and_others_are_not() -> None:
    said = of(
        "AWS::Any::Thing", A="flux-prod-x", B="flux-staging-x", C="333333333333", D="444444444444", E="us-east-1a"
    )
    values = {line.split(" = ")[1] for line in said if " = " in line}
    assert values == {"flux-{environment}-x", "flux-staging-x", "{account}", "444444444444", "{region}a"}


def test_a_firewalls_statements_are_no_grants() -> None:
    statement = {"NotStatement": {"Statement": {"GeoMatchStatement": {"CountryCodes": ["US"]}}}}
    said = of("AWS::WAFv2::WebACL", Rules=[{"Name": "us", "Statement": statement}])
    assert "It Rules[us].Statement.NotStatement.Statement.GeoMatchStatement.CountryCodes = [US]" in said


@pytest.mark.parametrize(
    ("elements", "said"),
    [
        ({"Effect": "Allow", "Principal": "*", "Action": "sqs:*"}, "lets anyone: sqs:* on (no resource)"),
        ({"Effect": "Deny", "Principal": {"AWS": ["*"]}, "Action": "a:b", "Resource": "*"}, "forbids anyone: a:b on *"),
        ({"Effect": "Allow", "NotAction": "a:b", "Resource": "*"}, "may everything but a:b on *"),
        ({"Effect": "Allow", "Principal": {"AWS": "444444444444"}, "Action": "a:b"}, "lets account 444444444444: a:b"),
        ({"Effect": "Allowed", "Action": "a:b"}, "PolicyDocument has a statement that cannot be read"),
        ({"Effect": "Allow", "Action": "a:b", "Resources": "*"}, "PolicyDocument has a statement that cannot be read"),
    ],
)
def test_a_statement_is_said_with_what_it_leaves_open(elements: dict[str, object], said: str) -> None:
    assert any(line.startswith(f"q {said}") for line in with_statement(**elements))


def test_a_policy_without_a_version_is_an_old_one() -> None:
    statement = {"Effect": "Allow", "Action": "a:b", "Resource": "*"}
    said = of("AWS::IAM::Role", AssumeRolePolicyDocument={"Statement": [statement]})
    assert "It AssumeRolePolicyDocument policy version = 2008-10-17, because none is written" in said


def test_defaults_and_empty_values_are_written_too() -> None:
    said = of("AWS::CloudFront::Distribution", A={"S3OriginConfig": {}}, B="", C=[])
    assert {"It A.S3OriginConfig = {}", "It B = (empty)", "It C = []"} <= said


def test_a_security_group_lets_out_everything_only_while_no_rule_says_what_it_lets_out() -> None:
    group: dict[str, object] = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "open"}}
    rule = {"GroupId": {"Fn::GetAtt": ["It", "GroupId"]}, "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    own = {"Type": "AWS::EC2::SecurityGroupEgress", "Properties": {**rule, "CidrIp": "10.0.0.0/8"}}

    assert "It lets out all traffic to 0.0.0.0/0" in lines(stack(It=group))
    said = {line for line in lines(stack(It=group, Rule=own)) if "lets out" in line}
    assert said == {"It lets out tcp 443 to 10.0.0.0/8"}


def test_opaque_texts_are_said_by_what_they_hold() -> None:
    widget = {"type": "metric", "x": 0, "properties": {"title": "Errors", "metrics": [["AWS/Lambda", "Errors"]]}}
    board = of("AWS::CloudWatch::Dashboard", DashboardBody=json.dumps({"widgets": [widget]}))
    assert 'It shows "Errors" of AWS/Lambda Errors' in board
    code = of("AWS::CloudFront::Function", FunctionCode="// words\nfunction handler() {\n  return 1;\n}\n")
    assert "It FunctionCode line 02 =   return 1;" in code
    assert not any("words" in line for line in code)
    assert of("AWS::Any::Thing", A='{"b": 1}') == of("AWS::Any::Thing", A='{ "b" : 1 }')


def test_what_holds_only_under_a_condition_is_marked() -> None:
    sections = {
        "Parameters": {"Large": {"Type": "String"}},
        "Conditions": {"Large": {"Fn::Equals": [{"Ref": "Large"}, "yes"]}},
    }
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": {"Fn::If": ["Large", 1, 2]}, "FifoQueue": False}}
    said = lines(with_sections(stack(Queue=queue), **sections))
    assert {"sometimes: Queue DelaySeconds = 1", "sometimes: Queue DelaySeconds = 2", "Queue FifoQueue = false"} <= said


def test_what_cannot_be_read_or_points_nowhere_is_said() -> None:
    said = lines(
        with_sections(
            stack(
                It={"Type": "AWS::Any::Thing", "Properties": {"A": {"Fn::Base64": "x"}, "B": {"Ref": "Gone"}}},
                **{"Fn::ForEach::Many": ["Name", ["a"], {"It${Name}": {"Type": "AWS::SQS::Queue"}}]},
            ),
            Transform="AWS::LanguageExtensions",
        )
    )
    assert {
        *("Data cannot be read: Transform: section Transform", "Data cannot be read: It: Fn::Base64"),
        *("Data cannot be read: Fn::ForEach::Many: a resource without a type", "Data refers to nothing: It: Gone"),
    } <= said


def test_attributes_and_metadata_of_a_resource_have_lines() -> None:
    said = lines(
        stack(
            A={"Type": "AWS::Any::Thing", "CreationPolicy": {"x": 1}, "Metadata": {"y": 2}, "DependsOn": ["B", "C"]},
            B={"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Delete"},
            C={"Type": "AWS::Any::Thing", "UpdatePolicy": {"z": 3}},
        )
    )
    assert {
        *("A attribute CreationPolicy = {x: 1}", "A metadata y = 2", "A waits for B", "A waits for C"),
        *("C UpdatePolicy.z = 3",),
        "B is AWS::S3::Bucket, logical id B, on removal Retain when deleted and Delete when replaced",
    } <= said
