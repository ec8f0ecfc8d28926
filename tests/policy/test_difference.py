"""Each difference has its consequence, and what is one decision is one row."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from policy.__main__ import main
from policy.accepted import accept, read_accepted
from policy.changes.consequence import Consequence
from policy.changes.difference import changes
from policy.changes.directions import table
from policy.changes.rows import Row
from policy.model import WrittenStack

from .small_stack import compare, stack

_RDS, _BUCKET, _ALARM = "AWS::RDS::DBInstance", "AWS::S3::Bucket", "AWS::CloudWatch::Alarm"
_STATEMENT = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::flux/*"}


def of(kind: str, properties: Mapping[str, object]) -> WrittenStack:
    return stack(It={"Type": kind, "Properties": properties})


def worst(kind: str, before: Mapping[str, object], after: Mapping[str, object]) -> str:
    return _worst(compare([of(kind, before)], [of(kind, after)]))


def _worst(rows: list[Row]) -> str:
    return rows[0].consequence.value if rows else "nothing"


def alarm(**changed: object) -> dict[str, object]:
    usual = {
        "Namespace": "AWS/SQS",
        "MetricName": "Age",
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 3,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 80,
        "AlarmActions": ["arn:aws:sns:us-east-1:333333333333:alerts"],
    }
    return {**usual, **changed}


@pytest.mark.parametrize(
    ("kind", "before", "after", "consequence"),
    [
        (_RDS, {"BackupRetentionPeriod": 35}, {"BackupRetentionPeriod": 14}, "weakens protection"),
        (_RDS, {"BackupRetentionPeriod": 14}, {"BackupRetentionPeriod": "20"}, "harmless"),
        (_RDS, {"BackupRetentionPeriod": 14}, {"BackupRetentionPeriod": 350}, "changed"),
        (_RDS, {"BackupRetentionPeriod": 14}, {}, "weakens protection"),
        (_RDS, {}, {"PubliclyAccessible": False}, "harmless"),
        (_RDS, {}, {"PubliclyAccessible": True}, "widens access"),
        (_RDS, {}, {"SomethingNew": True}, "changed"),
        (_RDS, {"MultiAZ": "true"}, {"MultiAZ": True}, "nothing"),
        (_RDS, {"KmsKeyId": "a"}, {"KmsKeyId": "b"}, "replaces or loses data"),
        (_RDS, {"MonitoringInterval": 60}, {"MonitoringInterval": 0}, "weakens protection"),
        (_RDS, {"DBInstanceClass": "db.r7g.2xlarge"}, {"DBInstanceClass": "db.r8g.xlarge"}, "interrupts traffic"),
        (_RDS, {"DBInstanceClass": "db.r7g.2xlarge"}, {"DBInstanceClass": "db.r8g.4xlarge"}, "harmless"),
        (_RDS, {"EngineVersion": "18.3"}, {"EngineVersion": "9.6"}, "weakens protection"),
        (_BUCKET, {"VersioningConfiguration": {"Status": "Enabled"}}, {}, "weakens protection"),
        (_BUCKET, {}, {"LifecycleConfiguration": {"Rules": [{"ExpirationInDays": 1}]}}, "replaces or loses data"),
        (_BUCKET, {"BucketName": "a"}, {"BucketName": "b"}, "replaces or loses data"),
        ("AWS::Lambda::Function", {"Description": "a"}, {"Description": "b"}, "harmless"),
        ("AWS::Lambda::Function", {"Description": "a"}, {"Description": "password=hunter2"}, "widens access"),
        ("AWS::Lambda::Function", {}, {"Layers": ["arn:aws:lambda:us-east-1:444444444444:layer:x:1"]}, "widens access"),
        ("AWS::SQS::Queue", {}, {"RedrivePolicy": {"deadLetterTargetArn": "arn:444444444444:x"}}, "widens access"),
        ("AWS::CloudFront::Distribution", {"A": {"S3OriginConfig": {}}}, {"A": {}}, "interrupts traffic"),
        (_ALARM, alarm(), alarm(Threshold=90), "weakens protection"),
        (_ALARM, alarm(), alarm(Threshold=70), "harmless"),
        (_ALARM, alarm(), alarm(EvaluationPeriods=5), "weakens protection"),
        (_ALARM, alarm(), alarm(Statistic="p99"), "harmless"),
        (_ALARM, alarm(), alarm(Statistic="Minimum"), "weakens protection"),
        (_ALARM, alarm(), alarm(AlarmActions=[]), "weakens protection"),
        (_ALARM, alarm(), alarm(AlarmActions=["arn:aws:sns:us-east-1:444444444444:x"]), "widens access"),
    ],
)
def test_a_property_has_a_direction_or_is_only_changed(
    kind: str, before: Mapping[str, object], after: Mapping[str, object], consequence: str
) -> None:
    assert worst(kind, before, after) == consequence


@pytest.mark.parametrize(
    ("before", "after", "consequence"),
    [
        (_STATEMENT, {**_STATEMENT, "Action": ["S3:*"]}, "nothing"),
        (_STATEMENT, {**_STATEMENT, "Action": "s3:Get*"}, "changed"),
        (_STATEMENT, {**_STATEMENT, "Action": "*"}, "widens access"),
        (_STATEMENT, {**_STATEMENT, "Condition": {"Bool": {"aws:SecureTransport": True}}}, "harmless"),
        (_STATEMENT, {**_STATEMENT, "Condition": {"StringEquals": {"aws:SourceVpc": "x"}}}, "interrupts traffic"),
        (
            {**_STATEMENT, "Condition": {"StringEquals": {"aws:ResourceAccount": "333333333333"}}},
            _STATEMENT,
            "widens access",
        ),
        (_STATEMENT, {**_STATEMENT, "Effect": "Deny"}, "interrupts traffic"),
        ({**_STATEMENT, "Effect": "Deny"}, {**_STATEMENT, "Effect": "Deny", "Action": "s3:Get*"}, "weakens protection"),
    ],
)
def test_a_grant_is_compared_by_what_it_gives(
    before: Mapping[str, object], after: Mapping[str, object], consequence: str
) -> None:
    def role(statement: Mapping[str, object]) -> Mapping[str, object]:
        return {"Policies": [{"PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}]}

    assert worst("AWS::IAM::Role", role(before), role(after)) == consequence


@pytest.mark.parametrize(
    ("after", "consequence"),
    [
        ({"CidrIp": "10.0.1.0/24", "FromPort": 443, "ToPort": 443}, "changed"),
        ({"CidrIp": "0.0.0.0/0", "FromPort": 443, "ToPort": 443}, "widens access"),
        ({"CidrIp": "10.0.0.0/16", "FromPort": 1, "ToPort": 65535}, "widens access"),
    ],
)
def test_a_security_group_rule_is_compared_by_what_it_lets_through(
    after: Mapping[str, object], consequence: str
) -> None:
    before = {"CidrIp": "10.0.0.0/16", "FromPort": 443, "ToPort": 443, "IpProtocol": "tcp"}
    groups = [{"SecurityGroupIngress": [{"IpProtocol": "tcp", **rule}]} for rule in (before, after)]
    assert worst("AWS::EC2::SecurityGroup", *groups) == consequence


def test_another_logical_id_of_what_holds_state_loses_it() -> None:
    bucket = {"Type": _BUCKET}
    assert _worst(compare([stack(A=bucket)], [stack(B=bucket)])) == "replaces or loses data"


def test_less_is_kept_when_a_resource_goes() -> None:
    kept = {"Type": _BUCKET, "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    assert _worst(compare([stack(A=kept)], [stack(A={**kept, "DeletionPolicy": "Delete"})])) == "replaces or loses data"
    assert _worst(compare([stack(A={**kept, "DeletionPolicy": "Delete"})], [stack(A=kept)])) == "harmless"


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


def test_the_gate_names_each_difference_and_what_to_do(
    written: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "assembly-Flux-prod"
    shutil.copytree(written / "assembly-Flux-prod", folder)
    (file,) = folder.glob("*Data*.template.json")
    file.write_text(file.read_text().replace('"MultiAZ": true', '"MultiAZ": false'))
    assert main([str(folder)]) == 1
    line = capsys.readouterr().out.splitlines()[0]
    assert line == (
        "weakens protection: prod: Data/Database/Instance: MultiAZ was true, is false "
        "(a safeguard becomes weaker or goes) -> undo it; if it is meant, `make accept`"
    )


def test_every_direction_is_of_a_known_consequence() -> None:
    for kind, directions in table()["types"].items():
        assert {Consequence(name) for name in directions} <= set(Consequence), kind


def test_nothing_differs_from_itself() -> None:
    lines = frozenset({"Data/A is AWS::S3::Bucket", "Data/A B = 1"})
    assert changes(lines, lines) == []
