"""What one environment synthesizes to, layer by layer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self, cast

from aws_cdk import Stack
from aws_cdk.assertions import Template

from flux_infra.apps.entry import build_app
from flux_infra.config import FluxConfig, Severity
from flux_infra.constructs.artifacts import Artifacts
from flux_infra.constructs.names import topic_name
from flux_infra.stage import FluxStage

PROJECT = Path(__file__).parents[2]
LAYERS = ("network", "data", "ml", "compute", "api", "frontend", "monitoring")

type Json = str | int | float | bool | list[Json] | dict[str, Json] | None
type Resource = dict[str, Json]


@dataclass(frozen=True, kw_only=True)
class Templates:
    """One environment's stage, and the template of each of its layers."""

    config: FluxConfig
    stage: FluxStage
    network: Template
    data: Template
    ml: Template
    compute: Template
    api: Template
    frontend: Template
    monitoring: Template

    @classmethod
    def synthesize(cls, config: FluxConfig, *, artifacts: Artifacts, outdir: Path) -> Self:
        stage = FluxStage(build_app(outdir=outdir), config, artifacts=artifacts)
        return cls(
            config=config,
            stage=stage,
            network=Template.from_stack(stage.network),
            data=Template.from_stack(stage.data),
            ml=Template.from_stack(stage.ml),
            compute=Template.from_stack(stage.compute),
            api=Template.from_stack(stage.api),
            frontend=Template.from_stack(stage.frontend),
            monitoring=Template.from_stack(stage.monitoring),
        )

    def layers(self) -> Iterator[tuple[str, Template]]:
        """Every layer's name and template, in the order of deployment."""
        for name in LAYERS:
            yield name, cast("Template", getattr(self, name))

    def stacks(self) -> Iterator[Stack]:
        """Every layer's stack, in the order of deployment."""
        for name in LAYERS:
            yield cast("Stack", getattr(self.stage, name))

    def topic(self, severity: Severity) -> str:
        """The logical id of the topic of one severity."""
        name = topic_name(self.config, severity)
        topics = resources(self.monitoring, "AWS::SNS::Topic")
        (found,) = (key for key, each in topics.items() if cast("Resource", each["Properties"])["TopicName"] == name)
        return found

    def topic_policy(self, severity: Severity) -> str:
        """The logical id of that topic's policy."""
        policies = resources(self.monitoring, "AWS::SNS::TopicPolicy")
        (found,) = (
            key
            for key, each in policies.items()
            if cast("Resource", each["Properties"])["Topics"] == [{"Ref": self.topic(severity)}]
        )
        return found


@cache
def whole(template: Template) -> Resource:
    """Return the template, which many tests read and none changes; from node it comes anew each time, and slowly."""
    return cast("Resource", template.to_json())


def resources(template: Template, resource_type: str | None = None) -> Mapping[str, Resource]:
    """Return the template's resources by logical id: those of one type, or all."""
    everything = cast("dict[str, Resource]", whole(template).get("Resources", {}))
    return {
        logical_id: resource
        for logical_id, resource in everything.items()
        if resource_type is None or resource["Type"] == resource_type
    }


def properties(template: Template, resource_type: str) -> list[Resource]:
    """Return the properties of every resource of one type."""
    return [cast("Resource", r.get("Properties", {})) for r in resources(template, resource_type).values()]


def tags_of(resource: Resource) -> dict[str, str]:
    """Return a resource's tags; both forms of CloudFormation, a list of pairs and a map."""
    tags = cast("Resource", resource.get("Properties", {})).get("Tags", [])
    if isinstance(tags, dict):
        return cast("dict[str, str]", tags)
    return {pair["Key"]: pair["Value"] for pair in cast("list[dict[str, str]]", tags)}
