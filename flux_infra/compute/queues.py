"""The queues of work, and the schedules that put work on them."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from constructs import Construct

from ..config import FluxConfig
from ..constructs.queue import FluxQueue

NIGHTLY = events.Schedule.cron(minute="0", hour="2")  # UTC: closing time in America, three hours before 05:00
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
        workers = config.functions
        self.pos_sync = FluxQueue(
            self,
            "PosSync",
            name="pos-sync",
            key=key,
            consumer_timeout_seconds=workers.sync.timeout_seconds,
            longest_wait=Duration.minutes(15),  # by then the next incremental sync has been due
            late="Sales reach Flux more than a quarter of an hour late.",
        )
        self.forecasts = FluxQueue(
            self,
            "Forecasts",
            name="forecast",
            key=key,
            consumer_timeout_seconds=workers.forecast.timeout_seconds,
            longest_wait=Duration.hours(2),  # begun at 02:00 UTC, due at 05:00: one hour left to act in
            late="Tonight's forecasts may not be done by 05:00 UTC.",
        )
        self.all = [self.pos_sync, self.forecasts]
        self.schedules = {
            "NightlyRuleName": self._tick(
                "Nightly", NIGHTLY, self.forecasts, "forecast.tick", "forecasts of every restaurant"
            ),
            "SyncRuleName": self._tick(
                "QuarterHourly", QUARTER_HOURLY, self.pos_sync, "sync.tick", "sales that no webhook reported"
            ),
        }

    def _tick(
        self, construct_id: str, schedule: events.Schedule, queue: FluxQueue, message_type: str, purpose: str
    ) -> events.Rule:
        return events.Rule(
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
