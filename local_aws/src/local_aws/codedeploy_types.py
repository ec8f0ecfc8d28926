"""CodeDeploy's CloudFormation types, as far as deployments of Lambda functions go."""

from typing import override

from .releases import deployment
from .releases.registry import Registry
from .releases.shifting import BUILT_IN_PREFIX, TrafficShift
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
    tags = "Tags"

    @override
    def create(self, request: Request) -> Resource:
        _require_lambda(request.properties)
        name = request.name("ApplicationName", longest=_LONGEST_NAME)
        REGISTRY.applications.add(name)
        return Resource(physical_id=name)

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        REGISTRY.applications.discard(physical_id)


class Configuration(ResourceType):
    """`AWS::CodeDeploy::DeploymentConfig`: `Ref` is its name. It never changes: every change makes a new one."""

    name = "AWS::CodeDeploy::DeploymentConfig"
    fixed_name = "DeploymentConfigName"

    @override
    def create(self, request: Request) -> Resource:
        _require_lambda(request.properties)
        name = request.name("DeploymentConfigName", longest=_LONGEST_NAME)
        REGISTRY.configurations[name] = TrafficShift.of(name, request.properties.child("TrafficRoutingConfig"))
        return Resource(physical_id=name)

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        REGISTRY.configurations.pop(physical_id, None)


class Group(ResourceType):
    """`AWS::CodeDeploy::DeploymentGroup`: `Ref` is its name."""

    name = "AWS::CodeDeploy::DeploymentGroup"
    tags = "Tags"

    @override
    def create(self, request: Request) -> Resource:
        properties = request.properties
        application, name = (
            properties.text("ApplicationName"),
            request.name("DeploymentGroupName", longest=_LONGEST_NAME),
        )
        watched, rollback = properties.child("AlarmConfiguration"), properties.child("AutoRollbackConfiguration")
        alarms = watched.children("Alarms") if watched.flag("Enabled", default=False) else []
        events = rollback.texts("Events") if rollback.flag("Enabled", default=False) else []
        REGISTRY.groups[application, name] = deployment.Group(
            application=application,
            name=name,
            shift=REGISTRY.configuration(properties.text("DeploymentConfigName", f"{BUILT_IN_PREFIX}AllAtOnce")),
            role=properties.text("ServiceRoleArn"),
            alarms=tuple(alarm.text("Name") for alarm in alarms),
            rollback_on=frozenset(events),
        )
        return Resource(physical_id=name)

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        REGISTRY.groups.pop((properties.text("ApplicationName"), physical_id), None)
