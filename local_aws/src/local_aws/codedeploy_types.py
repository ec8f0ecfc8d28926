"""CodeDeploy's CloudFormation types, as far as deployments of Lambda functions go."""

from typing import override

from .releases import deployment
from .releases.registry import Registry
from .releases.shifting import TrafficShift
from .resources import Request, Resource, ResourceType
from .values import InvalidValueError, Properties

REGISTRY = Registry()
"""The emulator's only CodeDeploy."""

_LONGEST_NAME = 100


def _require_lambda(properties: Properties) -> None:
    platform = properties.text("ComputePlatform", "Server")
    if platform != "Lambda":
        raise InvalidValueError(f"ComputePlatform={platform}: only Lambda is available here")


class Application(ResourceType):
    """`AWS::CodeDeploy::Application`: `Ref` is its name."""

    name = "AWS::CodeDeploy::Application"
    fixed_name = "ApplicationName"
    replacing = ("ApplicationName", "ComputePlatform")
    tags = "Tags"

    @override
    def create(self, request: Request) -> Resource:
        _require_lambda(request.properties)
        name = request.name("ApplicationName", longest=_LONGEST_NAME)
        REGISTRY.applications.add(name)
        return Resource(physical_id=name)

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        return Resource(physical_id=physical_id)  # nothing but tags can change

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        REGISTRY.applications.discard(physical_id)


class Configuration(ResourceType):
    """`AWS::CodeDeploy::DeploymentConfig`: `Ref` is its name. It never changes: every change makes a new one."""

    name = "AWS::CodeDeploy::DeploymentConfig"
    fixed_name = "DeploymentConfigName"
    replacing = ("ComputePlatform", "DeploymentConfigName", "TrafficRoutingConfig")

    @override
    def create(self, request: Request) -> Resource:
        _require_lambda(request.properties)
        name = request.name("DeploymentConfigName", longest=_LONGEST_NAME)
        REGISTRY.put_configuration(TrafficShift.of(name, request.properties.child("TrafficRoutingConfig")))
        return Resource(physical_id=name)

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        return Resource(physical_id=physical_id)

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        REGISTRY.delete_configuration(physical_id)


class Group(ResourceType):
    """`AWS::CodeDeploy::DeploymentGroup`: `Ref` is its name."""

    name = "AWS::CodeDeploy::DeploymentGroup"
    replacing = ("ApplicationName", "DeploymentGroupName")
    tags = "Tags"

    @override
    def create(self, request: Request) -> Resource:
        name = request.name("DeploymentGroupName", longest=_LONGEST_NAME)
        return self._put(name, request.properties)

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        return self._put(physical_id, request.properties)

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        REGISTRY.delete_group(properties.text("ApplicationName"), physical_id)

    @staticmethod
    def _put(name: str, properties: Properties) -> Resource:
        watched, rollback = properties.child("AlarmConfiguration"), properties.child("AutoRollbackConfiguration")
        alarms = watched.children("Alarms") if watched.flag("Enabled", default=False) else []
        events = rollback.texts("Events") if rollback.flag("Enabled", default=False) else []
        REGISTRY.put_group(
            deployment.Group(
                application=properties.text("ApplicationName"),
                name=name,
                shift=REGISTRY.configuration(
                    properties.text("DeploymentConfigName", "CodeDeployDefault.LambdaAllAtOnce")
                ),
                role=properties.text("ServiceRoleArn"),
                alarms=tuple(alarm.text("Name") for alarm in alarms),
                rollback_on=frozenset(events),
            )
        )
        return Resource(physical_id=name)
