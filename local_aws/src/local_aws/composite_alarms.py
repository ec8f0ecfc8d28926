"""Composite alarms in templates, and suppressors of their actions.

ministack evaluates the rules; it lacks the resource type, and forgets the suppressor.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping, MutableMapping
from typing import override

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from .alarms.composite import CompositeAlarm, Suppression
from .alarms.evaluation import State
from .metric_alarms import EVALUATE_SECONDS
from .resources import Request, Resource, ResourceType, register
from .settings import ACCOUNT, REGION
from .shutdown import at_shutdown
from .values import InvalidValueError, Json, Properties

_LOGGER = logging.getLogger(__name__)

_SUPPRESSOR = ("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")

type Record = MutableMapping[str, Json]
type Answer = tuple[int, Mapping[str, str], bytes]

_dispatch = cloudwatch._dispatch_alarm_actions
_suppressions: dict[str, Suppression] = {}


def _ask(operation: Callable[..., Answer], parameters: Mapping[str, Json]) -> None:
    """Do what a request to CloudWatch does.

    Raises:
        InvalidValueError: CloudWatch refuses.
    """
    status, _, body = operation({}, dict(parameters), False, True)  # noqa: FBT003 - ministack's
    if status != 200:
        raise InvalidValueError(str(json.loads(body).get("message", body)))


class _CompositeAlarmType(ResourceType):
    name = "AWS::CloudWatch::CompositeAlarm"
    replacing = ("AlarmName",)
    fixed_name = "AlarmName"
    tags = "Tags"

    @override
    def create(self, request: Request) -> Resource:
        name = request.name("AlarmName", longest=255)
        told = dict(request.properties.values)
        for number in _SUPPRESSOR[1:]:
            if number in told:
                told[number] = request.properties.number(number)
        told["ActionsEnabled"] = request.properties.flag("ActionsEnabled", default=True)
        # The API refuses tags of the system's, which CloudFormation may set.
        told["Tags"] = [{**tag.values} for tag in request.properties.children("Tags") if tag.text("Key")[:4] != "aws:"]
        _ask(cloudwatch._put_composite_alarm, {**told, "AlarmName": name})
        return Resource(physical_id=name, attributes={"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]})

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        if physical_id in cloudwatch._composite_alarms:
            _ask(cloudwatch._delete_alarms, {"AlarmNames": [physical_id]})


def _install_suppressors() -> None:
    put = cloudwatch._put_composite_alarm

    def put_composite_alarm(
        params: Mapping[str, Json],
        cbor_data: Mapping[str, Json],
        is_cbor: bool,  # noqa: FBT001 - ministack's parameters
        is_json: bool = False,  # noqa: FBT001, FBT002 - ministack's parameters
    ) -> Answer:
        told = Properties(cbor_data if is_cbor or is_json else {})
        name = told.text("AlarmName", "")
        # Before the alarm is there, so that its first state finds the suppressor.
        _suppressions.pop(name, None)
        if told.values.get("ActionsSuppressor"):
            _suppressions[name] = Suppression(CompositeAlarm.of(told), "INSUFFICIENT_DATA")
        answer: Answer = put(params, cbor_data, is_cbor, is_json)
        if answer[0] == 200 and name in _suppressions:
            cloudwatch._composite_alarms[name].update({each: told.values.get(each) for each in _SUPPRESSOR})
        return answer

    def dispatch(alarm: Record, old_state: State, new_state: State, reason: str) -> None:
        if str(alarm["AlarmName"]) not in _suppressions:
            _dispatch(alarm, old_state, new_state, reason)

    cloudwatch._put_composite_alarm = put_composite_alarm
    cloudwatch._dispatch_alarm_actions = dispatch


def _state(name: str | None) -> State | None:
    found = cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name)
    state: State | None = found and found["StateValue"]
    return state


def _act(name: str, suppression: Suppression) -> None:
    """Take the alarm's actions, if nothing suppresses them any more."""
    record: Record | None = cloudwatch._composite_alarms.get(name)
    state = _state(name)
    if record is None or state is None:
        return
    suppressor = CompositeAlarm.of(Properties(record)).suppressor
    acted = suppression.step(time.time(), state, _state(suppressor))
    record["ActionsSuppressedBy"] = suppression.reason
    if acted:
        _LOGGER.info("composite alarm %s takes its actions: %s", name, acted)
        _dispatch(record, state, acted, str(record["StateReason"]))


def install() -> None:
    """Know composite alarms in templates, and suppress their actions."""
    _install_suppressors()
    register(_CompositeAlarmType())
    ended = threading.Event()

    def watch() -> None:
        with request_scope(ACCOUNT, REGION):
            while not ended.wait(EVALUATE_SECONDS):
                for name, suppression in list(_suppressions.items()):
                    try:
                        _act(name, suppression)
                    except Exception:
                        _LOGGER.exception("the actions of composite alarm %s failed", name)

    threading.Thread(target=watch, name="composite-alarms", daemon=True).start()
    at_shutdown("the composite alarms", ended.set)
