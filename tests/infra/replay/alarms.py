"""The alarms of an environment's templates, as the evaluator reads them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from flux_infra.config import Severity
from local_aws.alarms import Alarm, CompositeAlarm, Metric, Properties
from tests.infra.templates import Json, Resource, Templates, resources, whole

METRIC_ALARM, COMPOSITE_ALARM = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"

# There is one of each in an environment, so they tell nothing apart.
_ONLY_ONES = (
    *("ApiId", "BackupVaultName", "CertificateArn", "DBInstanceIdentifier", "DistributionId", "EndpointName"),
    *("Environment", "HostedZoneId", "Region", "Stage", "VariantName"),
)


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """An alarm that is deployed. name: without environment. severity: None: it tells nobody."""

    name: str
    severity: Severity | None
    definition: Alarm | CompositeAlarm


def key(metric: Metric) -> str:
    """A metric's name and what tells it apart, like `AWS/Lambda Errors FunctionName=Api`."""
    dimensions = [f"{name}={value}" for name, value in sorted(metric.dimensions.items()) if name not in _ONLY_ONES]
    return " ".join([metric.namespace, metric.name, *dimensions])


def deployed(templates: Templates) -> Mapping[str, Deployed]:
    """All alarms of all layers, by name."""
    reader = _Reader(templates)
    found = {alarm.name: alarm for alarm in reader.alarms()}
    return dict(sorted(found.items()))


class _Reader:
    """Resolves references into names that a person reads: of a function `Api`, of a queue `PosSync`."""

    def __init__(self, templates: Templates) -> None:
        self._layers = {layer.title(): template for layer, template in templates.layers()}
        self._prefix = f"flux-{templates.config.name}-"

    def alarms(self) -> Iterator[Deployed]:
        for layer, template in self._layers.items():
            for resource_type, read in ((METRIC_ALARM, Alarm.of), (COMPOSITE_ALARM, CompositeAlarm.of)):
                for resource in resources(template, resource_type).values():
                    told = cast("Mapping[str, Json]", self._resolved(layer, resource["Properties"]))
                    properties = Properties(told)
                    yield Deployed(
                        name=properties.text("AlarmName").removeprefix(self._prefix),
                        severity=self._severity(properties.texts("AlarmActions")),
                        definition=read(properties),
                    )

    def _severity(self, topics: list[str]) -> Severity | None:
        found = {Severity(topic.rpartition("-")[2]) for topic in topics}
        if len(found) > 1:
            raise AssertionError(f"an alarm of two severities: {topics}")
        return found.pop() if found else None

    def _resolved(self, layer: str, value: Json) -> Json:
        """A value with words in place of references."""
        if isinstance(value, list):
            return [self._resolved(layer, one) for one in value]
        if not isinstance(value, dict):
            return value
        return self._referred(layer, value) or {name: self._resolved(layer, one) for name, one in value.items()}

    def _referred(self, layer: str, value: Mapping[str, Json]) -> Json:
        match value:
            case {"Ref": str(logical_id)}:
                return self._named(layer, logical_id)
            case {"Fn::GetAtt": [str(logical_id), str(attribute)]}:
                return "new" if attribute == "Version" else self._named(layer, logical_id)
            case {"Fn::Join": [str(separator), list(parts)]}:
                return separator.join(str(self._resolved(layer, part)) for part in parts)
            case {"Fn::GetStackOutput": {"StackName": str(stack), "OutputName": str(name)}}:
                other = stack.rpartition("-")[2]
                outputs = cast("Mapping[str, Resource]", whole(self._layers[other])["Outputs"])
                return self._resolved(other, outputs[name]["Value"])
            case _:
                return None

    def _named(self, layer: str, logical_id: str) -> str:
        resource = resources(self._layers[layer]).get(logical_id, {})
        properties = cast("Mapping[str, Json]", resource.get("Properties", {}))
        for name in ("AlarmName", "TopicName"):
            if isinstance(properties.get(name), str):
                return cast("str", properties[name]).removeprefix(self._prefix)
        plain = re.sub(r"[0-9A-F]{8}$", "", logical_id)
        return re.sub(r"^(Functions|Rotations|Queues)?(\w+?)(Function|Queue)?$", r"\2", plain)
