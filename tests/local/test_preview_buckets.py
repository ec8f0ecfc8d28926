"""Taking a preview away: its buckets are full, and CloudFormation deletes only empty ones."""

import pytest

from ci.abandoned import deployed
from ci.preview import Preview, PreviewError
from flux_infra.config import ConfigError
from tests.support.stacks import CloudFormation, Resources

BUCKET: Resources = {
    "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"Status": "Enabled"}}},
    "Topic": {"Type": "AWS::SNS::Topic"},
}
OUTPUTS = {"Name": {"Ref": "Bucket"}}


def preview(cloudformation: CloudFormation, name: str) -> Preview:
    aws = cloudformation.aws
    return Preview(name=name, stacks=cloudformation.client, files=aws.session().client("s3", endpoint_url=aws.url))


def fill(pr: Preview, bucket: str) -> None:
    """Two objects, one of them written twice and then deleted: four versions, one of them a delete marker."""
    for key in ("a", "b", "b"):
        pr.files.put_object(Bucket=bucket, Key=key, Body=b"1")
    pr.files.delete_object(Bucket=bucket, Key="b")


def test_full_buckets_are_emptied_of_every_version_before_their_stacks_go(cloudformation: CloudFormation) -> None:
    pr = preview(cloudformation, "pr-7")
    bucket = cloudformation.create("Flux-pr-7-Data", BUCKET, OUTPUTS)["Name"]
    fill(pr, bucket)
    said: list[str] = []

    def destroy(pattern: str) -> bool:
        assert pattern == "Flux-pr-7/*"
        assert pr.empty(bucket) == 0
        cloudformation.delete("Flux-pr-7-Data")
        return True

    assert pr.buckets() == [bucket]
    pr.remove(destroy, said.append)

    assert said == [f"preview: {bucket}: 4 object versions deleted"]
    assert pr.buckets() == []


def test_no_other_previews_bucket_is_touched(cloudformation: CloudFormation) -> None:
    other = cloudformation.create("Flux-pr-80-Data", BUCKET, OUTPUTS)["Name"]
    mine = cloudformation.create("Flux-pr-8-Data", BUCKET, OUTPUTS)["Name"]

    assert preview(cloudformation, "pr-8").buckets() == [mine]
    assert preview(cloudformation, "pr-80").buckets() == [other]


def test_a_log_that_arrives_late_is_deleted_too(cloudformation: CloudFormation) -> None:
    pr = preview(cloudformation, "pr-9")
    bucket = cloudformation.create("Flux-pr-9-Data", BUCKET, OUTPUTS)["Name"]
    attempts: list[int] = []

    def destroy(_: str) -> bool:
        attempts.append(pr.empty(bucket))
        if len(attempts) == 1:
            pr.files.put_object(Bucket=bucket, Key="late.log", Body=b"1")
            return False
        cloudformation.delete("Flux-pr-9-Data")
        return True

    pr.remove(destroy, lambda _: None)

    assert attempts == [0, 0]


def test_a_stack_that_the_app_which_destroys_does_not_know_is_seen(cloudformation: CloudFormation) -> None:
    cloudformation.create("Flux-pr-11-Added", {"Topic": {"Type": "AWS::SNS::Topic"}}, {})
    with pytest.raises(PreviewError, match="Flux-pr-11-Added: still there"):
        preview(cloudformation, "pr-11").remove(lambda _: True, lambda _: None)
    cloudformation.delete("Flux-pr-11-Added")


def test_it_gives_up_when_stacks_stay(cloudformation: CloudFormation) -> None:
    with pytest.raises(PreviewError, match="still there after 3 attempts"):
        preview(cloudformation, "pr-10").remove(lambda _: False, lambda _: None)


@pytest.mark.parametrize("name", ["prod", "dev", "pr-", "pr-*", "pr-1-Data"])
def test_nothing_but_a_preview_can_be_thrown_away(cloudformation: CloudFormation, name: str) -> None:
    with pytest.raises(ConfigError, match="only previews are thrown away"):
        preview(cloudformation, name)


def test_a_preview_is_found_by_any_of_its_stacks(cloudformation: CloudFormation) -> None:
    names = ("Flux-pr-12-Network", "Flux-pr-12-Data", "Flux-pr-70-Ml", "Flux-dev-Data", "pr-90", "Flux-pr-x-Data")
    for name in names:
        cloudformation.create(name, {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {}}}, {})
    try:
        found = deployed(cloudformation.client)
        assert [number for number in found if number in (12, 70, 90)] == [12, 70]
    finally:
        for name in names:
            cloudformation.delete(name)
