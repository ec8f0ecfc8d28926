"""The two queues of work, and the schedules that put work on them."""

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from constructs import Construct

from ..config import FluxConfig
from ..constructs.queue import FluxQueue

NIGHTLY = events.Schedule.cron(minute="0", hour="2")  # UTC: closing time in America, three hours before 05:00
QUARTER_HOURLY = events.Schedule.cron(minute="0/15")


class FluxQueues(Construct):
    """Work that can wait a moment.

    Attributes:
        pos_sync: what POS providers reported, and the tick that asks them for what they did not.
        forecasts: restaurants to forecast, and the nightly tick that lists them.
        nightly, quarter_hourly: the schedules. There is no scheduler function: a tick is a message like any other.
    """

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        workers = config.functions
        self.pos_sync = FluxQueue(self, "PosSync", key=key, consumer_timeout_seconds=workers.sync.timeout_seconds)
        self.forecasts = FluxQueue(
            self, "Forecasts", key=key, consumer_timeout_seconds=workers.forecast.timeout_seconds
        )
        self.nightly = self._tick("Nightly", NIGHTLY, self.forecasts, "forecast.tick", "forecasts of every restaurant")
        self.quarter_hourly = self._tick(
            "QuarterHourly", QUARTER_HOURLY, self.pos_sync, "sync.tick", "sales that no webhook reported"
        )

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
