"""What an alarm says to whoever is on call."""

import re

from ..config import FluxConfig
from ..environments import DELIVERY
from .names import dashboard_name

# AlarmDescription (CloudWatch API Reference, PutMetricAlarm).
LONGEST = 1024


def describe_alarm(config: FluxConfig, *, impact: str, first: str, runbook: str) -> str:
    """Return an alarm's description: what has happened to whom, what to do first, and where to read on.

    runbook: a page of docs/runbooks, without `.md`.

    Raises:
        ValueError: it is longer than CloudWatch takes.
    """
    words = f"{impact} First: {first} Runbook: {runbook_url(config, runbook)} Dashboard: {dashboard_url(config)}"
    if len(words) > LONGEST:
        raise ValueError(f"an alarm's description has {len(words)} characters, CloudWatch takes {LONGEST}: {words}")
    return words


def runbook_in(description: str) -> str:
    """Return the runbook's address that `describe_alarm` has written into a description, or ""."""
    found = re.search(r" Runbook: (https://\S+)", description)
    return found[1] if found else ""


def runbook_url(config: FluxConfig, page: str) -> str:
    """Return where a page of docs/runbooks is read: on the branch that the environment is deployed from."""
    branch = DELIVERY.branch_of(config.name) or DELIVERY.branches[-1]
    return f"https://github.com/{DELIVERY.repository}/blob/{branch.name}/docs/runbooks/{page}.md"


def dashboard_url(config: FluxConfig, part: str = "") -> str:
    """Return the address of the environment's first dashboard in AWS's console, or of another one."""
    return (
        f"https://{config.region}.console.aws.amazon.com/cloudwatch/home?region={config.region}"
        f"#dashboards/dashboard/{dashboard_name(config, part)}"
    )
