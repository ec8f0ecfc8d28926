"""Every requirement of the standards has an answer, and what an answer names is there."""

import ast
import json
import re
from pathlib import Path
from typing import cast

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template

from docs.generate.controls import render_controls
from docs.generate.standards.answers import KINDS, answers, prefix, read_answer, rows, unused_services
from docs.generate.standards.standards import CIS, FSBP, STANDARDS
from flux_infra.account.stack import AccountStack
from flux_infra.apps.entry import build_app
from flux_infra.config import ConfigError
from flux_infra.delivery.identities import Identity, identities
from flux_infra.delivery.stack import DeliveryStack
from flux_infra.environments import DELIVERY, PROD_ACCOUNT, environments
from policy.gate import ALL_RULES
from policy.model import WrittenStack, plain_id
from policy.values import as_map
from tests.infra.templates import PROJECT, resources
from tests.policy.test_packs import MUST_FIND as PACKS
from tests.policy.test_scan import MUST_FIND as SCANNERS

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


def test_the_lists_are_whole() -> None:
    assert {standard.short: len(standard.requirements) for standard in STANDARDS} == {"FSBP": 286, "CIS 7.0": 70}
    for standard in STANDARDS:
        ids = [requirement.id for requirement in standard.requirements]
        assert len(set(ids)) == len(ids)
        assert "prowler 5.46.0" in standard.source
        assert "Apache-2.0" in standard.source


def test_every_requirement_has_one_answer_and_no_answer_is_for_another_standards() -> None:
    assert set(answers(CIS)) == {requirement.id for requirement in CIS.requirements}
    assert set(answers(FSBP)) <= {requirement.id for requirement in FSBP.requirements}
    unused = {prefix(row.requirement) for row in rows(FSBP) if not row.used}
    assert set(unused_services()) == unused
    # A service is used or it is not: none has answers of both sorts.
    assert not {name.split(".")[0] for name in answers(FSBP)} & unused


def _held(kind: str) -> set[str]:
    return {name for row in ROWS for name in row.answer.held.get(kind, ())}


def test_the_rules_that_answers_name_are_the_gates() -> None:
    known = {rule.rule_id for rule in ALL_RULES}
    assert _held("policy gate") <= known
    mentioned = set(re.findall(r"\(gate: ([A-Z0-9-]+)\)", render_controls()))
    assert len(mentioned) >= 4
    assert mentioned <= known


def test_the_scanners_rules_that_answers_name_are_found_where_something_is_bad() -> None:
    must_find = {f"{tool}::{rule.partition('[')[0]}" for tool, rules in (PACKS | SCANNERS).items() for rule in rules}
    assert _held("scanner") <= must_find


def test_the_tests_that_answers_name_are_there() -> None:
    for test in _held("test"):
        path, name = test.split("::")
        functions = [
            node for node in ast.walk(ast.parse((PROJECT / path).read_text())) if isinstance(node, ast.FunctionDef)
        ]
        assert name in {function.name for function in functions}, test


def test_the_properties_that_answers_name_are_set_in_production(production: list[WrittenStack]) -> None:
    found = [as_map(body) for stack in production for body in as_map(stack.template["Resources"]).values()]
    for name in _held("accepted surface"):
        kind, property_name = name.split()
        assert any(one["Type"] == kind and property_name in as_map(one["Properties"]) for one in found), name


def test_the_accounts_resources_that_answers_name_are_in_its_stack(account: dict[str, str]) -> None:
    assert _held("account") | {name for row in ROWS for name in row.answer.watched} <= set(account)
    assert set(re.findall(r"(\w+) in Flux-account", render_controls())) <= set(account)


def test_what_flux_is_said_not_to_have_is_in_no_template(written: Path, account: dict[str, str]) -> None:
    found = {kind for file in written.rglob("*.template.json") for kind in types_in(file).values()}
    delivery = Template.from_stack(DeliveryStack(App(), identities=_of("prod")))
    found |= set(account.values()) | {str(resource["Type"]) for resource in resources(delivery).values()}
    assert len(found) > 50  # templates were read
    for row in ROWS:
        # "AWS::EC2::Instance" is one type, "AWS::EFS::" and "AWS::EMR" are beginnings of several.
        for absent in row.answer.absent:
            whole = absent.count("::") == 2 and not absent.endswith("::")
            there = {kind for kind in found if kind == absent or (not whole and kind.startswith(absent))}
            assert not there, f"{row.requirement.id}: there is {there}"
    assert all(answer.absent for answer in unused_services().values())


def _of(environment: str) -> tuple[Identity, ...]:
    everyone = identities(DELIVERY, environments())
    return tuple(identity for identity in everyone if identity.environment.name == environment)


@pytest.mark.parametrize(
    "written",
    [
        {"note": "we are sure"},
        {"open": "later"},
        {"gate": ["X"], "open": "both of them are said"},
        {"why": "a wrong key"},
    ],
)
def test_an_answer_without_substance_is_refused(written: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"^S3\.1="):
        read_answer("S3.1", written)


def test_the_page_shows_every_requirement_once_and_its_summary_adds_up() -> None:
    lines = render_controls().splitlines()
    for row in (row for row in ROWS if row.used):
        (line,) = [text for text in lines if text.startswith(f"| {row.requirement.id} |")]
        cells = [cell.strip() for cell in line.replace("\\|", "/").strip("|").split("|")]
        assert len(cells) == 4
        assert all(cells)
        assert cells[2] == row.answer.kind
    table = render_controls().split("### Services that Flux does not use")[1].split("## ")[0]
    counts = [int(count) for count in re.findall(r"^\| \w+ \| (\d+): ", table, re.MULTILINE)]
    assert sum(counts) == sum(not row.used for row in ROWS)
    totals = [0, 0]
    for name in KINDS:
        (line,) = [text for text in lines if text.startswith(f"| {name} |")]
        totals = [total + int(cell) for total, cell in zip(totals, line.split("|")[2:4], strict=True)]
    assert totals == [286, 70]
