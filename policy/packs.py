"""cdk-nag over the construct tree, while it synthesizes."""

from collections import defaultdict
from collections.abc import Sequence

from aws_cdk import Acknowledgment, App, IPolicyValidationPlugin, Validations
from cdk_nag import (
    AwsSolutionsChecks,
    HIPAASecurityChecks,
    NIST80053R5Checks,
    PCIDSS321Checks,
    ServerlessChecks,
)
from constructs import Construct, IConstruct

from flux_infra.config import FluxConfig

from .acknowledgement import acknowledged
from .ledger import LEDGER

# How the report calls each pack. CDK's own validation is always there; cdk.json makes its findings errors.
PACKS = ("AwsSolutions", "Serverless", "HIPAA.Security", "NIST.800.53.R5", "PCI.DSS.321")
JUDGED_AT_SYNTH = (*PACKS, "CloudFormation-Validate")


def build_packs() -> Sequence[IPolicyValidationPlugin]:
    """Return the five packs."""
    return [AwsSolutionsChecks(), ServerlessChecks(), HIPAASecurityChecks(), NIST80053R5Checks(), PCIDSS321Checks()]


def watch(app: App) -> None:
    """Let synth fail on what a pack finds in any environment and the ledger does not acknowledge.

    On the App: plugins of a Stage run only when the App synthesizes, and then would run once for each.
    """
    Validations.of(app).add_plugins(*build_packs())


def acknowledge(stage: Construct, config: FluxConfig) -> None:
    """Mark in one environment's constructs what the ledger says may stay.

    Raises:
        LookupError: an entry names a construct that is not there.
    """
    by_path: dict[str, list[Acknowledgment]] = defaultdict(list)
    for key, reason in acknowledged(LEDGER, config):
        if key.tool in JUDGED_AT_SYNTH:
            by_path[key.path].append(Acknowledgment(id=key.rule, reason=reason))
    found: dict[str, IConstruct] = {stage.node.path: stage}
    for path, entries in by_path.items():
        Validations.of(_resource(path, found)).acknowledge(*entries)


def _resource(path: str, found: dict[str, IConstruct]) -> IConstruct:
    construct = _find(path, found)
    return construct.node.try_find_child("Resource") or construct


def _find(path: str, found: dict[str, IConstruct]) -> IConstruct:
    """Return the construct, and remember it: asking for one is a call into another process."""
    if path not in found:
        parent, separator, name = path.rpartition("/")
        child = _find(parent, found).node.try_find_child(name) if separator else None
        if child is None:
            raise LookupError(f"{path}: acknowledged in policy/ledger.py, but no construct; remove or move it")
        found[path] = child
    return found[path]
