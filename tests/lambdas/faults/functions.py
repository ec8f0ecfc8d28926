"""How each function is asked, what its right answers are, and what of its work is lost or done twice."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable

from .invoking import ENDED, Answer

UNAVAILABLE = "503, Retry-After, problem"


class Function(ABC):
    """One function, in front of dependencies that work or do not.

    Attributes:
        timeout: what the function has, in seconds.
    """

    timeout: int

    @abstractmethod
    def renew(self) -> None:
        """Go on with an instance that has just started."""

    @abstractmethod
    def ask(self) -> Answer:
        """Have it do something; what it did not do is still to be done at the next time."""

    def recovers(self) -> bool:
        """Once nothing fails any more: whether everything is as before."""
        return self.ask().served

    def is_right(self, answer: Answer) -> bool:
        """Whether this is a right answer while something fails."""
        return answer.served or answer.text != ENDED

    def spares(self, answer: Answer) -> bool:  # noqa: ARG002 - most functions do one thing at a time
        """Whether what needs nothing that fails was done all the same."""
        return True

    def account(self) -> "Account":
        """What has become of all that it was asked for, once everything is well again."""
        return Account()


class Account:
    """What was asked for and what was done, by name; and what failed on the way.

    burned: deliveries that were counted against a message. dead: messages in the dead-letter queue.
    """

    def __init__(self, *, due: Iterable[str] = (), done: Iterable[str] = (), burned: int = 0, dead: int = 0) -> None:
        counted = Counter(done)
        self.lost = sum(name not in counted for name in set(due))
        self.doubled = sum(number - 1 for number in counted.values())
        self.burned, self.dead = burned, dead
