"""The queues of work, and the schedules that put work on them."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from constructs import Construct

from ..config import FluxConfig, Worker
from ..config.promises import FORECASTS_DUE_HOUR
from ..constructs.queue import FluxQueue

NIGHTLY = events.Schedule.cron(minute="0", hour="2")  # UTC: closing time in America, three hours before 05:00
DUE = events.Schedule.cron(minute="0", hour=str(FORECASTS_DUE_HOUR))
QUARTER_HOURLY = events.Schedule.cron(minute="0/15")


class FluxQueues(Construct):
    """Work that can wait a moment. There is no scheduler function: a tick is a message like any other.

    Attributes:
        all: the queues.
        schedules: the rules that send ticks, by the name of their output.
        pos_sync: what POS providers reported, and the tick that asks them for what they did not.
        forecasts: restaurants to forecast, and the nightly tick that lists them.
    """

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self._key = key
        self.all: list[FluxQueue] = []
        self.schedules: dict[str, events.Rule] = {}
        self.pos_sync = self._queue(
            "PosSync",
            name="pos-sync",
            worker=config.functions.sync,
            longest_wait=Duration.minutes(15),  # by then the next incremental sync has been due
            late="Sales reach Flux more than a quarter of an hour late.",
        )
        self.forecasts = self._queue(
            "Forecasts",
            name="forecast",
            worker=config.functions.forecast,
            longest_wait=Duration.hours(2),  # begun at 02:00 UTC, due at 05:00: one hour left to act in
            late="Tonight's forecasts may not be done by 05:00 UTC.",
        )
        self._tick("Nightly", NIGHTLY, self.forecasts, "forecast.tick", purpose="forecasts of every restaurant")
        self._tick("Census", DUE, self.forecasts, "forecast.census", purpose="how many restaurants have a forecast")
        self._tick(
            "QuarterHourly",
            QUARTER_HOURLY,
            self.pos_sync,
            "sync.tick",
            purpose="sales that no webhook reported",
            output="SyncRuleName",
        )

    def _queue(self, construct_id: str, *, name: str, worker: Worker, longest_wait: Duration, late: str) -> FluxQueue:
        queue = FluxQueue(
            self,
            construct_id,
            name=name,
            key=self._key,
            consumer_timeout_seconds=worker.timeout_seconds,
            longest_wait=longest_wait,
            late=late,
        )
        self.all.append(queue)
        return queue

    def _tick(  # noqa: PLR0913 - what differs between ticks
        self,
        construct_id: str,
        schedule: events.Schedule,
        queue: FluxQueue,
        message_type: str,
        *,
        purpose: str,
        output: str | None = None,
    ) -> None:
        self.schedules[output or f"{construct_id}RuleName"] = events.Rule(
            self,
            construct_id,
            description=f"Flux: {purpose}",
            schedule=schedule,
            targets=[
                targets.SqsQueue(
                    queue.queue,
                    message=events.RuleTargetInput.from_object({"type": message_type}),
                    dead_letter_queue=queue.dead_letters,
                )
            ],
        )
