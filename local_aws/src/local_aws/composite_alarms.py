"""`AWS::CloudWatch::CompositeAlarm`: ministack has the API and no CloudFormation type."""
# ruff: noqa: SLF001 - ministack's private names; each is declared in EXPECTATIONS

import json
from typing import override

from ministack.services import cloudwatch

from .expectations import Expectation
from .resources import Request, Resource, ResourceType, register
from .values import InvalidValueError, Properties

_CLOUDWATCH = "ministack.services.cloudwatch"

EXPECTATIONS = (
    Expectation(module=_CLOUDWATCH, symbol="_composite_alarms"),
    Expectation(
        module=_CLOUDWATCH, symbol="_put_composite_alarm", parameters=("params", "cbor_data", "is_cbor", "is_json")
    ),
    Expectation(module=_CLOUDWATCH, symbol="_delete_alarms", parameters=("params", "cbor_data", "is_cbor", "is_json")),
)

_LONGEST_NAME = 255


class CompositeAlarm(ResourceType):
    """A composite alarm: `Ref` is its name."""

    name = "AWS::CloudWatch::CompositeAlarm"
    replacing = ("AlarmName",)
    tags = "Tags"

    @override
    def create(self, request: Request) -> Resource:
        return self._put(request.name("AlarmName", longest=_LONGEST_NAME), request)

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        return self._put(physical_id, request)

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        _require_ok(cloudwatch._delete_alarms({}, {"AlarmNames": [physical_id]}, is_cbor=False, is_json=True))

    @staticmethod
    def _put(name: str, request: Request) -> Resource:
        asked = {**request.properties.values, "AlarmName": name}
        asked.pop("Tags", None)  # the API refuses tags on an alarm that exists; nothing here reads them
        _require_ok(cloudwatch._put_composite_alarm({}, asked, is_cbor=False, is_json=True))
        return Resource(physical_id=name, attributes={"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]})


def _require_ok(answer: tuple[int, object, bytes]) -> None:
    status, _, body = answer
    if status >= 400:
        raise InvalidValueError(str(json.loads(body).get("message", body)))


def install() -> None:
    """Let templates have composite alarms."""
    register(CompositeAlarm())
