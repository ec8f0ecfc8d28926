"""Queues: a place for what fails, and workers that lose nothing."""

from collections.abc import Iterable

from ..finding import Rules
from ..model import Environment, Resource

RULES = Rules()
QUEUE = "AWS::SQS::Queue"
_DEAD_LETTERS = "RedrivePolicy.deadLetterTargetArn"
_RECEIVES = (5, 100)  # fewer and a throttled function loses good messages; more and a bad one goes round all day
_VISIBILITY_TIMEOUTS = 6


@RULES.of("SQS-DEAD-LETTERS", QUEUE)
def failures_have_a_place(queue: Resource, environment: Environment) -> Iterable[str]:
    """A message's age counts from its first queue, so a dead-letter queue must keep it for longer."""
    target = queue.text(_DEAD_LETTERS)
    letters = environment.find(target)
    if not target:
        if not any(environment.find(other.text(_DEAD_LETTERS)) is queue for other in environment.of(QUEUE)):
            yield "has no dead-letter queue, so a message that fails is tried until it is too old"
        return
    if letters is None or letters is queue:
        yield f"gives up messages to {target}, which is no other queue of these stacks"
        return
    count = queue.number("RedrivePolicy.maxReceiveCount") or 0
    if not _RECEIVES[0] <= count <= _RECEIVES[1]:
        yield f"gives up a message after {count:g} tries; it must be {_RECEIVES[0]} to {_RECEIVES[1]}"
    kept = [q.number("MessageRetentionPeriod") or 345_600 for q in (queue, letters)]
    if kept[1] <= kept[0] and kept[1] < 1_209_600:
        yield f"has dead letters that are kept for {kept[1]:g} s, no longer than its own messages"


@RULES.of("SQS-WORKER", "AWS::Lambda::EventSourceMapping")
def workers_lose_no_message(mapping: Resource, environment: Environment) -> Iterable[str]:
    """Hidden too briefly, a message is worked on twice; a throttled poller counts as a failed receive."""
    if "ReportBatchItemFailures" not in mapping.texts("FunctionResponseTypes"):
        yield "tries a whole batch again when one message of it fails"
    if mapping.get("FilterCriteria"):
        yield "deletes messages that its filter does not match"
    queue = environment.find(mapping.text("EventSourceArn"))
    function = environment.find(mapping.text("FunctionName").split(":")[0])
    if function is not None and function.type == "AWS::Lambda::Alias":
        function = environment.find(function.text("FunctionName"))
    if queue is None or function is None or queue.type != QUEUE:
        return
    hidden, timeout = queue.number("VisibilityTimeout") or 30, function.number("Timeout") or 3
    if hidden < _VISIBILITY_TIMEOUTS * timeout:
        yield f"works on {queue.name}, which hides messages for {hidden:g} s; it must be {6 * timeout:g} s or more"
    reserved, most = function.number("ReservedConcurrentExecutions"), mapping.number("ScalingConfig.MaximumConcurrency")
    if reserved is not None and (most is None or most > reserved):
        yield f"may start {most or 'any number of'} instances of {reserved:g} that are reserved"
