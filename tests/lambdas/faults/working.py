"""The workers, fed from a real queue: batches of messages that need what fails, and of one that does not."""

import datetime as dt
import json
import os
import uuid
from abc import abstractmethod
from contextlib import ExitStack
from typing import override

from aws_lambda_powertools.utilities.typing import LambdaContext

from flux_core.batch import SqsEvent
from flux_infra.environments import LOCAL
from forecast import handler as forecast
from sync import handler as sync

from ..support.platform import Platform
from ..support.queue_feed import feeding
from ..support.restaurants import Restaurant, open_restaurant
from ..support.sales import record_sale
from ..support.sales_at_square import event, order, ring_up, sales
from .cells import Dependency
from .functions import Account, Function
from .invoking import ENDED, Answer, invoke

SOLD_AT = dt.datetime(2026, 11, 20, 18, tzinfo=dt.UTC)
FIRST_NIGHT = dt.date(2026, 11, 23)


class Worker(Function):
    """Each time a batch of new messages, with those that are left from before.

    A tick needs SQS, because it is worked off by sending messages; the others do not.

    Attributes:
        _neighbour_needs: of the message in each batch that does not need all: what it needs.
    """

    _neighbour_needs: tuple[Dependency, ...]

    def __init__(self, platform: Platform, dependency: Dependency, *, queue: str, stack: ExitStack) -> None:
        self._platform = platform
        self._dependency = dependency
        self._needs_sqs = dependency == "SQS"
        self._feed = stack.enter_context(feeding(platform, queue))
        self._fanned_out: list[str] = []
        self._burned = 0

    @abstractmethod
    def handle(self, batch: SqsEvent, context: LambdaContext) -> object:
        """The function itself."""

    @abstractmethod
    def messages(self) -> list[dict[str, object]]:
        """What nobody has asked for yet."""

    @override
    def ask(self) -> Answer:
        self._feed.send(self.messages())
        waiting = self._feed.waiting()

        def read(failed: list[str] | None) -> tuple[str, bool]:
            bad = len(failed or [])
            self._burned += bad
            if self._needs_sqs:  # what it has sent is on the same queue: there is no telling a tick that was postponed
                return ("failed" if bad else "done or postponed"), not bad
            left = self._feed.waiting()
            return f"{waiting - left} done, {left - bad} postponed, {bad} failed", left == 0

        return invoke(self._work_off, timeout=self.timeout, read=read)

    @override
    def recovers(self) -> bool:
        """One more batch of what is left."""
        if self._feed.waiting():
            invoke(self._work_off, timeout=self.timeout, read=lambda _: ("", True))
        return self._feed.waiting() == 0

    @override
    def is_right(self, answer: Answer) -> bool:
        """No delivery is counted against a message for what is not its fault."""
        if self._needs_sqs:
            return answer.text != ENDED
        return answer.text.endswith(" 0 failed")

    @override
    def spares(self, answer: Answer) -> bool:
        return self._dependency in ("SQS", *self._neighbour_needs) or not answer.text.startswith("0 done")

    def _work_off(self, context: LambdaContext) -> list[str] | None:
        """One batch with something for the function in it."""
        handed: list[object] = []

        def handle(batch: SqsEvent) -> object:
            mine = [record for record in batch["Records"] if not self._is_fanned_out(str(record["body"]))]
            handed.extend(mine)
            return self.handle({"Records": mine}, context)

        while True:
            failed = self._feed.run_one(handle)
            if handed or failed is None:
                return failed

    def _is_fanned_out(self, body: str) -> bool:
        """Whether a tick sent this; it is noted, and not worked off."""
        if not self._needs_sqs or json.loads(body)["type"].endswith(".tick"):
            return False
        self._fanned_out.append(body)
        return True

    def _account(self, due: list[str], done: list[str]) -> Account:
        return Account(due=due, done=done, burned=self._burned, dead=self._feed.dead())

    def _account_of_ticks(self, due: list[str], member: str) -> Account:
        """Of a tick that is worked off, each restaurant must have its message."""
        sent = {json.loads(body)[member] for body in self._fanned_out}
        return self._account(due, [name for name in due if name in sent])


class Sync(Worker):
    """Sales of two restaurants, and an event that concerns nobody."""

    timeout = LOCAL.functions.sync.timeout_seconds
    _neighbour_needs = ()

    def __init__(self, platform: Platform, dependency: Dependency, *, stack: ExitStack) -> None:
        super().__init__(platform, dependency, queue=os.environ["POS_SYNC_QUEUE_URL"], stack=stack)
        self._restaurants = [open_restaurant(platform) for _ in range(2)]
        self._due: list[str] = []

    @override
    def renew(self) -> None:
        sync._live.cache_clear()  # noqa: SLF001 - as another instance begins
        if self._dependency != "Square":
            return
        for restaurant in self._restaurants:  # or the new instance would not ask Square at all
            with self._platform.tenant(restaurant.id) as cursor:
                cursor.execute("UPDATE pos_connections SET paused_until = NULL")

    @override
    def handle(self, batch: SqsEvent, context: LambdaContext) -> object:
        return sync.handler(batch, context)

    @override
    def messages(self) -> list[dict[str, object]]:
        if self._needs_sqs:
            return [{"type": "sync.tick"}]
        messages = [_ignored(self._restaurants[0])]
        for restaurant in self._restaurants:
            record = order(restaurant)
            ring_up(self._platform, restaurant, record)
            self._due.append(str(record["id"]))
            messages.append(event(restaurant, record))
        return messages

    @override
    def account(self) -> Account:
        if self._needs_sqs:
            return self._account_of_ticks([str(each.connection_id) for each in self._restaurants], "connection_id")
        stored = [str(row[0]) for each in self._restaurants for row in sales(self._platform, each)]
        return self._account(self._due, stored)


class Forecast(Worker):
    """A night for two restaurants with sales, and first for one without, which needs no model."""

    timeout = LOCAL.functions.forecast.timeout_seconds
    _neighbour_needs = ("PostgreSQL", "Secrets Manager")

    def __init__(self, platform: Platform, dependency: Dependency, *, stack: ExitStack) -> None:
        super().__init__(platform, dependency, queue=os.environ["FORECAST_QUEUE_URL"], stack=stack)
        self._restaurants = [open_restaurant(platform) for _ in range(3)]
        for restaurant in self._restaurants[1:]:
            record_sale(platform, restaurant, SOLD_AT)
        self._nights = 0

    @override
    def renew(self) -> None:
        forecast._live.cache_clear()  # noqa: SLF001 - as another instance begins

    @override
    def handle(self, batch: SqsEvent, context: LambdaContext) -> object:
        return forecast.handler(batch, context)

    @override
    def messages(self) -> list[dict[str, object]]:
        if self._needs_sqs:
            return [{"type": "forecast.tick"}]
        date = FIRST_NIGHT + dt.timedelta(days=self._nights)
        self._nights += 1
        return [
            {"type": "forecast.restaurant", "restaurant_id": str(each.id), "date": date.isoformat()}
            for each in self._restaurants
        ]

    @override
    def account(self) -> Account:
        if self._needs_sqs:
            return self._account_of_ticks([str(each.id) for each in self._restaurants], "restaurant_id")
        nights = [FIRST_NIGHT + dt.timedelta(days=night) for night in range(self._nights)]
        due = [f"{each.id} {night}" for each in self._restaurants for night in nights]
        return self._account(due, [run for each in self._restaurants for run in self._runs(each)])

    def _runs(self, restaurant: Restaurant) -> list[str]:
        with self._platform.tenant(restaurant.id) as cursor:
            rows = cursor.execute("SELECT business_date FROM forecast_runs").fetchall()
        return [f"{restaurant.id} {date}" for (date,) in rows]


def _ignored(restaurant: Restaurant) -> dict[str, object]:
    """An event of a kind that is no concern of Flux: it needs neither database nor Square."""
    return {
        "type": "square.event",
        "event": {
            "merchant_id": restaurant.merchant_id,
            "type": "labor.shift.created",
            "event_id": str(uuid.uuid4()),
            "data": {"type": "labor", "id": "SHIFT", "object": {}},
        },
    }
