"""The ledger says what the packs and our rules find: no more, no less, each once."""

from datetime import date
from pathlib import Path

import pytest

from policy.acknowledgement import Acknowledgement, Found, due, ledger
from policy.assembly import read_stages, readings
from policy.gate import ALL_RULES
from policy.places import PACKS, read_acknowledged
from policy.scan import SCANNERS, disagreements
from tests.policy.validation_report import places, read_reports

OWN_TOOLS = {*PACKS, "policy"}
COPY = "pr-7"  # an environment more, shaped like dev


def test_synth_finds_nothing_that_is_not_acknowledged(written: Path) -> None:
    for tool, report in read_reports(written).items():
        assert sorted(places(tool, report["violations"])) == []


def test_the_ledger_is_what_packs_and_rules_find_exactly(written: Path) -> None:
    environments = [environment for one in read_stages(written).values() for environment in readings(one)]
    ours = {found for environment in environments for rule in ALL_RULES for found, _ in rule.findings(environment)}
    found = read_acknowledged(written) | ours
    assert {one.rule.partition("::")[0] for one in found} == OWN_TOOLS, "a pack that finds nothing has not looked"
    assert list(disagreements(found, OWN_TOOLS, ledger())) == []


def test_a_copy_of_an_environment_needs_no_entry_of_its_own(written: Path) -> None:
    found = {(one.environment, one.rule, one.path) for one in read_acknowledged(written)}
    assert {(rule, path) for name, rule, path in found if name == COPY} == {
        (rule, path) for name, rule, path in found if name == "dev"
    }


@pytest.mark.parametrize("entry", ledger(), ids=lambda entry: f"{entry.rules[0]} {entry.types[0]}")
def test_an_entry_says_whose_finding_it_is_and_why_it_stays(entry: Acknowledgement) -> None:
    assert {rule.partition("::")[0] for rule in entry.rules} <= {*OWN_TOOLS, *SCANNERS}
    assert len(entry.reason.split()) >= 10
    assert entry.reason.endswith(".")
    assert entry.review > date(2026, 11, 23)


def _entry(**fields: str) -> Acknowledgement:
    places = tuple(fields.get("place", "").split())
    return Acknowledgement(
        rules=("Guard::x",),
        types=("AWS::SQS::Queue",),
        reason="",
        review=date(2027, 1, 2),
        places=places,
        opt_out=fields.get("opt_out", ""),
    )


def _found(path: str = "Data/Queue", environment: str = "prod", kind: str = "AWS::SQS::Queue") -> Found:
    return Found(rule="Guard::x", environment=environment, path=path, type=kind)


def test_an_entry_covers_its_types_at_its_places_where_its_safeguard_is_opted_out() -> None:
    assert _entry().covers(_found())
    assert not _entry().covers(_found(kind="AWS::SNS::Topic"))
    assert not _entry(place="Data/Other").covers(_found())
    entry = _entry(opt_out="Database.standby")
    assert [entry.covers(_found(environment=name)) for name in ("dev", "pr-7", "prod")] == [True, True, False]


def test_what_is_new_stale_or_said_twice_is_named_with_its_remedy() -> None:
    assert [line.split(" -> ")[0] for line in disagreements([_found()], SCANNERS, [_entry(), _entry()])] == [
        "Guard::x: prod/Data/Queue (AWS::SQS::Queue) is acknowledged 2 times"
    ]
    (new,) = disagreements([_found()], SCANNERS, [])
    assert "say in policy/ledger.toml why it stays" in new
    assert [line.split(" is ")[0] for line in disagreements([], SCANNERS, [_entry(place="Data/Gone")])] == [
        "Guard::x: AWS::SQS::Queue",
        "Guard::x: Data/Gone",
    ]


def test_a_reason_is_due_for_review_from_its_day_on() -> None:
    assert list(due([_entry()], date(2027, 1, 1))) == []
    assert list(due([_entry()], date(2027, 1, 2))) == [_entry()]
