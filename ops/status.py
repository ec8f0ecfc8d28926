"""What is live in each layer of an environment, and what is going on in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flux_infra.config import RELEASED_FUNCTIONS
from flux_infra.constructs.names import LAYERS

from .alarms import FiringAlarm, firing
from .aws import Aws
from .commits import origin_of_revision
from .database import read_schema
from .errors import OpsError, SiteError
from .live_model import LiveModel
from .origins import Origin, Origins
from .releases import Deployment, LiveFunction
from .site import releases
from .site_address import read_health, site_address
from .stacks import DeployedStack


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One line of the table.

    live: what serves; since: when it began to, None if unknown.
    commit: that brought it, or "" if unknown.
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
    model = LiveModel.read(aws, by_layer["Ml"])
    made = [model.made, *(function.made for function in functions if function.made)]
    origins = Origins.read(aws, [compute, by_layer["Ml"]], since=min(made))
    return Status(
        environment=aws.config.name,
        site=site,
        health=read_health(site, aws_url=aws.url),
        layers=(
            *(_function(function, origins.of(compute.name, function.made)) for function in functions),
            _database(aws, compute),
            _site(aws),
            _model(model, origins.of(by_layer["Ml"].name, model.made)),
        ),
        deployments={function.name: function.deployments[:deployments] for function in functions},
        alarms=tuple(firing(aws)),
        stacks={stack.name: stack.status for stack in stacks},
        marks={subject: mark for stack in stacks for subject, mark in stack.marks.items()},
        outputs={f"{layer}.{key}": value for layer, stack in by_layer.items() for key, value in stack.outputs.items()},
    )


def _function(function: LiveFunction, origin: Origin) -> Layer:
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
        commit=origin.commit,
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
    (migrations,) = compute.of_type("Custom::Migrations")
    return Layer(
        name="database",
        live=f"revision {schema.current}",
        since=compute.times[migrations],
        commit=origin_of_revision(schema.current).commit,
        note=note,
    )


def _site(aws: Aws) -> Layer:
    try:
        live = releases(aws).live()
    except SiteError as error:  # as above
        return Layer(name="site", live="unknown", note=error.why)
    if live is None:
        return Layer(name="site", live="none", note="nothing was published yet")
    return Layer(name="site", live=live.release, since=live.since, commit=live.commit)


def _model(model: LiveModel, origin: Origin) -> Layer:
    note = "" if model.status == "InService" else f"endpoint is {model.status}"
    return Layer(
        name="model", live=f"{model.artifact} ({model.config})", since=model.since, commit=origin.commit, note=note
    )
