"""What differs between what Datadog should hold and what it holds, and how to make it the same."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from datadog_api_client import ApiClient
from datadog_api_client.exceptions import NotFoundException
from datadog_api_client.v1.api.metrics_api import MetricsApi

from flux_infra.config import FluxConfig

from ..reads import Json
from .kinds import Dashboards, Kind, Monitors, Slos
from .wanted import Objects, Places, dashboards, metrics, monitors, slos, tag_of, title_of


@dataclass(frozen=True, kw_only=True)
class Change:
    """One object that is not as it should be. what: create, change or delete. differences: where, of a changed one."""

    what: str
    kind: str
    key: str
    differences: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Say it to a person."""
        yield f"{self.what:7} {self.kind} {self.key}"
        yield from (f"          {difference}" for difference in self.differences)


@dataclass(frozen=True, kw_only=True)
class _Step:
    """A change, and how to make it."""

    change: Change
    make: Callable[[], None]


def plan(client: ApiClient, config: FluxConfig, places: Places) -> list[Change]:
    """Return what `apply` would do, and do nothing."""
    return [step.change for steps in _stages(client, config, places) for step in steps]


def apply(client: ApiClient, config: FluxConfig, places: Places) -> list[Change]:
    """Make Datadog hold what it should, and nothing else under our tags; return what was done."""
    done = []
    for steps in _stages(client, config, places):
        for step in steps:
            step.make()
            done.append(step.change)
    return done


def unknown_metrics(client: ApiClient) -> list[str]:
    """Return the objectives' metrics that Datadog has never received."""
    api, missing = MetricsApi(client), []
    for name in metrics():
        try:
            api.get_metric_metadata(name)
        except NotFoundException:
            missing.append(name)
    return missing


def _stages(client: ApiClient, config: FluxConfig, places: Places) -> Iterator[Sequence[_Step]]:
    """Yield what is to be done, SLOs before what names them, and those that go last.

    Each stage reads anew, so that it knows what the one before it has made.
    """
    tag = tag_of(config)
    objectives, alerts = Slos(client=client, tag=tag), Monitors(client=client, tag=tag)
    boards = Dashboards(client=client, title=title_of(config))
    wanted = slos(config, places)
    yield _written(objectives, wanted)
    # One that a plan would only make has no id yet.
    ids = dict.fromkeys(wanted, "new") | {key: found.id for key, found in objectives.read().items()}
    alarms = monitors(config, ids)
    yield [*_written(alerts, alarms), *_deleted(alerts, alarms)]
    yield _written(boards, dashboards(config, ids, places))
    yield _deleted(objectives, wanted)


def _written(kind: Kind, wanted: Objects) -> list[_Step]:
    found, steps = kind.read(), []
    for key, document in wanted.items():
        if key not in found:
            change = Change(what="create", kind=kind.name, key=key)
            steps.append(_Step(change=change, make=partial(kind.create, document)))
        elif different := tuple(differences(document, found[key].document)):
            change = Change(what="change", kind=kind.name, key=key, differences=different)
            steps.append(_Step(change=change, make=partial(kind.update, found[key].id, document)))
    return steps


def _deleted(kind: Kind, wanted: Objects) -> list[_Step]:
    return [
        _Step(
            change=Change(what="delete", kind=kind.name, key=key),
            make=partial(kind.delete, found.id),
        )
        for key, found in kind.read().items()
        if key not in wanted
    ]


def differences(wanted: Json, found: Json, where: str = "") -> Iterator[str]:
    """Yield where what was found is not as wanted. What Datadog adds is no difference, nor is the order of tags."""
    if isinstance(wanted, Mapping):
        there = found if isinstance(found, Mapping) else {}
        for name, value in wanted.items():
            yield from differences(value, there.get(name), f"{where}.{name}" if where else name)
    elif where == "tags" and isinstance(wanted, list) and isinstance(found, list):
        if set(map(str, wanted)) - set(map(str, found)):
            yield f"{where}: {found!r}, should be {wanted!r}"
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for number, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from differences(one, other, f"{where}.{number}")
    elif wanted != found:
        yield f"{where}: {found!r}, should be {wanted!r}"
