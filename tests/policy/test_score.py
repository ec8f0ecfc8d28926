"""The scanners' columns of the score: cdk-nag can be asked about a written template."""

import json
from pathlib import Path

from tests.policy.mutants import nag


def _write(folder: Path, name: str, resource: dict[str, object]) -> Path:
    file = folder / f"{name}.template.json"
    file.write_text(json.dumps({"Resources": {"It": resource}}))
    return file


def test_cdk_nag_judges_a_written_template(tmp_path: Path) -> None:
    bucket = _write(tmp_path, "Bucket", {"Type": "AWS::S3::Bucket", "Properties": {}})
    role = {"Fn::GetStackOutput": {"StackName": "Flux-prod-Data", "Region": "us-east-1", "OutputName": "Role"}}
    code = {"ZipFile": "def handler(event, context): ..."}
    function = _write(
        tmp_path,
        "Function",
        {"Type": "AWS::Lambda::Function", "Properties": {"Role": role, "Code": code, "Runtime": "python3.11"}},
    )
    found = nag.judge([bucket, function])
    assert ("AwsSolutions::AwsSolutions-S1", "It") in found[bucket]
    assert ("Serverless::Serverless-LambdaLatestVersion", "It") in found[function]
    assert not {rule for rule, _ in found[function]} & {rule for rule, _ in found[bucket]}


def test_a_template_that_refers_to_nothing_is_not_judged(tmp_path: Path) -> None:
    queue = _write(tmp_path, "Queue", {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": {"Ref": "Gone"}}})
    bucket = _write(tmp_path, "Bucket", {"Type": "AWS::S3::Bucket", "Properties": {}})
    assert set(nag.judge([queue, bucket])) == {bucket}
