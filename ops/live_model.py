"""The model that is live, the ones before it, and the way back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from . import record
from .alarms import firing
from .aws import Aws
from .errors import OpsError
from .origins import Origins
from .plan import Change, Rollback
from .stacks import DeployedStack

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import EndpointConfigSummaryTypeDef

# Newest first; more releases than anybody goes back.
_LOOKED_AT = 50


@dataclass(frozen=True, kw_only=True)
class LiveModel:
    """The endpoint as it stands.

    config: the endpoint configuration that it serves; made: when that was made.
    artifact: the model's file, named by its hash.
    """

    endpoint: str
    status: str
    config: str
    artifact: str
    since: datetime
    made: datetime

    @classmethod
    def read(cls, aws: Aws, ml: DeployedStack) -> "LiveModel":
        """Ask SageMaker."""
        endpoint = aws.sagemaker.describe_endpoint(EndpointName=ml.output("EndpointName"))
        config = endpoint["EndpointConfigName"]
        return cls(
            endpoint=endpoint["EndpointName"],
            status=endpoint["EndpointStatus"],
            config=config,
            artifact=_artifact(aws, config),
            since=endpoint["LastModifiedTime"],
            made=_made(aws, config),
        )


def plan_model(aws: Aws, *, to: str | None, ignored: str) -> Rollback:
    """Plan the rollback of the model. to: an endpoint configuration; None for the one before the live one.

    Raises:
        OpsError: it cannot be done; the message names the value and the remedy.
    """
    ml = DeployedStack.read(aws, "Ml")
    record.require_stable(ml)
    live = LiveModel.read(aws, ml)
    if live.status != "InService":
        raise OpsError(
            f"endpoint {live.endpoint} is {live.status}",
            remedy="wait for its end; SageMaker goes back by itself when the endpoint's alarms fire",
        )
    # Those that SageMaker watches while an endpoint is updated.
    watched = f"flux-{aws.config.name}-model-release-"
    alarms = [alarm for alarm in firing(aws) if alarm.name.startswith(watched)]
    if alarms and not ignored:
        raise OpsError(
            f"{', '.join(alarm.name for alarm in alarms)} in ALARM: SageMaker would undo the update",
            remedy="if the alarm is why you go back, say so: --ignore-alarms 'REASON'; the reason is kept in the "
            "stack's output RolledBackModel",
        )
    target, stage = _target(aws, live, to), f"Flux-{aws.config.name}"
    made = _made(aws, target)
    origins = Origins.read(aws, [ml], since=min(live.made, made))
    note = f"model {live.artifact} -> {_artifact(aws, target)}"
    note += f"; all at once, without its alarms: {ignored}" if ignored else ""
    return Rollback(
        changes=[
            Change(
                what=f"model ({live.endpoint})",
                current=live.config,
                target=target,
                note=note,
                current_origin=origins.of(ml.name, live.made),
                target_origin=origins.of(ml.name, made),
            )
        ],
        next_step=f"'cdk diff {stage}/Ml' now shows the endpoint: deploying the same model again would release it "
        f"again. Revert the commit that brought it, then deploy: cdk deploy '{stage}/*'",
        act=lambda: _go_back(aws, ml, live, target, ignored=ignored),
    )


def _go_back(aws: Aws, ml: DeployedStack, live: LiveModel, target: str, *, ignored: str) -> Sequence[str]:
    """Let CloudFormation move the endpoint, which calls UpdateEndpoint, and see it in service.

    SageMaker takes an update to the configuration that is served already for an error or for a new fleet, so that
    moving the endpoint first and telling CloudFormation afterwards is no way.
    """

    def edit(resources: record.Section) -> list[str]:
        (logical_id,) = ml.of_type("AWS::SageMaker::Endpoint")
        properties = record.properties_of(resources, logical_id)
        properties["EndpointConfigName"] = target
        if ignored:
            properties.pop("DeploymentConfig", None)
        return [logical_id]

    mark = f"model {live.config} -> {target} {record.signature(aws)}"
    mark += f"; alarms ignored: {ignored}." if ignored else "."
    record.amend_template(aws, ml, marks={"Model": f"{mark} Deploying the same model again ends this."}, edit=edit)
    now = LiveModel.read(aws, ml)
    if (now.status, now.config) != ("InService", target):
        raise OpsError(
            f"endpoint {now.endpoint} is {now.status} with configuration {now.config}, not {target}",
            remedy="SageMaker has undone the update: look at the endpoint's alarms and its log "
            f"/aws/sagemaker/Endpoints/{now.endpoint}",
        )
    return [f"endpoint {now.endpoint} is InService with {now.config} (model {now.artifact})"]


def _target(aws: Aws, live: LiveModel, to: str | None) -> str:
    own = configs(aws)
    names = [config["EndpointConfigName"] for config in own]
    known = ", ".join(names[:10]) or "none"
    if to == live.config:
        raise OpsError(f"model --to {to}: it is live already", remedy=f"give another one: {known}")
    if to is not None:
        if to not in names:
            raise OpsError(f"model --to {to}: no such endpoint configuration", remedy=f"give one of {known}")
        return to
    created = next((each["CreationTime"] for each in own if each["EndpointConfigName"] == live.config), None)
    earlier = [each["EndpointConfigName"] for each in own if created is not None and each["CreationTime"] < created]
    if not earlier:
        why = "an ephemeral environment keeps none" if aws.config.ephemeral else "this is the first model"
        raise OpsError(
            f"model: no endpoint configuration before {live.config} ({why})",
            remedy="revert the commit that brought the model and deploy; or choose one with --to: " + known,
        )
    return earlier[0]


def configs(aws: Aws) -> "list[EndpointConfigSummaryTypeDef]":
    """The environment's endpoint configurations, newest first, told from others' by their tag."""
    page = aws.sagemaker.list_endpoint_configs(SortBy="CreationTime", SortOrder="Descending", MaxResults=_LOOKED_AT)
    return [config for config in page["EndpointConfigs"] if _is_own(aws, config)]


def _is_own(aws: Aws, config: "EndpointConfigSummaryTypeDef") -> bool:
    tags = aws.sagemaker.list_tags(ResourceArn=config["EndpointConfigArn"])["Tags"]
    return {"Key": "Environment", "Value": aws.config.name} in list(tags)


def _made(aws: Aws, config: str) -> datetime:
    return aws.sagemaker.describe_endpoint_config(EndpointConfigName=config)["CreationTime"]


def _artifact(aws: Aws, config: str) -> str:
    try:
        (variant,) = aws.sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
        model = aws.sagemaker.describe_model(ModelName=variant["ModelName"])
    except ClientError as error:
        return f"unknown: {error.response['Error']['Message']}"
    address = model["PrimaryContainer"]["ModelDataSource"]["S3DataSource"]["S3Uri"]
    return address.rpartition("/")[2].split(".")[0][:12]
