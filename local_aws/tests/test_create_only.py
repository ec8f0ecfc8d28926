"""What replaces a resource, beside CloudFormation's own schemas as cfn-lint carries them."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from local_aws.resources import CREATE_ONLY

from .emulator import run_python
from .stacks import CloudFormation, Resources

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

WRITER = Path(__file__).with_name("create_only.py")


def test_the_list_is_what_the_schemas_say() -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); from create_only import written; print(written(), end='')"
    finished = run_python(code, str(WRITER.parent))
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == CREATE_ONLY.read_text(), f"run {sys.executable} {WRITER}"


def log_group(name: str) -> Resources:
    return {"Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": name}}}


def test_what_a_types_schema_calls_create_only_replaces_the_resource(cloudformation: CloudFormation) -> None:
    aws = cloudformation.aws
    logs: CloudWatchLogsClient = aws.session().client("logs", endpoint_url=aws.url)
    cloudformation.create("create-only", log_group("/create-only/old"), {})
    answered = cloudformation.client.create_change_set(
        StackName="create-only",
        ChangeSetName="renamed",
        TemplateBody=json.dumps({"Resources": log_group("/create-only/new")}),
    )
    described = cloudformation.client.describe_change_set(ChangeSetName=answered["Id"])
    assert [change["ResourceChange"]["Replacement"] for change in described["Changes"]] == ["True"]
    cloudformation.update("create-only", log_group("/create-only/new"), {})
    found = logs.describe_log_groups(logGroupNamePrefix="/create-only/")["logGroups"]
    assert [group["logGroupName"] for group in found] == ["/create-only/new"]
