"""What a meter is: it reads one kind of resource and says what AWS will count there in a month."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from policy.model import Environment, Resource

from .traffic import Traffic

# As AWS's own calculator counts a month.
HOURS = 730
MILLION = 1_000_000
GB = 1_000_000_000


@dataclass(frozen=True, kw_only=True)
class Use:
    """So much of one price, because of one resource.

    item: what it is called in tables; uses of one item and price are added up.
    price: its row in prices.toml. quantity: in that row's unit.
    traffic: whether it grows with sales, people and restaurants; the rest is there when nobody comes.
    """

    item: str
    price: str
    quantity: float
    traffic: bool = False


@dataclass(frozen=True, kw_only=True)
class Site:
    """What a meter knows besides its resource: the environment around it, and what happens there."""

    environment: Environment
    traffic: Traffic


type Meter = Callable[[Resource, Site], Iterable[Use]]


class Meters(dict[str, Meter]):
    """Meters by the type of resource that they read."""

    def of(self, resource_type: str) -> Callable[[Meter], Meter]:
        """Make a meter of the decorated function."""

        def register(meter: Meter) -> Meter:
            self[resource_type] = meter
            return meter

        return register
