"""What `app.synth()` writes about its plugins, as types."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict, cast

from policy.acknowledgement import Acknowledged


class ViolatingConstruct(TypedDict):
    """Where."""

    constructPath: str


class Violation(TypedDict):
    """What, and where. The last three only where it is suppressed."""

    ruleName: str
    severity: str
    violatingConstructs: list[ViolatingConstruct]
    acknowledgedId: str
    acknowledgedAt: str
    reason: str


class PluginReport(TypedDict):
    """One plugin's."""

    pluginName: str
    conclusion: str
    violations: list[Violation]
    suppressedViolations: list[Violation]


def read_reports(folder: Path) -> dict[str, PluginReport]:
    """Return the reports by plugin, called as acknowledgements call them. A plugin that found nothing is missing."""
    reports = cast("list[PluginReport]", json.loads((folder / "validation-report.json").read_text())["pluginReports"])
    return {report["pluginName"].replace(" ", "-"): report for report in reports}


def places(tool: str, violations: list[Violation]) -> Iterator[Acknowledged]:
    """Yield every rule with every construct that breaks it."""
    for violation in violations:
        for construct in violation["violatingConstructs"]:
            path = construct["constructPath"].removesuffix("/Resource")
            yield Acknowledged(rule=f"{tool}::{violation['ruleName']}", path=path)
