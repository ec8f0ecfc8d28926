"""What Lambda publishes about an invocation ("Types of metrics for Lambda functions")."""

from collections.abc import Iterator
from dataclasses import dataclass

from .sample import Sample


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One finished invocation.

    qualifier: alias, version or `$LATEST`, as the caller named it. version: the one that ran.
    aliased: an alias was invoked.
    throttled: it was refused for lack of concurrency and did not run.
    concurrent: how many invocations of the function ran when it began, itself among them.
    milliseconds: time in the handler.
    log: everything that the function wrote.
    """

    function: str
    qualifier: str
    version: str
    aliased: bool
    failed: bool
    throttled: bool
    concurrent: int
    milliseconds: float
    log: str


def dimension_sets(observation: Observation) -> list[dict[str, str]]:
    """By function, by resource (alias or version), and by executed version if an alias was invoked.

    ExecutedVersion is what tells a canary's errors from those of the version beside it ("Viewing metrics for Lambda
    functions": compares two versions that are both targets of a weighted alias).
    """
    function = {"FunctionName": observation.function}
    qualified = observation.qualifier != "$LATEST"
    name = f"{observation.function}:{observation.qualifier}" if qualified else observation.function
    resource = {**function, "Resource": name}
    executed = [{**resource, "ExecutedVersion": observation.version}] if observation.aliased else []
    return [function, resource, *executed]


def samples(observation: Observation) -> Iterator[Sample]:
    """What is counted in every dimension set; a throttled invocation did not run."""
    values = [("Throttles", float(observation.throttled), "Count")]
    if not observation.throttled:
        values += [
            ("Invocations", 1.0, "Count"),
            ("Errors", float(observation.failed), "Count"),
            ("Duration", observation.milliseconds, "Milliseconds"),
            ("ConcurrentExecutions", float(observation.concurrent), "Count"),
        ]
    for dimensions in dimension_sets(observation):
        for name, value, unit in values:
            yield Sample(namespace="AWS/Lambda", name=name, value=value, unit=unit, dimensions=dimensions)
