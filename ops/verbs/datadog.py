"""`./flux datadog`: monitors, SLOs and a dashboard in Datadog, as the objectives of Flux say."""

import argparse
from dataclasses import asdict

from datadog_api_client import ApiClient

from flux_infra.config import FluxConfig
from flux_infra.monitoring.objectives import Deployed

from ..aws import connect, find_environment
from ..console import Console, Verbs, add_verb
from ..datadog.account import configure, datadog, settings_of
from ..datadog.changes import Change, apply, plan, unknown_metrics
from ..datadog.wanted import Places
from ..stacks import DeployedStack

KEYS = """\
Keys: DD_API_KEY and DD_APP_KEY in this shell. The application key is yours, so that Datadog's audit trail names you; it
needs the rights to read and write dashboards, monitors and SLOs. No command shows either of them.
"""

PLAN_EXAMPLES = f"""\
example:
  ./flux datadog plan --env prod      what 'apply' would change; changes nothing

Exit status: 0 Datadog holds what it should, 2 it does not (for CI, once a day: somebody changed it by hand), 1 neither
could be told.

{KEYS}"""

APPLY_EXAMPLES = f"""\
example:
  ./flux datadog apply --env prod     shows the plan, then asks

Repeating it changes nothing. What has the tag 'flux:<environment>' and is no objective any more is deleted.

{KEYS}"""

DIFFERENT = 2


def add(verbs: Verbs) -> None:
    """Teach the command line."""
    actions = verbs.add_parser("datadog", help="show or write what Datadog watches").add_subparsers(
        dest="action", required=True
    )
    add_verb(actions, "plan", purpose="show what differs in Datadog", examples=PLAN_EXAMPLES, run=run_plan)
    add_verb(actions, "apply", purpose="write the objectives to Datadog", examples=APPLY_EXAMPLES, run=run_apply)


def run_plan(arguments: argparse.Namespace) -> int:
    """Show it."""
    console, config = Console.of(arguments), find_environment(arguments.env)
    with datadog(configure(settings_of(config))) as client:
        changes = _show(console, client, config, places_of(config))
    console.result(changes=[asdict(change) for change in changes])
    return DIFFERENT if changes else 0


def run_apply(arguments: argparse.Namespace) -> int:
    """Show it, ask, and do it."""
    console, config = Console.of(arguments), find_environment(arguments.env)
    with datadog(configure(settings_of(config))) as client:
        places = places_of(config)
        changes = _show(console, client, config, places)
        if changes:
            if not console.confirm(config.name, "write this to Datadog"):
                return 1
            changes = apply(client, config, places)
            console.echo(f"\nDone: {len(changes)} objects written.")
    console.result(changes=[asdict(change) for change in changes])
    return 0


def places_of(config: FluxConfig) -> Places:
    """Return what only the deployment knows."""
    api = DeployedStack.read(connect(config), "Api")
    return {Deployed.ENVIRONMENT: config.name, Deployed.HTTP_API: api.output("HttpApiId")}


def _show(console: Console, client: ApiClient, config: FluxConfig, places: Places) -> list[Change]:
    for name in unknown_metrics(client):
        console.echo(f"note: Datadog has not received {name} yet; docs/datadog.md says what to look at")
    changes = plan(client, config, places)
    for line in (line for change in changes for line in change.lines()):
        console.echo(line)
    if not changes:
        console.echo(f"Datadog holds what it should of {config.name}.")
    return changes
