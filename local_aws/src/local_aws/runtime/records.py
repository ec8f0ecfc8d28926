"""ministack's record of a function: its shape, and how an invocation picks the version that runs."""

from collections.abc import Mapping

from ..values import Properties

type Record = Mapping[str, object]
"""`config` is what GetFunctionConfiguration answers, `code_zip` the bundle; the function itself also has `versions` and
`aliases` by name. A version's record has the first two."""

LATEST = "$LATEST"


def configuration(record: Record) -> Properties:
    """A record's configuration; ministack sometimes passes the configuration itself."""
    found = record.get("config", record)
    if not isinstance(found, Mapping):
        raise TypeError(f"a function record has a configuration of type {type(found).__name__}")
    return Properties(found)


def invoked_qualifier(record: Record) -> str:
    """The alias or version at the end of the invoked ARN; `$LATEST` if there is none."""
    parts = configuration(record).text("FunctionArn").split(":")
    return parts[7] if len(parts) > 7 else LATEST


def named(record: Record, arn: str) -> Record:
    """The record as seen by a caller that used `arn`: a handler's `invoked_function_arn` is that very ARN."""
    return {**record, "config": {**configuration(record).values, "FunctionArn": arn}}


def alias(function: Record, name: str) -> Properties | None:
    """The function's alias of that name."""
    aliases = function.get("aliases")
    found = aliases.get(name) if isinstance(aliases, Mapping) else None
    return Properties(found) if isinstance(found, Mapping) else None


def event_invoke_configuration(function: Record, qualifier: str) -> object:
    """How asynchronous invocations of the qualifier are retried, and where they go when they fail; None: as usual."""
    configurations = function.get("event_invoke_configs")
    if not isinstance(configurations, Mapping):
        return None
    # ministack keeps the configuration of the function itself under "".
    return configurations.get(qualifier) or (configurations.get("") if qualifier == LATEST else None)


def choose(primary: str, weights: Mapping[str, float], draw: float) -> str:
    """The version for one invocation of an alias ("Lambda function aliases", weighted routing).

    primary: the version that the alias names; it gets what the weights leave.
    weights: other versions, each with a share from 0 to 1.
    draw: a number from [0, 1), random per invocation.
    """
    reached = 0.0
    for version, share in weights.items():
        reached += share
        if draw < reached:
            return version
    return primary


def route(record: Record, function: Record | None, draw: float) -> Record:
    """The record of the version that shall run, chosen by the alias's weights if an alias was invoked.

    record: what was invoked, as ministack resolved it. function: the function itself.
    draw: random from [0, 1).
    """
    invoked = None if function is None else alias(function, invoked_qualifier(record))
    if function is None or invoked is None:
        return record
    routing = invoked.child("RoutingConfig").child("AdditionalVersionWeights").values
    weights = {version: float(share) for version, share in routing.items() if isinstance(share, int | float | str)}
    version = choose(invoked.text("FunctionVersion"), weights, draw)
    versions = function.get("versions")
    published = versions.get(version) if isinstance(versions, Mapping) else None
    chosen = function if version == LATEST else published
    if not isinstance(chosen, Mapping):
        raise TypeError(f"alias {invoked.text('Name')} routes to version {version}, which does not exist")
    # Reserved concurrency belongs to the function; ministack looks for it on the record that runs.
    arn = configuration(record).text("FunctionArn")
    return {**named(chosen, arn), "concurrency": function.get("concurrency")}
