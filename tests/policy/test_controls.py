"""Every requirement of the standards has an answer, and what an answer names is there."""

import ast
import json
import re
from pathlib import Path
from typing import cast

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template

from flux_infra.account.stack import AccountStack
from flux_infra.apps.entry import build_app
from flux_infra.config import ConfigError
from flux_infra.delivery.identities import Identity, identities
from flux_infra.delivery.stack import DeliveryStack
from flux_infra.environments import DELIVERY, PROD_ACCOUNT, environments
from policy.controls.__main__ import PAGE
from policy.controls.answers import ByHand, Met, NotApplicable, Open
from policy.controls.document import KINDS, kind, render
from policy.controls.foundations import ANSWERS as CIS_ANSWERS
from policy.controls.mapping import FSBP_ANSWERS, PARTS, Row, prefix, rows
from policy.controls.standards import CIS, FSBP, STANDARDS
from policy.controls.unused import UNUSED
from policy.gate import ALL_RULES
from policy.model import plain_id
from tests.infra.templates import PROJECT, resources

ROWS = [row for standard in STANDARDS for row in rows(standard)]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The resources of an account's baseline: type by name."""
    folder = tmp_path_factory.mktemp("account")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CDK_VALIDATION", "false")  # tests/infra/test_account.py validates it
        app = build_app(outdir=folder)
        stack = AccountStack(app, baseline=PROD_ACCOUNT)
        app.synth()
    return types_in(folder / f"{stack.artifact_id}.template.json")


def types_in(template: Path) -> dict[str, str]:
    resources = cast("dict[str, dict[str, str]]", json.loads(template.read_text()).get("Resources", {}))
    return {plain_id(logical_id): resource["Type"] for logical_id, resource in resources.items()}


def named(row: Row) -> str:
    return f"{row.requirement.requirement_id} {row.requirement.title}"


def test_the_lists_are_whole() -> None:
    assert len(FSBP.requirements) == 286
    assert len(CIS.requirements) == 70
    for standard in STANDARDS:
        ids = [requirement.requirement_id for requirement in standard.requirements]
        assert len(set(ids)) == len(ids)
        assert "Apache-2.0" in standard.source
        assert "prowler 5.46.0" in standard.source


def test_every_requirement_has_one_answer_and_no_answer_is_for_another_standards() -> None:
    assert len(ROWS) == 286 + 70
    assert set(CIS_ANSWERS) == {requirement.requirement_id for requirement in CIS.requirements}
    assert set(FSBP_ANSWERS) <= {requirement.requirement_id for requirement in FSBP.requirements}
    unused = {prefix(row.requirement) for row in rows(FSBP) if not row.used}
    assert set(UNUSED) == unused
    # A service is used or it is not: none has answers of both sorts.
    assert not {name.split(".")[0] for name in FSBP_ANSWERS} & unused


def test_no_requirement_is_answered_in_two_files() -> None:
    assert sum(len(part.ANSWERS) for part in PARTS) == len(FSBP_ANSWERS)


@pytest.mark.parametrize("row", [row for row in ROWS if isinstance(row.answer, Met) and row.answer.rules], ids=named)
def test_the_rule_that_holds_it_is_the_gates(row: Row) -> None:
    known = {rule.rule_id for rule in ALL_RULES}
    assert isinstance(row.answer, Met)
    assert set(row.answer.rules) <= known


def test_a_rule_that_a_reason_mentions_is_the_gates(account: dict[str, str]) -> None:
    known = {rule.rule_id for rule in ALL_RULES}
    text = render()
    mentioned = set(re.findall(r"\(gate: ([A-Z0-9-]+)\)", text))
    assert len(mentioned) >= 6
    assert mentioned <= known
    assert set(re.findall(r"(\w+) in Flux-account", text)) <= set(account)


def functions_in(path: str) -> set[str]:
    return {
        node.name for node in ast.walk(ast.parse((PROJECT / path).read_text())) if isinstance(node, ast.FunctionDef)
    }


@pytest.mark.parametrize("row", [row for row in ROWS if isinstance(row.answer, Met) and row.answer.tests], ids=named)
def test_the_test_that_holds_it_is_there(row: Row) -> None:
    assert isinstance(row.answer, Met)
    for test in row.answer.tests:
        path, name = test.split("::")
        assert name.startswith("test_")
        assert name in functions_in(path)


def test_the_accounts_resources_that_answers_name_are_in_its_stack(account: dict[str, str]) -> None:
    for row in ROWS:
        match row.answer:
            case Met(account=names) | ByHand(watched=names):
                assert set(names) <= set(account), named(row)


def test_what_flux_is_said_not_to_have_is_in_no_template(written: Path, account: dict[str, str]) -> None:
    found = {kind for file in written.rglob("*.template.json") for kind in types_in(file).values()}
    delivery = Template.from_stack(DeliveryStack(App(), identities=_of("prod")))
    found |= set(account.values()) | {str(resource["Type"]) for resource in resources(delivery).values()}
    assert len(found) > 50  # templates were read
    for row in ROWS:
        if isinstance(row.answer, NotApplicable):
            # "AWS::EC2::Instance" is one type, "AWS::EFS::" and "AWS::EMR" are beginnings of several.
            for absent in row.answer.absent:
                whole = absent.count("::") == 2 and not absent.endswith("::")
                there = {kind for kind in found if kind == absent or (not whole and kind.startswith(absent))}
                assert not there, f"{named(row)}: there is {there}"


def _of(environment: str) -> tuple[Identity, ...]:
    everyone = identities(DELIVERY, environments())
    return tuple(identity for identity in everyone if identity.environment.name == environment)


def test_a_service_that_is_not_used_names_the_types_that_would_show_it() -> None:
    assert all(answer.absent for answer in UNUSED.values())


def test_an_answer_without_substance_is_refused() -> None:
    with pytest.raises(ConfigError, match="if there is none, it is Open"):
        Met(note="we are sure")
    for make in (lambda: Open(why="later"), lambda: NotApplicable(reason="n/a"), lambda: ByHand(what="do it")):
        with pytest.raises(ConfigError, match="too short"):
            make()


def test_the_committed_page_is_what_the_data_says() -> None:
    assert PAGE.read_text() == render(), "docs/controls.md differs from the data; run 'make controls'"


def test_the_page_shows_every_requirement_and_leaves_no_cell_empty() -> None:
    lines = render().splitlines()
    for row in ROWS:
        if row.used:
            (line,) = [text for text in lines if text.startswith(f"| {row.requirement.requirement_id} |")]
            cells = [cell.strip() for cell in line.replace("\\|", "/").strip("|").split("|")]
            assert len(cells) == 4
            assert all(cells)
            assert cells[2] == kind(row.answer)


def test_services_that_are_not_used_are_shown_with_all_their_requirements() -> None:
    table = render().split("### Services that Flux does not use")[1].split("## ")[0]
    counts = [int(count) for count in re.findall(r"^\| \w+ \| (\d+): ", table, re.MULTILINE)]
    assert len(counts) == len(UNUSED)
    assert sum(counts) == sum(not row.used for row in ROWS)


def test_the_summary_adds_up() -> None:
    lines = render().splitlines()
    totals = [0, 0]
    for name in KINDS:
        (line,) = [text for text in lines if text.startswith(f"| {name} |")]
        totals = [total + int(cell) for total, cell in zip(totals, line.split("|")[2:4], strict=True)]
    assert totals == [286, 70]
    assert "| **all** | **286** | **70** | |" in lines
