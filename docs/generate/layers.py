"""The picture of the stacks: what each takes from which, read from their references."""

import re
from collections import defaultdict
from textwrap import wrap

from .drawing import BLUE, GREEN, edge, node, picture
from .surface import LAYERS, facts

_PURPOSE = {
    "Network": "VPC, subnets, NAT, endpoints",
    "Data": "PostgreSQL, Valkey, secrets, keys, backups",
    "Ml": "SageMaker endpoint of the demand model",
    "Compute": "functions, queues, migrations, releases",
    "Api": "HTTP API and its authorizer",
    "Frontend": "site bucket, CloudFront, WAF",
    "Monitoring": "alarms, dashboard, alerts topics",
}
_STATEFUL = ("Network", "Data")
_WIDTH = 42


def draw() -> str:
    """Return the graph."""
    taken = _taken()
    lines = [_box(layer, taken) for layer in LAYERS]
    lines += [edge(layer, source) for layer, source in sorted(taken)]
    return picture(lines, direction="BT")


def _taken() -> dict[tuple[str, str], set[str]]:
    """Which constructs of an earlier layer each layer refers to.

    The surface shows a rule of a security group, and the permission to call a function, at what they belong to, not in
    the stack that makes them: those facts point the other way and are left out.
    """
    taken: dict[tuple[str, str], set[str]] = defaultdict(set)
    for fact in facts():
        layer = fact.partition("/")[0]
        for reference in re.findall(r"<([A-Z][A-Za-z]+/[^>]+)>", fact):
            source, _, path = reference.partition("/")
            if layer in LAYERS and source in LAYERS[: LAYERS.index(layer)]:
                taken[layer, source].add(path.partition("/")[0].partition(".")[0])
    return taken


def _box(layer: str, taken: dict[tuple[str, str], set[str]]) -> str:
    details = [_PURPOSE[layer]]
    for source in LAYERS:
        if names := sorted(taken.get((layer, source), ())):
            details += wrap(f"from {source}: {', '.join(names)}", _WIDTH)
    return node(layer, layer, *details, fill=BLUE if layer in _STATEFUL else GREEN)
