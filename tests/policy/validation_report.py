"""What `app.synth()` writes about its plugins, as types."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict, cast


class ViolatingConstruct(TypedDict):
    """Where."""

    constructPath: str


class Violation(TypedDict):
    """What, and where."""

    ruleName: str
    severity: str
    violatingConstructs: list[ViolatingConstruct]


class PluginReport(TypedDict):
    """One plugin's."""

    pluginName: str
    conclusion: str
    violations: list[Violation]


def read_reports(folder: Path) -> dict[str, PluginReport]:
    """Return the reports by plugin, called as acknowledgements call them. A plugin that found nothing is missing."""
    reports = cast("list[PluginReport]", json.loads((folder / "validation-report.json").read_text())["pluginReports"])
    return {report["pluginName"].replace(" ", "-"): report for report in reports}


def places(tool: str, violations: list[Violation]) -> Iterator[tuple[str, str]]:
    """Yield every rule with every construct that breaks it."""
    for violation in violations:
        for construct in violation["violatingConstructs"]:
            yield f"{tool}::{violation['ruleName']}", construct["constructPath"].removesuffix("/Resource")
