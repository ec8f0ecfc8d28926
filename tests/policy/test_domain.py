"""The gate and a domain of our own, in a production that has one."""

from dataclasses import replace

import pytest

from flux_infra.apps.entry import build_app
from flux_infra.config import Domain
from flux_infra.environments import PROD
from flux_infra.stage import FluxStage
from policy.assembly import read_stage, readings
from policy.changes.consequence import Consequence
from policy.gate import judge
from policy.model import WrittenStack
from tests.infra.placeholders import write_placeholders

from .mutants.change import Change
from .mutants.table import read
from .small_stack import compare

pytestmark = pytest.mark.slow

CHANGES = read("domain")
HARMLESS = [change for change in CHANGES if change.right & {"same", "other"}]
MUTANTS = [change for change in CHANGES if change not in HARMLESS]
OWNER = replace(PROD, domain=Domain(name="app.flux.example", zone_name="flux.example", zone_id="Z0123456789ABCDEFGHIJ"))


@pytest.fixture(scope="module")
def with_domain(tmp_path_factory: pytest.TempPathFactory) -> list[WrittenStack]:
    folder = tmp_path_factory.mktemp("written_with_domain")
    artifacts = write_placeholders(tmp_path_factory.mktemp("placeholders"))
    FluxStage(build_app(outdir=folder), OWNER, artifacts=artifacts).synth()
    return read_stage(folder / "assembly-Flux-prod")


def test_an_environment_with_a_domain_breaks_no_rule(with_domain: list[WrittenStack]) -> None:
    assert [str(finding) for finding in judge(readings(with_domain))] == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.what)
def test_the_difference_shows_the_weakening(mutant: Change, with_domain: list[WrittenStack]) -> None:
    assert [row for row in compare(with_domain, mutant.to(with_domain)) if row.consequence is not Consequence.HARMLESS]


@pytest.mark.parametrize("change", HARMLESS, ids=lambda change: change.what)
def test_no_rule_refuses_the_harmless_change(change: Change, with_domain: list[WrittenStack]) -> None:
    assert [str(finding) for finding in judge(readings(change.to(with_domain)))] == []
