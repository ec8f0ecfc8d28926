"""The picture of a release's way: from a pull request to all of production's traffic, and back."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from textwrap import wrap

from .drawing import AMBER, BLUE, GREEN, GREY, RED, edge, node, picture
from .surface import LAYERS, matches, only

_WIDTH = 34  # letters a line


def draw() -> str:
    """Return the graph."""
    requests = only(r"Compute/Functions/ReleaseGate/Function Environment\.Variables\.REQUESTS = (\d+)")
    refused = only(r"Compute/Functions/ReleaseGate/Function Environment\.Variables\.REFUSED_AT = (\d+)")
    lines = [
        node("pull", "Pull request", "lint, tests, synthesis", "comment: what would change", fill=AMBER),
        node("staging", "Merge into staging", "built once, deployed,", "published, smoke-tested", fill=AMBER),
        node("main", "Merge into main", "a person agrees;", "the file that staging ran", fill=AMBER),
        node("stacks", "cdk deploy", *wrap(" → ".join(LAYERS), _WIDTH), fill=GREY),
        node("migrate", "Migrations", "snapshot, then one", "transaction a revision", fill=BLUE),
        node(
            "gate",
            "Release gate",
            f"{requests} requests to the new version,",
            f"refused at {refused} failures",
            fill=BLUE,
        ),
        node("canary", "Canary", _canary(), *_alarms(), fill=BLUE),
        node("model", "Model canary", *_model(), fill=BLUE),
        node("live", "Live", "all traffic;", "the gate tries it again", fill=GREEN),
        node("site", "Site", "published after the stacks", fill=GREEN),
        node("back", "Rolled back", "the version before", "has all traffic", fill=RED),
        edge("pull", "staging"),
        edge("staging", "main"),
        edge("main", "stacks"),
        edge("stacks", "migrate", "stack Compute"),
        edge("stacks", "model", "stack Ml"),
        edge("stacks", "site"),
        edge("migrate", "gate"),
        edge("gate", "canary"),
        edge("canary", "live"),
        edge("model", "live"),
        *(edge(step, "back", why, dashed=True) for step, why in _ways_back().items()),
    ]
    return picture(lines, direction="TB")


def _canary() -> str:
    name = only(r"Compute/Releases/\w+/Group DeploymentConfigName = CodeDeployDefault\.Lambda(\w+)")
    share, minutes = re.findall(r"\d+", name)
    return f"{share} % of the traffic for {minutes} minutes"


def _alarms() -> Iterator[str]:
    """How many alarms stop each function's release."""
    watched = matches(r"Compute/Releases/(\w+)/Group AlarmConfiguration\.Alarms\[\S+\]\.Name = .+")
    alike: dict[int, list[str]] = defaultdict(list)
    for name, count in Counter(match[1].lower() for match in watched).items():
        alike[count].append(name)
    for count, names in sorted(alike.items(), reverse=True):
        yield from wrap(f"{count} alarms watch {', '.join(names)}", _WIDTH)


def _model() -> tuple[str, str]:
    policy = r"Ml/Forecast/Endpoint DeploymentConfig\.BlueGreenUpdatePolicy\.TrafficRoutingConfiguration\."
    share, seconds = only(rf"{policy}CanarySize\.Value = (\d+)"), only(rf"{policy}WaitIntervalInSeconds = (\d+)")
    return f"{share} % of the instances", f"for {int(seconds) // 60} minutes"


def _ways_back() -> dict[str, str]:
    events = only(r"Compute/Releases/\w+/Group AutoRollbackConfiguration\.Events = \[(.+)\]")
    canary = "an alarm fires" if "DEPLOYMENT_STOP_ON_ALARM" in events else ""
    return {"gate": "refused", "canary": f"{canary},\\nor somebody stops it", "model": "an alarm fires"}
