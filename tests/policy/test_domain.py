"""The gate and a domain of our own, in a production that has one."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from flux_infra.apps.entry import build_app
from flux_infra.config import Domain, FluxConfig, OptOut
from flux_infra.environments import PROD
from flux_infra.stage import FluxStage
from policy.assembly import WrittenStack, read_stage, readings
from policy.finding import Finding
from policy.gate import exemptions, judge
from policy.model import Environment
from tests.infra.placeholder_artifacts import PlaceholderArtifacts

from .mutants.change import Change
from .mutants.domain import HARMLESS, MUTANTS

OWNER = replace(PROD, domain=Domain(name="app.flux.example", zone_name="flux.example", zone_id="Z0123456789ABCDEFGHIJ"))


@pytest.fixture(scope="module")
def with_domain(tmp_path_factory: pytest.TempPathFactory) -> list[WrittenStack]:
    folder = tmp_path_factory.mktemp("written_with_domain")
    artifacts = PlaceholderArtifacts.in_folder(tmp_path_factory.mktemp("placeholders"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CDK_VALIDATION", "false")
        app = build_app(outdir=folder)
        FluxStage(app, OWNER, artifacts=artifacts)
        app.synth()
    return read_stage(folder / "assembly-Flux-prod")


def as_configured(stacks: list[WrittenStack], config: FluxConfig = OWNER) -> Iterator[Environment]:
    """The environment that these stacks make, were environments.py to say so."""
    for environment in readings(stacks):
        yield replace(environment, config=config)


def findings(change: Change, stacks: list[WrittenStack]) -> list[Finding]:
    return judge(as_configured(change.to(stacks)))


def test_an_environment_with_a_domain_is_clean(with_domain: list[WrittenStack]) -> None:
    assert [str(finding) for finding in judge(as_configured(with_domain))] == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.what)
def test_the_gate_notices_the_weakening(mutant: Change, with_domain: list[WrittenStack]) -> None:
    assert findings(mutant, with_domain)


@pytest.mark.parametrize("change", HARMLESS, ids=lambda change: change.what)
def test_the_gate_stays_quiet_about_the_harmless_change(change: Change, with_domain: list[WrittenStack]) -> None:
    assert [str(finding) for finding in findings(change, with_domain)] == []


def test_a_zone_that_is_not_ours_is_not_to_be_signed(with_domain: list[WrittenStack]) -> None:
    assert OWNER.domain is not None
    reason = OptOut(reason="the company's own team signs this zone")
    guest = replace(OWNER, domain=replace(OWNER.domain, owns_zone=reason))
    assert {finding.rule for finding in judge(as_configured(with_domain, guest))} == {"DNSSEC-ZONE", "STRANGERS"}
    (listed,) = [e for e in exemptions(as_configured(with_domain, guest)) if e.safeguard == "Domain.owns_zone"]
    assert listed.reason == reason.reason
