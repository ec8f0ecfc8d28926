"""People and tills that go on while a release is under way, and count what they get."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import cycle, product

from ..demo import sign_in
from ..platform import Platform
from ..till import AURORA, RESTAURANTS, order_event
from .sales import Provider

# Requests per second while a release is under way: enough for a tenth of them to be seen within a canary.
LOAD_PER_SECOND = 20


@dataclass(kw_only=True)
class Answers:
    """What users got while a release was under way, by HTTP status.

    good: the status of a request that did what it should.
    foreign: answers that held a row of another restaurant.
    """

    good: HTTPStatus
    statuses: Counter[int] = field(default_factory=Counter)
    foreign: int = 0

    @property
    def total(self) -> int:
        """All requests."""
        return self.statuses.total()

    @property
    def failed(self) -> int:
        """Requests that did not do what they should."""
        return self.total - self.statuses[self.good]


@contextmanager
def reading(platform: Platform) -> Iterator[Answers]:
    """Read forecasts and sales through CloudFront as the owners of two restaurants in turn, until the block ends."""
    answers = Answers(good=HTTPStatus.OK)
    with platform.visitor() as visitor:
        tokens = {restaurant: sign_in(visitor, restaurant) for restaurant in RESTAURANTS}
        turns = cycle(product(("/api/v1/forecasts", "/api/v1/transactions?limit=5"), RESTAURANTS))

        def read() -> None:
            route, restaurant = next(turns)
            answer = visitor.get(route, headers={"authorization": f"Bearer {tokens[restaurant]}"})
            answers.statuses[answer.status_code] += 1
            others = (dish.name for other in RESTAURANTS if other is not restaurant for dish in other.menu)
            answers.foreign += any(json.dumps(name) in answer.text or f'"{name}"' in answer.text for name in others)

        with repeatedly(read, per_second=LOAD_PER_SECOND):
            yield answers


@contextmanager
def delivering(platform: Platform) -> Iterator[Answers]:
    """Deliver signed events as Square does, steadily, until the block ends; of a sale that Flux has already."""
    provider = Provider(platform)
    order = AURORA.past(days=1, until=datetime.now(UTC).date())[0]
    event = order_event(AURORA.merchant_id, str(order["id"]), event_id="delivered while a release is under way")
    with steadily(lambda: provider.deliver([event])[0], good=HTTPStatus.ACCEPTED) as answers:
        yield answers


@contextmanager
def steadily(request: Callable[[], int], *, good: HTTPStatus, per_second: float = LOAD_PER_SECOND) -> Iterator[Answers]:
    """Send a request again and again in a thread, until the block ends; `request` answers its HTTP status."""
    answers = Answers(good=good)

    def ask() -> None:
        answers.statuses[request()] += 1

    with repeatedly(ask, per_second=per_second):
        yield answers


@contextmanager
def repeatedly(deed: Callable[[], None], *, per_second: float) -> Iterator[None]:
    """Do something again and again in a thread, until the block ends."""
    stop = threading.Event()

    def go_on() -> None:
        while not stop.wait(1 / per_second):
            deed()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
