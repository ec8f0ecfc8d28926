"""People and tills that go on while a release is under way, and count what they get."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus

from ..demo import sign_in
from ..platform import Platform
from ..till import AURORA, order_event
from .sales import Provider

# Requests per second while a release is under way: enough for a tenth of them to be seen within a canary.
LOAD_PER_SECOND = 20


@dataclass(kw_only=True)
class Answers:
    """What users got while a release was under way, by HTTP status.

    good: the status of a request that did what it should.
    """

    good: HTTPStatus
    statuses: Counter[int] = field(default_factory=Counter)

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
    """Read forecasts through CloudFront as an owner, steadily, until the block ends."""
    with platform.visitor() as visitor:
        headers = {"authorization": f"Bearer {sign_in(visitor, AURORA)}"}
        with steadily(
            lambda: visitor.get("/api/v1/forecasts", headers=headers).status_code, good=HTTPStatus.OK
        ) as answers:
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
