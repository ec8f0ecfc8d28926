"""cdk-nag over the construct tree, while it synthesizes."""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import jsii
from aws_cdk import (
    Acknowledgment,
    App,
    IPolicyValidationContext,
    IPolicyValidationPlugin,
    PolicyValidationPluginReport,
    PolicyViolation,
    Validations,
)
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks

from .acknowledgement import Found, is_acknowledged
from .assembly import read_stage
from .places import Places, write_acknowledged


def build_packs() -> Sequence[IPolicyValidationPlugin]:
    """Return the five packs."""
    return [AwsSolutionsChecks(), ServerlessChecks(), HIPAASecurityChecks(), NIST80053R5Checks(), PCIDSS321Checks()]


@jsii.implements(IPolicyValidationPlugin)
class AcknowledgedPack:
    """A pack that reports what the ledger does not acknowledge.

    cdk-nag takes acknowledgements only by construct and by the exact text of a finding. After it has judged, one look
    at its report tells rule and kind of resource, and costs no call for each construct.
    """

    def __init__(
        self,
        pack: IPolicyValidationPlugin,
        folder: Path,
        acknowledged: list[Found],
        places: Callable[[frozenset[Path]], Places],
    ) -> None:
        """Judge by `pack`. acknowledged: what all packs together found and the ledger lets stay, for `folder`.

        places: `places_in`, shared, so that five packs read the stages once.
        """
        self._pack, self._folder, self._acknowledged, self._places = pack, folder, acknowledged, places

    @property
    def name(self) -> str:
        """The pack's name."""
        return self._pack.name

    @property
    def version(self) -> str | None:
        """The pack's version."""
        return self._pack.version

    @property
    def rule_ids(self) -> list[str] | None:
        """The pack's rules."""
        return self._pack.rule_ids

    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        """Judge, and leave out what is acknowledged."""
        places = self._places(frozenset(Path(template).parent for template in context.template_paths))
        name, left = self.name, []
        for violation in self._pack.validate(context).violations:
            refused = []
            for resource in violation.violating_resources:
                found = places.at_path(f"{name}::{violation.rule_name}", str(resource.construct_path))
                if is_acknowledged(found):
                    self._acknowledged.append(found)
                else:
                    refused.append(resource)
            if refused:
                left.append(
                    PolicyViolation(
                        rule_name=violation.rule_name,
                        description=violation.description,
                        violating_resources=refused,
                        severity=violation.severity,
                    )
                )
        write_acknowledged(self._folder, self._acknowledged)
        return PolicyValidationPluginReport(success=not left, violations=left)


def places_in(stage_folders: frozenset[Path]) -> Places:
    """Return the resources of the stages in some folders."""
    return Places(stack for folder in stage_folders for stack in read_stage(folder))


def add_nag_packs(app: App) -> None:
    """Let synth fail on what a pack finds in any environment and the ledger does not acknowledge.

    On the App: plugins of a Stage run only when the App synthesizes, and then would run once for each.
    """
    acknowledged: list[Found] = []
    folder = Path(app.outdir)
    places = cache(places_in)
    packs = [AcknowledgedPack(pack, folder, acknowledged, places) for pack in build_packs()]
    Validations.of(app).add_plugins(*packs)
    # CDK's own validation passes over the zones that environments.py names.
    reason = "Zones are named in environments.py: each account leaves out the one that lacks services Flux needs."
    Validations.of(app).acknowledge(Acknowledgment(id="CloudFormation-Validate::W3010", reason=reason))
