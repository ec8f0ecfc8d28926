"""The ledger says what the packs find: no more, no less, and never for more than one construct."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from aws_cdk import App, Stack, Stage

from flux_infra.environments import DEV, PROD, environments
from policy import packs
from policy.acknowledgement import EVERYWHERE, Acknowledgement, acknowledged, due
from policy.ledger import LEDGER
from policy.packs import JUDGED_AT_SYNTH, acknowledge
from policy.scan import SCANNERS
from tests.policy.validation_report import places, read_reports

ALL = environments(preview="pr-7")
TOOLS = (*JUDGED_AT_SYNTH, *SCANNERS)


def test_synth_finds_nothing_that_is_not_acknowledged(written: Path) -> None:
    for tool, report in read_reports(written).items():
        assert sorted(places(tool, report["violations"])) == []


def test_the_ledger_is_what_the_packs_find_exactly(written: Path) -> None:
    found = {p for tool, report in read_reports(written).items() for p in places(tool, report["suppressedViolations"])}
    listed = {key for config in ALL for key, _ in acknowledged(LEDGER, config) if key.tool in JUDGED_AT_SYNTH}
    assert sorted(listed - found) == [], "stale: no pack finds this any more, or its id or path is wrong"
    assert sorted(found - listed) == [], "acknowledged elsewhere; move it to policy/ledger.py"


def test_every_pack_looked(written: Path) -> None:
    """A plugin without findings is not in the report; each of these has some that are acknowledged."""
    assert set(read_reports(written)) >= set(JUDGED_AT_SYNTH)


def test_an_acknowledgement_reaches_one_construct_and_nothing_below_it(written: Path) -> None:
    for report in read_reports(written).values():
        for violation in report["suppressedViolations"]:
            assert {c["constructPath"] for c in violation["violatingConstructs"]} == {violation["acknowledgedAt"]}


@pytest.mark.parametrize("entry", LEDGER, ids=lambda entry: f"{entry.rules[0]} {entry.paths[0]}")
def test_an_entry_is_exact_and_says_why(entry: Acknowledgement) -> None:
    for rule in entry.rules:
        assert rule.split("::")[0] in TOOLS, f"{rule}: begins with no tool's name and '::'"
    for path in entry.paths:
        assert re.fullmatch(r"[A-Z][a-z]+(/[^/*]+)+", path), f"{path}: a layer and a construct in it, exactly"
        assert not path.endswith("/Resource")
    assert set(entry.environments) <= set(EVERYWHERE)
    assert entry.environments
    assert len(entry.reason.split()) >= 10
    assert entry.reason.endswith(".")
    assert isinstance(entry.review, date)
    assert entry.review > date(2026, 11, 23)


def test_no_finding_is_acknowledged_twice() -> None:
    counts = Counter(key for config in ALL for key, _ in acknowledged(LEDGER, config))
    assert [key for key, count in counts.items() if count > 1] == []


def test_a_path_that_is_nowhere_fails_the_synth(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = Acknowledgement(
        rules=("AwsSolutions::AwsSolutions-SQS3",), paths=("Network/Nowhere",), reason="None.", review=date(2027, 1, 1)
    )
    monkeypatch.setattr(packs, "LEDGER", (entry,))
    stage = Stage(App(), "Flux-dev")
    Stack(stage, "Network")
    with pytest.raises(LookupError, match=r"^Flux-dev/Network/Nowhere: acknowledged in policy/ledger\.py"):
        acknowledge(stage, DEV)


def test_a_preview_is_a_dev_and_production_is_not() -> None:
    entry = Acknowledgement(rules=("a::b",), paths=("Data/X",), environments=("dev",), reason="", review=date.max)
    assert [entry.applies_to(config) for config in (DEV, DEV.named("pr-7"), PROD)] == [True, True, False]


def test_a_reason_is_due_for_review_from_its_day_on() -> None:
    entry = Acknowledgement(rules=("a::b",), paths=("Data/X",), reason="", review=date(2027, 1, 2))
    assert list(due([entry], date(2027, 1, 1))) == []
    assert list(due([entry], date(2027, 1, 2))) == [entry]
