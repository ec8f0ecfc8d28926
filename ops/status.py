"""What is live in each layer of an environment, and what is going on in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flux_infra.constructs.names import LAYERS

from .alarms import FiringAlarm, firing
from .aws import Aws
from .database import Schema, read_schema
from .errors import OpsError
from .model import LiveModel
from .releases import RELEASED, Deployment, LiveFunction
from .site_layer import read_site
from .stacks import DeployedStack


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One line of the table.

    live: what serves; since: when it began to, None if unknown.
    note: what is out of the ordinary, or "".
    """

    name: str
    live: str
    since: datetime | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Status:
    """An environment as it stands.

    layers: what is live. deployments: the last ones by function, newest first. alarms: in ALARM.
    stacks: status by name. marks: what rollbacks left for the next deployment, by what was rolled back.
    """

    environment: str
    layers: tuple[Layer, ...]
    deployments: Mapping[str, tuple[Deployment, ...]]
    alarms: tuple[FiringAlarm, ...]
    stacks: Mapping[str, str]
    marks: Mapping[str, str]


def read_status(aws: Aws, *, deployments: int) -> Status:
    """Ask every layer. deployments: how many of the last ones of each function."""
    stacks = [DeployedStack.read(aws, layer) for layer in LAYERS]
    compute, ml = stacks[LAYERS.index("Compute")], stacks[LAYERS.index("Ml")]
    functions = [LiveFunction.read(aws, compute, name) for name in RELEASED]
    return Status(
        environment=aws.config.name,
        layers=(*map(_function, functions), _database(aws, compute), _site(aws), _model(aws, ml)),
        deployments={function.name: function.deployments[:deployments] for function in functions},
        alarms=tuple(firing(aws)),
        stacks={stack.name: stack.status for stack in stacks},
        marks={subject: mark for stack in stacks for subject, mark in stack.marks.items()},
    )


def _function(function: LiveFunction) -> Layer:
    notes = []
    running = function.running
    if running is not None:
        shares = ", ".join(f"{share:.0%} to version {version}" for version, share in function.weights.items())
        notes.append(f"{running.identifier} {running.status} to version {running.target}: {shares or 'no traffic yet'}")
    elif function.templated not in (None, function.version):
        notes.append(f"version {function.templated} is the last one deployed")
    return Layer(name=function.name, live=f"version {function.version}", since=function.since, note="; ".join(notes))


def _database(aws: Aws, compute: DeployedStack) -> Layer:
    try:
        schema = read_schema(aws, compute)
    except OpsError as error:  # the other layers are worth seeing all the more
        return Layer(name="database", live="unknown", note=error.why)
    return Layer(name="database", live=f"revision {schema.current}", note=_schema_note(schema))


def _schema_note(schema: Schema) -> str:
    if schema.ahead:
        return f"ahead of the deployed release, which knows {schema.head}"
    return f"lacks {', '.join(schema.pending)}" if schema.pending else ""


def _site(aws: Aws) -> Layer:
    site = read_site(aws)
    return Layer(name="site", live=site.release, since=site.since, note=site.note)


def _model(aws: Aws, ml: DeployedStack) -> Layer:
    model = LiveModel.read(aws, ml)
    note = "" if model.status == "InService" else f"endpoint is {model.status}"
    return Layer(name="model", live=f"{model.artifact} ({model.config})", since=model.since, note=note)
