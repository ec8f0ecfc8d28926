"""Each difference has its consequence, and what is one decision is one row."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from policy.accepted import accept, read_accepted
from policy.changes.consequence import Consequence
from policy.changes.directions import table
from policy.model import WrittenStack

from .small_stack import compare, stack

_RDS = "AWS::RDS::DBInstance"
_FIRES = {"MetricName": "Age", "Statistic": "Average", "Period": 60, "ComparisonOperator": "GreaterThanThreshold"}
_ALARM = {**_FIRES, "EvaluationPeriods": 3, "Threshold": 80}


def of(kind: str, properties: Mapping[str, object]) -> WrittenStack:
    return stack(It={"Type": kind, "Properties": properties})


def worst(kind: str, before: Mapping[str, object], after: Mapping[str, object]) -> str:
    return compare([of(kind, before)], [of(kind, after)])[0].consequence.value


@pytest.mark.parametrize(
    ("kind", "before", "after", "consequence"),
    [
        (_RDS, {"BackupRetentionPeriod": 14}, {"BackupRetentionPeriod": "20"}, "harmless"),
        (_RDS, {"BackupRetentionPeriod": 14}, {"BackupRetentionPeriod": 350}, "changed"),
        (_RDS, {}, {"SomethingNew": True}, "changed"),
        (_RDS, {"DBInstanceClass": "db.r7g.2xlarge"}, {"DBInstanceClass": "db.r8g.4xlarge"}, "harmless"),
        ("AWS::Lambda::Function", {"Description": "a"}, {"Description": "password=hunter2"}, "widens access"),
        ("AWS::SQS::Queue", {}, {"RedrivePolicy": {"deadLetterTargetArn": "arn:444444444444:x"}}, "widens access"),
        ("AWS::CloudFront::Distribution", {"A": {"S3OriginConfig": {}}}, {"A": {}}, "interrupts traffic"),
        ("AWS::CloudWatch::Alarm", _ALARM, {**_ALARM, "Threshold": 70}, "harmless"),
        ("AWS::CloudWatch::Alarm", _ALARM, {**_ALARM, "Statistic": "p99"}, "harmless"),
    ],
)
def test_a_property_has_a_direction_or_is_only_changed(
    kind: str, before: Mapping[str, object], after: Mapping[str, object], consequence: str
) -> None:
    assert worst(kind, before, after) == consequence


@pytest.mark.parametrize(
    ("before", "after", "consequence"),
    [
        ({}, {"Action": "s3:Get*"}, "changed"),
        ({}, {"Action": "*"}, "widens access"),
        ({}, {"Condition": {"StringEquals": {"aws:SourceVpc": "x"}}}, "interrupts traffic"),
        ({"Condition": {"StringEquals": {"aws:ResourceAccount": "333333333333"}}}, {}, "widens access"),
        ({"Effect": "Deny"}, {"Effect": "Deny", "Action": "s3:Get*"}, "weakens protection"),
    ],
)
def test_a_grant_is_compared_by_what_it_gives(
    before: Mapping[str, object], after: Mapping[str, object], consequence: str
) -> None:
    def role(changed: Mapping[str, object]) -> Mapping[str, object]:
        statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::flux/*", **changed}
        return {"Policies": [{"PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}]}

    assert worst("AWS::IAM::Role", role(before), role(after)) == consequence


def test_a_security_group_rule_that_lets_through_less_is_only_changed() -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    groups = [{"SecurityGroupIngress": [{**rule, "CidrIp": cidr}]} for cidr in ("10.0.0.0/16", "10.0.1.0/24")]
    assert worst("AWS::EC2::SecurityGroup", *groups) == "changed"


def test_more_that_is_kept_when_a_resource_goes_is_harmless() -> None:
    bucket = {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Delete", "UpdateReplacePolicy": "Retain"}
    (row,) = compare([stack(A=bucket)], [stack(A={**bucket, "DeletionPolicy": "Retain"})])
    assert row.consequence is Consequence.HARMLESS


def test_what_cannot_be_read_is_never_harmless() -> None:
    rows = compare([stack()], [stack(**{"Fn::ForEach::Many": ["Name", ["a"], {}]})])
    assert Consequence.WIDENS in {row.consequence for row in rows}


def test_the_same_of_many_resources_is_one_row() -> None:
    def functions(**properties: object) -> WrittenStack:
        return stack(
            **{
                f"F{n}": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "x", **properties}}
                for n in range(9)
            }
        )

    layer = "arn:aws:lambda:us-east-1:444444444444:layer:x:1"
    rows = compare([functions()], [functions(Layers=[layer], Environment={"Variables": {"A": "1", "B": "2"}})])
    assert [(row.consequence.value, len(row.subjects)) for row in rows] == [("widens access", 9), ("changed", 9)]
    assert "9 resources (Data/F0, Data/F1, Data/F2, Data/F3 and 5 more)" in str(rows[0])


def test_a_new_resource_is_one_row() -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 1, "FifoQueue": False}}
    (row,) = compare([stack()], [stack(Queue=queue)])
    assert str(row) == (
        "new: Data/Queue: new AWS::SQS::Queue, 3 lines of policy/surface (nobody has accepted it yet) -> "
        "if it is meant, `make accept`"
    )


def test_of_long_lines_that_begin_alike_the_row_shows_where_they_part() -> None:
    def dashboard(*functions: str) -> WrittenStack:
        metrics = [[{"expression": " + ".join(f"FILL(failed_{name}, 0)" for name in functions)}]]
        body = {"widgets": [{"type": "metric", "x": 0, "properties": {"title": "Failed steps", "metrics": metrics}}]}
        return of("AWS::CloudWatch::Dashboard", {"DashboardBody": json.dumps(body)})

    many = [f"rotation_{number}" for number in range(9)]
    (row,) = compare([dashboard(*many, "before")], [dashboard(*many, "after", "more")])
    start = 'shows "Failed steps" of {expression: '
    gone, come = row.what.split("; ")
    assert gone.startswith(f"no longer {start}")
    assert gone.endswith(", 0) + FILL(failed_before, 0)}")
    assert come.startswith(f"now {start}")
    assert come.endswith(", 0) + FILL(failed_after, 0) + FILL(failed_more, 0)}")


def test_rows_come_worst_first() -> None:
    before = of(_RDS, {"MultiAZ": True, "PubliclyAccessible": False, "KmsKeyId": "a", "X": 1})
    after = of(_RDS, {"MultiAZ": False, "PubliclyAccessible": True, "KmsKeyId": "b", "X": 2})
    consequences = [row.consequence for row in compare([before], [after])]
    assert consequences == [Consequence.LOSES_DATA, Consequence.WIDENS, Consequence.WEAKENS, Consequence.CHANGED]


def test_accepting_writes_what_is_shared_once(tmp_path: Path) -> None:
    accept({"dev": frozenset({"a b = 1", "a c = 2"}), "prod": frozenset({"a b = 1", "a c = 3"})}, tmp_path)
    assert (tmp_path / "common").read_text().splitlines()[1:] == ["a b = 1"]
    assert read_accepted("prod", tmp_path) == frozenset({"a b = 1", "a c = 3"})
    assert read_accepted("pr-12", tmp_path) == read_accepted("dev", tmp_path)  # previews are shaped like dev
    assert read_accepted("perf", tmp_path) is None
    accept({"prod": frozenset({"a c = 3"})}, tmp_path)
    assert read_accepted("dev", tmp_path) == frozenset({"a b = 1", "a c = 2"})


def test_every_direction_is_of_a_known_consequence() -> None:
    for kind, directions in table()["types"].items():
        assert {Consequence(name) for name in directions} <= set(Consequence), kind
