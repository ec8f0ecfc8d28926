"""What SQS publishes about a queue's content ("Available CloudWatch metrics for Amazon SQS")."""

from collections.abc import Mapping, Sequence

from .sample import Sample

REPEAT_SECONDS = 20.0
"""An unchanged gauge is published again after so long, so that each one-minute period has a value."""


type Message = Mapping[str, float]
"""`sent_at` and `visible_at` in seconds since the epoch; it is in flight or delayed until `visible_at`."""


class Gauges:
    """Remembers what was published, so that a quiet queue does not fill the store."""

    def __init__(self) -> None:
        self._published: dict[tuple[str, str], tuple[float, float]] = {}

    def samples(self, queue: str, messages: Sequence[Message], now: float) -> list[Sample]:
        """The queue's gauges that have changed or are due again."""
        visible = [message for message in messages if message["visible_at"] <= now]
        values = {
            "ApproximateNumberOfMessagesVisible": (float(len(visible)), "Count"),
            "ApproximateNumberOfMessagesNotVisible": (float(len(messages) - len(visible)), "Count"),
            "ApproximateAgeOfOldestMessage": (
                float(int(now - min((message["sent_at"] for message in messages), default=now))),
                "Seconds",
            ),
        }
        return [
            Sample(namespace="AWS/SQS", name=name, value=value, unit=unit, dimensions={"QueueName": queue})
            for name, (value, unit) in values.items()
            if self._due(queue, name, value, now)
        ]

    def _due(self, queue: str, name: str, value: float, now: float) -> bool:
        last, at = self._published.get((queue, name), (None, 0.0))
        if value == last and now - at < REPEAT_SECONDS:
            return False
        self._published[queue, name] = (value, now)
        return True
