"""Queues, their dead letters, and what works them off."""

from collections.abc import Iterable

from ..finding import Broken, Rules
from ..model import Environment, Resource
from ..wanted import between, contains, one_of
from ..workloads import WORKLOADS

RULES = Rules()
QUEUE = "AWS::SQS::Queue"
MAPPING = "AWS::Lambda::EventSourceMapping"

_RECEIVES = (5, 20)  # fewer and a throttled function loses good messages; more and a poison message goes round all day
_VISIBILITY_TIMEOUTS = 6

RULES.demands(
    QUEUE,
    (
        "SQS-ENCRYPTED",
        "KmsMasterKeyId",
        one_of("${Compute/Key.Arn}", "${Compute/Key}"),
        "FSBP SQS.1",
        "encrypt with the layer's key",
    ),
    (
        "SQS-RETENTION",
        "MessageRetentionPeriod",
        between(345_600, 1_209_600),
        "SQS Developer Guide, Message retention",
        "keep messages for 4 days or more",
    ),
)
RULES.demands(
    MAPPING,
    (
        "ESM-PARTIAL-FAILURE",
        "FunctionResponseTypes",
        contains("ReportBatchItemFailures"),
        "Lambda Developer Guide, SQS partial batch responses",
        "set report_batch_item_failures",
    ),
    ("ESM-BATCH", "BatchSize", between(1, 10), "Lambda Developer Guide, SQS", "10 or less, with no waiting time"),
    ("ESM-ENABLED", "Enabled", one_of("", "true"), "Lambda Developer Guide, SQS", "do not switch the worker off"),
    ("ESM-NO-WAIT", "MaximumBatchingWindowInSeconds", one_of("", "0"), "Lambda Developer Guide, SQS", "do not wait"),
)


def _dead_letters(environment: Environment, queue: Resource) -> Resource | None:
    return environment.find(queue.text("RedrivePolicy.deadLetterTargetArn").replace(".Arn}", "}"))


def _is_source(queue: Resource) -> bool:
    return not queue.name.endswith("DeadLetters")


@RULES.rule("SQS-DEAD-LETTERS", source="SQS Developer Guide, Dead-letter queues", remedy="give it its own DLQ")
def every_queue_has_its_own_dead_letters(environment: Environment) -> Iterable[Broken]:
    """A queue's failures go to its own dead-letter queue, not to another's and not into a circle."""
    for queue in filter(_is_source, environment.of(QUEUE)):
        wanted = queue.name.removesuffix("Queue") + "DeadLetters"
        if queue.text("RedrivePolicy.deadLetterTargetArn") != f"${{{wanted}.Arn}}":
            yield Broken(resource=queue, what=f"does not send its failures to {wanted}")
    for queue in environment.of(QUEUE):
        if not _is_source(queue) and queue.get("RedrivePolicy"):
            yield Broken(resource=queue, what="is the end of the line and must not pass messages on")


@RULES.rule("SQS-RECEIVES", source="Lambda Developer Guide, Configuring a queue", remedy="allow 5 receives or more")
def messages_may_fail_for_other_reasons_than_their_own(environment: Environment) -> Iterable[Broken]:
    """A message that met a throttled function is not a bad one."""
    for queue in filter(_is_source, environment.of(QUEUE)):
        receives = queue.number("RedrivePolicy.maxReceiveCount")
        if receives is None or not _RECEIVES[0] <= receives <= _RECEIVES[1]:
            yield Broken(resource=queue, what=f"gives up after {receives} receives; must be 5 to 20")


@RULES.rule("SQS-DLQ-RETENTION", source="SQS Developer Guide, DLQ retention", remedy="keep dead letters for 14 days")
def dead_letters_outlive_their_source(environment: Environment) -> Iterable[Broken]:
    """A message's age counts from its first queue, so a DLQ with the same retention loses it too early."""
    for queue in filter(_is_source, environment.of(QUEUE)):
        letters = _dead_letters(environment, queue)
        if letters is None:
            continue
        own, theirs = queue.number("MessageRetentionPeriod") or 0, letters.number("MessageRetentionPeriod") or 345_600
        if theirs < 1_209_600 or theirs <= own:
            yield Broken(resource=letters, what=f"keeps dead letters {theirs:g} s, which is too short")


@RULES.rule(
    "SQS-VISIBILITY", source="Lambda Developer Guide, Configuring a queue", remedy="6 times the function's timeout"
)
def messages_stay_hidden_while_they_are_worked_on(environment: Environment) -> Iterable[Broken]:
    """Shorter, and the same message is worked on twice; a day at most, or a crash hides it for too long."""
    for workload in WORKLOADS:
        function, queue = environment.named(workload.name), environment.named(workload.feeds_on)
        if function is None or queue is None:
            continue
        seconds, timeout = queue.number("VisibilityTimeout") or 30, function.number("Timeout") or 3
        if not _VISIBILITY_TIMEOUTS * timeout <= seconds <= 3_600:
            yield Broken(resource=queue, what=f"hides messages for {seconds:g} s; must be {6 * timeout:g} s to an hour")


@RULES.rule("SQS-NO-DELAY", source="README.md, sales are near real time", remedy="deliver at once")
def messages_are_delivered_at_once(environment: Environment) -> Iterable[Broken]:
    """And whole: a delay or a small limit stops sales from arriving."""
    for queue in environment.of(QUEUE):
        if (queue.number("DelaySeconds") or 0) > 0:
            yield Broken(resource=queue, what="delays messages")
        if (queue.number("MaximumMessageSize") or 262_144) < 262_144:
            yield Broken(resource=queue, what="refuses messages that SQS would take")


@RULES.rule("ESM-WIRED", source="facts of lambdas/", remedy="feed each worker's live alias from its queue")
def every_worker_is_fed_by_its_queue(environment: Environment) -> Iterable[Broken]:
    """Through the alias, so that a release shifts its traffic."""
    for workload in WORKLOADS:
        if not workload.feeds_on:
            continue
        alias = f"${{{workload.name}}}:live"
        source = f"${{{workload.feeds_on}.Arn}}"
        fed = [m for m in environment.of(MAPPING) if m.text("EventSourceArn") == source]
        if not any(_same_alias(m.text("FunctionName"), alias, workload.part("Live")) for m in fed):
            yield Broken(
                subject=workload.config, what=f"{workload.feeds_on} does not feed {workload.config}'s alias live"
            )
        if len(fed) > 1:
            yield Broken(resource=fed[1], what=f"is a second reader of {workload.feeds_on}")
    known = {f"${{{workload.feeds_on}.Arn}}" for workload in WORKLOADS if workload.feeds_on}
    for mapping in environment.of(MAPPING):
        if mapping.text("EventSourceArn") not in known:
            yield Broken(resource=mapping, what=f"reads {mapping.text('EventSourceArn')}, which is no work queue")


def _same_alias(found: str, by_name: str, live: str) -> bool:
    return found in (by_name, by_name.replace("}:live", ".Arn}:live"), f"${{{live}}}")


@RULES.rule(
    "ESM-CONCURRENCY", source="Lambda Developer Guide, Maximum concurrency", remedy="below reserved concurrency"
)
def pollers_never_meet_a_throttled_function(environment: Environment) -> Iterable[Broken]:
    """A throttled poller counts as a failed receive and fills the dead-letter queue."""
    for workload in WORKLOADS:
        function = environment.named(workload.name)
        for mapping in environment.of(MAPPING):
            if mapping.text("EventSourceArn") != f"${{{workload.feeds_on}.Arn}}" or function is None:
                continue
            polled = mapping.number("ScalingConfig.MaximumConcurrency")
            reserved = function.number("ReservedConcurrentExecutions") or 0
            wanted = getattr(environment.config.functions, workload.config) if environment.config else None
            if polled is None or not 2 <= polled < reserved:
                yield Broken(resource=mapping, what=f"may start {polled} instances of {reserved:g} reserved")
            elif wanted is not None and polled < wanted.polled_concurrency / 2:
                yield Broken(
                    resource=mapping, what=f"may start {polled:g}; configuration says {wanted.polled_concurrency}"
                )


@RULES.rule("ESM-NO-FILTER", source="Lambda Developer Guide, Event filtering", remedy="work off every message")
def no_message_is_filtered_away(environment: Environment) -> Iterable[Broken]:
    """A message that a filter refuses is deleted unseen."""
    for mapping in environment.of(MAPPING):
        if mapping.get("FilterCriteria"):
            yield Broken(resource=mapping, what="deletes messages that its filter does not match")


@RULES.rule("SQS-REDRIVE", source="SQS Developer Guide, RedriveAllowPolicy", remedy="leave it out, or name the source")
def dead_letters_take_what_failed(environment: Environment) -> Iterable[Broken]:
    """A dead-letter queue that refuses its source leaves failures to go round until they are too old."""
    for queue in environment.of(QUEUE):
        if not queue.get("RedriveAllowPolicy"):
            continue
        permission = queue.text("RedriveAllowPolicy.redrivePermission")
        source = f"${{{queue.name.removesuffix('DeadLetters')}Queue.Arn}}"
        named = source in queue.texts("RedriveAllowPolicy.sourceQueueArns")
        if not _is_source(queue) and permission != "allowAll" and not (permission == "byQueue" and named):
            yield Broken(resource=queue, what="does not take what its queue gives up")
