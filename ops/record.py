"""Tells CloudFormation what a rollback did, so that the next `cdk diff` says it.

`cdk diff` compares a template with the deployed one and looks at nothing else: an alias that was moved behind
CloudFormation's back is no difference to it. So the deployed template is made to say what is true, by a change set that
touches only what was foreseen, or not at all.
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import cast

from botocore.exceptions import ClientError

from .aws import Aws
from .errors import OpsError
from .reads import Json
from .stacks import MARK, DeployedStack

type Section = dict[str, dict[str, Json]]

# The CDK CLI puts its own templates there: beyond 51,200 bytes CloudFormation takes them only from S3.
_STAGING_BUCKET = "cdk-hnb659fds-assets-{account}-{region}"

_STABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE")

# Longer than the guardrails of the model let an update take; SageMaker then goes back, and CloudFormation ends.
_PATIENCE_SECONDS = 3 * 3_600


def require_idle(stack: DeployedStack) -> None:
    """Refuse while CloudFormation is busy with the stack: it may move what is about to be rolled back.

    Raises:
        OpsError: it is.
    """
    if stack.status.endswith("_IN_PROGRESS"):
        raise OpsError(
            f"stack {stack.name} is {stack.status}: a deployment is under way",
            remedy="wait for its end; to end a canary now: aws deploy stop-deployment --auto-rollback-enabled "
            "--deployment-id ID (./flux status names it); CloudFormation then goes back by itself",
        )


def require_stable(stack: DeployedStack) -> None:
    """Refuse unless CloudFormation can change the stack.

    Raises:
        OpsError: it is busy, or a failure has left it half-way.
    """
    require_idle(stack)
    if stack.status not in _STABLE:
        raise OpsError(
            f"stack {stack.name} is {stack.status}: a failed deployment has left it half-way",
            remedy="mend it first: aws cloudformation continue-update-rollback --stack-name " + stack.name,
        )


def signature(aws: Aws) -> str:
    """Who does it and when, for a mark: `at <time> by <operator>`."""
    return f"at {datetime.now(UTC):%Y-%m-%dT%H:%MZ} by {aws.operator}"


def amend_template(
    aws: Aws, stack: DeployedStack, *, marks: Mapping[str, str], edit: Callable[[Section], Collection[str]]
) -> None:
    """Change the deployed template and let CloudFormation carry it out.

    marks: by what was rolled back, like "Api", the sentence that the next `cdk diff` shows.
    edit: changes the template's resources in place and answers the logical ids of those it changed.

    Raises:
        OpsError: CloudFormation would change something else too, or failed; a failed change is not undone, because
            undoing it would undo the rollback.
    """
    template = _template(aws, stack)
    foreseen = set(edit(cast("Section", template["Resources"])))
    outputs = cast("Section", template.setdefault("Outputs", {}))
    for subject, mark in marks.items():
        outputs[f"{MARK}{subject}"] = {"Description": "Rolled back; the next deployment ends this", "Value": mark}
    name = f"flux-ops-{uuid.uuid4().hex[:12]}"
    touched = _create(aws, stack, name, template)
    if touched - foreseen:
        aws.stacks.delete_change_set(StackName=stack.name, ChangeSetName=name)
        raise OpsError(
            f"stack {stack.name}: CloudFormation would also change {', '.join(sorted(touched - foreseen))}",
            remedy="a value it depends on has moved since it was deployed; deploy the environment: "
            f"cdk deploy 'Flux-{aws.config.name}/*'",
        )
    aws.stacks.execute_change_set(StackName=stack.name, ChangeSetName=name, DisableRollback=True)
    _await(aws, stack)


def record_rollback(
    aws: Aws, stack: DeployedStack, *, marks: Mapping[str, str], edit: Callable[[Section], Collection[str]]
) -> None:
    """Amend the template after the deed; parameters as for `amend_template`.

    Raises:
        OpsError: the rollback stands, but the template does not know of it.
    """
    try:
        amend_template(aws, stack, marks=marks, edit=edit)
    except (OpsError, ClientError) as error:
        raise OpsError(
            f"the rollback stands ({'; '.join(marks.values())}), but it could not be written into the template of "
            f"{stack.name}: {error}",
            remedy="'cdk diff' will not show it: revert the commit and deploy before anything else is deployed",
        ) from error


def properties_of(resources: Section, logical_id: str) -> dict[str, Json]:
    """The properties of a resource in a template, to be changed in place.

    Raises:
        TypeError: they are no object.
    """
    properties = resources[logical_id]["Properties"]
    if not isinstance(properties, dict):
        raise TypeError(f"{logical_id}.Properties is no object in the deployed template")
    return properties


def _template(aws: Aws, stack: DeployedStack) -> dict[str, Json]:
    body: object = aws.stacks.get_template(StackName=stack.name, TemplateStage="Original")["TemplateBody"]
    parsed: dict[str, Json] = json.loads(body if isinstance(body, str) else json.dumps(body))
    return parsed


def _create(aws: Aws, stack: DeployedStack, name: str, template: dict[str, Json]) -> set[str]:
    """Create a change set; returns the logical ids that it would change."""
    account, region = aws.config.account, aws.config.region
    bucket = _STAGING_BUCKET.format(account=account, region=region)
    body = json.dumps(template, indent=1).encode()
    key = f"flux-ops/{hashlib.sha256(body).hexdigest()}.json"
    aws.files.put_object(Bucket=bucket, Key=key, Body=body, ExpectedBucketOwner=account)
    parameters = cast("Section", template.get("Parameters", {}))
    aws.stacks.create_change_set(
        StackName=stack.name,
        ChangeSetName=name,
        ChangeSetType="UPDATE",
        TemplateURL=f"https://s3.{region}.amazonaws.com/{bucket}/{key}",
        Parameters=[{"ParameterKey": parameter, "UsePreviousValue": True} for parameter in parameters],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        Description="flux rollback: make the deployed template say what was rolled back",
    )
    described = aws.poll(
        lambda: aws.stacks.describe_change_set(StackName=stack.name, ChangeSetName=name),
        until=lambda seen: seen["Status"] in ("CREATE_COMPLETE", "FAILED"),
        seconds=_PATIENCE_SECONDS,
    )
    if described["Status"] != "CREATE_COMPLETE":
        raise OpsError(
            f"stack {stack.name}: change set {name} is {described['Status']}: {described.get('StatusReason', '')}",
            remedy="read it in the CloudFormation console; nothing was changed by it",
        )
    return {change["ResourceChange"]["LogicalResourceId"] for change in described["Changes"]}


def _await(aws: Aws, stack: DeployedStack) -> None:
    status = aws.poll(
        lambda: str(aws.stacks.describe_stacks(StackName=stack.name)["Stacks"][0]["StackStatus"]),
        until=lambda seen: not seen.endswith("_IN_PROGRESS"),
        seconds=_PATIENCE_SECONDS,
    )
    if status == "UPDATE_COMPLETE":
        return
    events = aws.stacks.describe_stack_events(StackName=stack.name)["StackEvents"]
    failed = (event.get("ResourceStatusReason", "") for event in events if "FAILED" in str(event.get("ResourceStatus")))
    raise OpsError(
        f"stack {stack.name} is {status} after the change: {next(failed, 'no reason given')}",
        remedy="mend what it names, then deploy; nothing was undone",
    )
