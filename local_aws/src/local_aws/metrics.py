"""CloudWatch metrics that AWS's services publish by themselves: of functions, from logs, of queues.

ministack publishes AWS/Lambda for Invoke alone and without the dimensions that tell versions apart, knows no embedded
metric format, and publishes nothing of SQS. Values appear at once; AWS needs up to a minute or two.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from ministack.core.responses import request_scope
from ministack.services import cloudwatch, sqs

from .alarms.statistics import statistic
from .settings import ACCOUNT, REGION
from .shutdown import at_shutdown
from .telemetry import emf
from .telemetry.invocations import Observation, samples
from .telemetry.queues import Gauges
from .telemetry.sample import Sample
from .values import Json

PUMP_SECONDS = 1.0
"""How often the queues are looked at."""

_lock = threading.Lock()
_gauges = Gauges()


def publish(samples: Iterable[Sample]) -> None:
    """Add values to the current account's and region's metrics; equal ones within a second are counted together."""
    now = time.time()
    with _lock:
        for sample in samples:
            at = now if sample.at is None else sample.at
            key = (sample.namespace, sample.name, cloudwatch._dims_key(sample.dimensions))
            points = cloudwatch._metric_bucket(key)
            last = points[-1] if points else None
            if last and int(last["Timestamp"]) == int(at) and last["Value"] == sample.value and "_stat" not in last:
                last["Count"] = last.get("Count", 1.0) + 1.0
                continue
            point = {"Timestamp": at, "Value": sample.value, "Unit": sample.unit}
            points.append({**point, "Dimensions": dict(sample.dimensions)})


def count_invocation(observation: Observation) -> None:
    """Publish what Lambda counts about an invocation, and the metrics in its log."""
    logged = chain.from_iterable(emf.samples(line) for line in observation.log.splitlines())
    publish(chain(samples(observation), logged))


def _forget_old() -> None:
    """Drop points older than CloudWatch's two weeks, in place: other threads append meanwhile."""
    oldest = time.time() - cloudwatch.TWO_WEEKS_SECONDS
    with _lock:
        for points in cloudwatch._metrics.values():
            kept = next((index for index, point in enumerate(points) if point["Timestamp"] >= oldest), len(points))
            del points[:kept]


def _queue_samples() -> list[Sample]:
    found: list[Sample] = []
    for url, queue in list(sqs._queues.items()):
        found += _gauges.samples(url.rsplit("/", 1)[-1], list(queue["messages"]), time.time())
    return found


def _install_queues() -> None:
    send = sqs._act_send_message

    def counted(data: dict[str, object], qurl: str) -> dict[str, object]:
        answered: dict[str, object] = send(data, qurl)
        name = qurl.rsplit("/", 1)[-1]
        dimensions = {"QueueName": name}
        sent = Sample(namespace="AWS/SQS", name="NumberOfMessagesSent", value=1.0, unit="Count", dimensions=dimensions)
        publish([sent])
        return answered

    sqs._act_send_message = counted
    ended = threading.Event()

    def pump() -> None:
        with request_scope(ACCOUNT, REGION):
            while not ended.wait(PUMP_SECONDS):
                publish(_queue_samples())

    threading.Thread(target=pump, name="queue-metrics", daemon=True).start()
    at_shutdown("the queues' metrics", ended.set)


def _install_ranks() -> None:
    """Let PR(low:high) be a statistic wherever one is asked for."""
    value, extended = cloudwatch._stat_value, cloudwatch._is_percentile_stat

    def stat_value(stats: Mapping[str, float], stat_name: str, points: Sequence[Mapping[str, Json]] = ()) -> Json:
        if not stat_name.startswith("PR("):
            found: Json = value(stats, stat_name, points)
            return found
        return statistic(stat_name, cloudwatch._percentile_samples(points) or ())

    def is_percentile_stat(stat_name: str) -> bool:
        return stat_name.startswith("PR(") or bool(extended(stat_name))

    cloudwatch._stat_value = stat_value
    cloudwatch._is_percentile_stat = is_percentile_stat


def install() -> None:
    """Publish what AWS's services publish."""
    _install_ranks()
    cloudwatch._evict_old_metrics = _forget_old
    _install_queues()
