"""docs/contract.md: each documented behaviour has its words where AWS wrote them, and one test that shows it here."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import botocore.session
import pytest
from botocore.exceptions import ClientError, WaiterError
from botocore.model import Shape, StructureShape

from .stacks import CloudFormation, Resources
from .test_function_versions import ONE, service

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "contract.md"


class Row(NamedTuple):
    """One line of the table."""

    behaviour: str
    source: str
    words: str
    test: str


def rows() -> Iterator[Row]:
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and cells[3].startswith("`"):
            behaviour, source, words, test = cells
            yield Row(behaviour=behaviour, source=source, words=words, test=test.strip("`"))


def documented(source: str) -> str:
    """What the API's own model says: of an operation, or of one of its parameters (`service Operation a.b`)."""
    service, operation, *path = source.split()
    model = botocore.session.get_session().get_service_model(service).operation_model(operation)
    text = model.documentation
    shape: Shape | None = model.input_shape
    for name in path[0].split(".") if path else ():
        assert isinstance(shape, StructureShape)
        shape = shape.members[name]
        text = shape.documentation
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text))


@pytest.mark.parametrize("row", [row for row in rows() if row.words], ids=lambda row: row.source)
def test_aws_still_says_so(row: Row) -> None:
    assert row.words in documented(row.source)


def test_every_behaviour_is_shown_by_one_test_of_its_own() -> None:
    named = [row.test for row in rows()]
    assert len(named) == len(set(named)) >= 15
    for each in named:
        file, _, name = each.partition("::")
        tree = ast.parse((HERE / file).read_text())
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, each


def test_every_test_of_this_module_that_shows_a_behaviour_is_named() -> None:
    shown = {
        node.name
        for node in ast.parse(Path(__file__).read_text()).body
        if isinstance(node, ast.FunctionDef) and any(one.arg == "cloudformation" for one in node.args.args)
    }
    assert {f"{Path(__file__).name}::{name}" for name in shown} == {
        row.test for row in rows() if row.test.startswith(Path(__file__).name)
    }


def kept(name: str, *, fails: bool) -> Resources:
    """A queue that is retained except on create, and where `fails`, after it, an alias of no version."""
    queue = {"Type": "AWS::SQS::Queue", "DeletionPolicy": "RetainExceptOnCreate", "Properties": {"QueueName": name}}
    failing = service(ONE, alias="9") if fails else {}
    return {"Queue": queue, **{each: {**resource, "DependsOn": "Queue"} for each, resource in failing.items()}}


def test_what_is_retained_except_on_create_goes_with_a_creation_that_fails_and_stays_when_its_stack_goes(
    cloudformation: CloudFormation,
) -> None:
    queues: SQSClient = cloudformation.aws.session().client("sqs", endpoint_url=cloudformation.aws.url)
    with pytest.raises(WaiterError):
        cloudformation.create("kept-fails", kept("kept-except", fails=True), {})
    with pytest.raises(ClientError, match=r"NonExistentQueue|QueueDoesNotExist"):
        queues.get_queue_url(QueueName="kept-except")
    cloudformation.create("kept", kept("kept-except", fails=False), {})
    cloudformation.delete("kept")
    queues.delete_queue(QueueUrl=queues.get_queue_url(QueueName="kept-except")["QueueUrl"])


def test_a_message_is_counted_each_time_it_comes_and_given_up_after_as_many(cloudformation: CloudFormation) -> None:
    queues: SQSClient = cloudformation.aws.session().client("sqs", endpoint_url=cloudformation.aws.url)
    found = cloudformation.create(
        "counted",
        {
            "Dead": {"Type": "AWS::SQS::Queue"},
            "Queue": {
                "Type": "AWS::SQS::Queue",
                "Properties": {
                    "VisibilityTimeout": 0,
                    "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 2},
                },
            },
        },
        {"Queue": {"Ref": "Queue"}, "Dead": {"Ref": "Dead"}},
    )
    queues.send_message(QueueUrl=found["Queue"], MessageBody="one")
    counts = [
        message["Attributes"]["ApproximateReceiveCount"]
        for _ in range(3)
        for message in queues.receive_message(
            QueueUrl=found["Queue"], MessageSystemAttributeNames=["ApproximateReceiveCount"]
        ).get("Messages", [])
    ]
    assert counts == ["1", "2"]
    (given_up,) = queues.receive_message(QueueUrl=found["Dead"])["Messages"]
    assert given_up["Body"] == "one"


def test_a_change_set_is_of_the_kind_that_its_stack_asks_for(cloudformation: CloudFormation) -> None:
    with pytest.raises(ClientError, match="does not exist"):
        cloudformation.client.create_change_set(
            StackName="not-there", ChangeSetName="one", ChangeSetType="UPDATE", TemplateBody='{"Resources": {}}'
        )
