"""CloudWatch alarms: the right metric, metric math, missing data, M out of N, evaluated all the time.

ministack evaluates an alarm when somebody puts data, mixes all dimensions of a metric, looks at one period and refuses
metric math. Here an alarm is evaluated twice a second over periods that end at that moment, unless they are long; on
AWS it takes up to a minute, which a deployment of seconds could not wait for. For the same reason no periods before
the alarm's own count while data are missing.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

import logging
import threading
import time
from collections.abc import Mapping, MutableMapping, Sequence

from ministack.core.responses import request_scope
from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from .alarms.alarm import Alarm, Metric, Read, Verdict
from .alarms.evaluation import State
from .alarms.periods import bins, last_boundary
from .settings import ACCOUNT, REGION
from .shutdown import at_shutdown
from .values import Json, Properties

_LOGGER = logging.getLogger(__name__)

EVALUATE_SECONDS = 0.5
"""How often an alarm is evaluated."""

PERIOD_SHARE = 600
"""An alarm is evaluated no more often than its period divided by this; on AWS, one over days is once an hour."""

HOLD_SECONDS = 10.0
"""How long a state set by SetAlarmState stays; on AWS, until the next evaluation, which may be a minute away."""

type Record = MutableMapping[str, Json]

_lock = threading.RLock()
_held: dict[str, float] = {}
_due: dict[str, float] = {}
_unsupported: set[str] = set()


def state_of(name: str) -> State | None:
    """The present state of a metric alarm, evaluated now; None if there is no such alarm."""
    record = cloudwatch._alarms.get(name)
    if record is None:
        return None
    _evaluate(record)
    state: State = record["StateValue"]
    return state


def _read(alarm: Alarm) -> Read:
    now = time.time()
    end = last_boundary(now, alarm.period) if alarm.wall_clock else now

    def read(metric: Metric, periods: int) -> list[float | None]:
        key = (metric.namespace, metric.name, cloudwatch._dims_key(metric.dimensions))
        points = cloudwatch._metrics.get(key) or ()
        return [
            cloudwatch._stat_value(cloudwatch._calc_stats(found), metric.statistic, found) if found else None
            for found in bins(points, end=end, period=metric.period, periods=periods)
        ]

    return read


def _evaluate(record: Record) -> None:
    """Evaluate one alarm; if its state changes, tell its actions and the composite alarms above it."""
    name = str(record["AlarmName"])
    with _lock:
        if _held.get(name, 0.0) > time.monotonic() or name in _unsupported:
            return
        old: State = record["StateValue"]  # type: ignore[assignment]  # ministack stores nothing but states here
        try:
            alarm = Alarm.of(Properties(record))
            verdict = alarm.evaluate(_read(alarm), old, extra=0)
            _due[name] = time.monotonic() + alarm.period / PERIOD_SHARE
        except ValueError as error:
            _unsupported.add(name)
            _LOGGER.warning("alarm %s cannot be evaluated here and keeps its state: %s", name, error)
            return
        if verdict.state == old:
            return
        reason = _reason(alarm, verdict)
        record.update(StateValue=verdict.state, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
        cloudwatch._record_history(name, old, verdict.state, reason)
    _LOGGER.info("alarm %s: %s -> %s: %s", name, old, verdict.state, reason)
    cloudwatch._dispatch_alarm_actions(record, old, verdict.state, reason)
    cloudwatch._evaluate_parent_alarms(record)


def _reason(alarm: Alarm, verdict: Verdict) -> str:
    known = [value for value in verdict.values if value is not None]
    if not known:
        return f"no datapoints were received for {alarm.periods} periods; missing data is {alarm.missing}"
    return (
        f"Threshold Crossed: datapoints {known} of the last {alarm.periods} periods, compared by "
        f"{alarm.comparison} with {alarm.threshold}; {alarm.datapoints} of them must breach"
    )


def _install_templates() -> None:
    """Let a template's alarm be one on metric math."""
    plain = provisioners._cw_metric_alarm_record

    def record(name: str, props: Mapping[str, Json]) -> dict[str, Json]:
        with _lock:
            _unsupported.discard(name)
            _held.pop(name, None)
            _due.pop(name, None)
            if minutes := _warm_up_minutes(Properties(props).child("WarmUpConfiguration")):
                _held[name] = time.monotonic() + 60 * minutes
        queries = props.get("Metrics")
        if not isinstance(queries, list) or not queries:
            simple: dict[str, Json] = plain(name, props)
            return simple
        Alarm.of(Properties(props))  # an alarm that cannot be evaluated here fails its stack, not its purpose
        made: dict[str, Json] = plain(name, {**props, "Metrics": None, "MetricName": "math", "Namespace": "math"})
        for member in ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Unit"):
            made.pop(member)
        return {**made, "Dimensions": [], "Metrics": queries}

    provisioners._cw_metric_alarm_record = record


def _warm_up_minutes(told: Properties) -> int:
    """How long an alarm that was made or changed stays as it is.

    Raises:
        ValueError: it would end with the first data, which is not imitated here.
    """
    if told.values and not told.flag("OnlyStartEvaluatingAfterWarmUpPeriodEnds", default=False):
        raise ValueError("WarmUpConfiguration: only OnlyStartEvaluatingAfterWarmUpPeriodEnds: true is imitated")
    return told.number("WarmUpPeriodDurationInMinutes", 0)


def _install_held_states() -> None:
    set_state = cloudwatch._set_alarm_state

    def held(
        params: Mapping[str, Json],
        cbor_data: Mapping[str, Json],
        is_cbor: bool,  # noqa: FBT001 - ministack's parameters
        is_json: bool = False,  # noqa: FBT001, FBT002 - ministack's parameters
    ) -> object:
        name = cbor_data.get("AlarmName") or params.get("AlarmName")
        with _lock:
            _held[str(name[0] if isinstance(name, Sequence) and not isinstance(name, str) else name)] = (
                time.monotonic() + HOLD_SECONDS
            )
        return set_state(params, cbor_data, is_cbor, is_json)

    cloudwatch._set_alarm_state = held


def install() -> None:
    """Evaluate alarms."""
    cloudwatch._evaluate_alarm = _evaluate
    _install_templates()
    _install_held_states()
    ended = threading.Event()

    def watch() -> None:
        with request_scope(ACCOUNT, REGION):
            while not ended.wait(EVALUATE_SECONDS):
                for name, record in list(cloudwatch._alarms.items()):
                    try:
                        if _due.get(name, 0.0) <= time.monotonic():
                            _evaluate(record)
                    except Exception:
                        _LOGGER.exception("evaluating alarm %s failed", name)

    threading.Thread(target=watch, name="alarms", daemon=True).start()
    at_shutdown("the alarms", ended.set)
