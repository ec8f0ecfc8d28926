"""What is live in each layer of an environment, and what is going on in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flux_infra.config import RELEASED_FUNCTIONS
from flux_infra.constructs.names import LAYERS

from .alarms import FiringAlarm, firing
from .aws import Aws
from .database import read_schema
from .errors import OpsError, SiteError
from .live_model import LiveModel
from .releases import Deployment, LiveFunction
from .site import releases
from .site_address import read_health, site_address
from .stacks import DeployedStack


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One line of the table.

    live: what serves; since: when it began to, None if unknown.
    commit: what it was made from, or "".
    note: what is out of the ordinary, or "".
    """

    name: str
    live: str
    since: datetime | None = None
    commit: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Status:
    """An environment as it stands.

    site: its address. health: what the API answers there.
    layers: what is live. deployments: the last ones by function, newest first. alarms: in ALARM.
    stacks: status by name. marks: what rollbacks left for the next deployment, by what was rolled back.
    outputs: of the stacks, by `<Layer>.<OutputId>`.
    """

    environment: str
    site: str
    health: str
    layers: tuple[Layer, ...]
    deployments: Mapping[str, tuple[Deployment, ...]]
    alarms: tuple[FiringAlarm, ...]
    stacks: Mapping[str, str]
    marks: Mapping[str, str]
    outputs: Mapping[str, str]


def read_status(aws: Aws, *, deployments: int) -> Status:
    """Ask every layer. deployments: how many of the last ones of each function."""
    stacks = [DeployedStack.read(aws, layer) for layer in LAYERS]
    by_layer = dict(zip(LAYERS, stacks, strict=True))
    compute = by_layer["Compute"]
    site = site_address(by_layer["Frontend"].outputs, aws_url=aws.url)
    functions = [LiveFunction.read(aws, compute, name) for name in RELEASED_FUNCTIONS]
    return Status(
        environment=aws.config.name,
        site=site,
        health=read_health(site, aws_url=aws.url),
        layers=(
            *(_function(function, compute.commit) for function in functions),
            _database(aws, compute),
            _site(aws),
            _model(aws, by_layer["Ml"]),
        ),
        deployments={function.name: function.deployments[:deployments] for function in functions},
        alarms=tuple(firing(aws)),
        stacks={stack.name: stack.status for stack in stacks},
        marks={subject: mark for stack in stacks for subject, mark in stack.marks.items()},
        outputs={f"{layer}.{key}": value for layer, stack in by_layer.items() for key, value in stack.outputs.items()},
    )


def _function(function: LiveFunction, deployed: str) -> Layer:
    notes = []
    running = function.running
    if running is not None:
        shares = ", ".join(f"{share:.0%} to version {version}" for version, share in function.weights.items())
        notes.append(f"{running.identifier} {running.status} to version {running.target}: {shares or 'no traffic yet'}")
    elif function.templated not in (None, function.version):
        notes.append(f"version {function.templated} is the last one deployed")
    return Layer(
        name=function.name,
        live=f"version {function.version}",
        since=function.since,
        commit="" if notes else deployed,  # another version than the last deployed one came from an earlier commit
        note="; ".join(notes),
    )


def _database(aws: Aws, compute: DeployedStack) -> Layer:
    try:
        schema = read_schema(aws, compute)
    except OpsError as error:  # the other layers are worth seeing all the more
        return Layer(name="database", live="unknown", note=error.why)
    note = f"lacks {', '.join(schema.pending)}" if schema.pending else ""
    if schema.ahead:
        note = f"ahead of the deployed release, which knows {schema.head}"
    return Layer(name="database", live=f"revision {schema.current}", commit=compute.commit, note=note)


def _site(aws: Aws) -> Layer:
    try:
        live = releases(aws).live()
    except SiteError as error:  # as above
        return Layer(name="site", live="unknown", note=str(error))
    if live is None:
        return Layer(name="site", live="none", note="nothing was published yet")
    return Layer(name="site", live=live.release, since=live.since, commit=live.commit)


def _model(aws: Aws, ml: DeployedStack) -> Layer:
    model = LiveModel.read(aws, ml)
    note = "" if model.status == "InService" else f"endpoint is {model.status}"
    return Layer(
        name="model", live=f"{model.artifact} ({model.config})", since=model.since, commit=ml.commit, note=note
    )
