"""FSBP: what runs, and what it is told by."""

from collections.abc import Mapping

from .answers import Answer, NotApplicable, Open, rules

_NOTEBOOKS = "Flux trains outside SageMaker and has no notebook there"

ANSWERS: Mapping[str, Answer] = {
    "CloudFormation.1": Open(
        why="no stack notifies a topic: deployments are watched by the workflow that runs them and by release alarms"
    ),
    "EventBridge.3": NotApplicable(
        reason="schedules run on the account's default bus; there is no other", absent=("AWS::Events::EventBus",)
    ),
    "Lambda.1": rules("API-PERMISSION", "API-NO-FUNCTION-URL"),
    "Lambda.2": rules("LAMBDA-RUNTIME"),
    "Lambda.3": rules(
        "LAMBDA-PRIVATE",
        note="the functions behind aws-cdk-lib's custom resources run outside the VPC, while a stack is deployed",
    ),
    "Lambda.5": rules("LAMBDA-PRIVATE", "VPC-ZONES"),
    "SNS.1": rules("ALERTS-TOPIC"),
    "SNS.2": NotApplicable(reason="the topic's subscriber is an e-mail address, whose delivery SNS does not log"),
    "SNS.4": rules("SNS-POLICY"),
    "SQS.1": rules("SQS-ENCRYPTED"),
    **{
        f"SageMaker.{number}": NotApplicable(reason=_NOTEBOOKS, absent=("AWS::SageMaker::NotebookInstance",))
        for number in (1, 2, 3)
    },
    "SageMaker.4": rules("ML-INSTANCES", note="where data is kept; previews and dev have one"),
    "SageMaker.5": rules("ML-ISOLATED"),
}
