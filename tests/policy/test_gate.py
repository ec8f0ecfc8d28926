"""`python -m policy`, as a person and as CI call it."""

import json
import re
import shutil
from pathlib import Path

import pytest

from flux_infra.environments import DEV
from policy.__main__ import main
from policy.assembly import read_stages, readings
from policy.finding import Finding
from policy.gate import ALL_RULES, judge
from policy.opt_outs import opt_outs


@pytest.fixture
def prod_folder(written: Path, tmp_path: Path) -> Path:
    """A copy of what production was synthesized to, to be changed."""
    return shutil.copytree(written / "assembly-Flux-prod", tmp_path / "assembly-Flux-prod")


def data_template(folder: Path) -> Path:
    (file,) = folder.glob("*Data*.template.json")
    return file


def judge_folder(folder: Path) -> list[Finding]:
    return [finding for stacks in read_stages(folder).values() for finding in judge(readings(stacks))]


def test_every_environment_is_clean(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(written)]) == 0, capsys.readouterr().out


def test_the_report_lists_opt_outs_with_their_reasons(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(written)])
    *lines, judged = capsys.readouterr().out.splitlines()
    assert judged.endswith(f"0 violations of {len(ALL_RULES)} rules, in dev, local, pr-7, prod, staging")
    opted_out = [line.split(": ", 3)[1:] for line in lines if line.startswith("opted out: ")]
    assert {(safeguard, reason) for environment, safeguard, reason in opted_out if environment == "dev"} == set(
        opt_outs(DEV).items()
    )
    assert ["dev", "Database.standby", "dev data is rebuilt from seeds in minutes"] in opted_out
    assert all(len(reason.split()) >= 4 for _, _, reason in opted_out)
    named = {(environment, safeguard) for environment, safeguard, _ in opted_out}
    assert {pair for pair in named if pair[0] in ("prod", "staging")} == {("staging", "Backups.copy_region")}


def test_difference_and_violation_are_a_line_each_that_says_where_why_and_what_to_do(
    prod_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = data_template(prod_folder)
    file.write_text(file.read_text().replace('"MultiAZ": true', '"MultiAZ": false'))
    assert main([str(prod_folder)]) == 1
    difference, violation, *_ = capsys.readouterr().out.splitlines()
    assert difference == (
        "weakens protection: prod: Data/Database/Instance: MultiAZ was true, is false "
        "(a safeguard becomes weaker or goes) -> undo it; if it is meant, `make accept`"
    )
    assert violation.startswith(
        "RDS-STANDBY: Flux-prod-Data DatabaseInstanceAA8A5FDE (Flux-prod/Data/Database/Instance/Resource): MultiAZ is "
    )
    assert "[FSBP RDS.5" in violation


def test_termination_protection_is_read_from_the_manifest(prod_folder: Path) -> None:
    manifest = prod_folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"terminationProtection": true', '"terminationProtection": false'))
    assert {finding.rule for finding in judge_folder(prod_folder)} == {"STATE-STACK"}


def test_what_the_manifest_does_not_name_is_not_judged(prod_folder: Path) -> None:
    """CDK does not deploy it: another synthesis left it there."""
    left = '{"Resources": {"It": {"Type": "AWS::Any::Thing"}}}'
    (prod_folder / "FluxprodReports0A1B2C3D.template.json").write_text(left)
    shutil.copytree(prod_folder, prod_folder / "other")
    assert judge_folder(prod_folder) == []


def test_templates_alone_are_judged_too(prod_folder: Path) -> None:
    for file in prod_folder.iterdir():
        if not file.name.endswith(".template.json"):
            file.unlink()
    assert [str(finding) for finding in judge_folder(prod_folder)] == []


def test_an_empty_folder_is_an_error_and_not_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert "make synth" in capsys.readouterr().err


def test_a_template_that_is_nested_absurdly_deep_is_an_error_in_one_line(
    prod_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = data_template(prod_folder)
    template = json.loads(file.read_text())
    value: object = "x"
    for _ in range(300):
        value = {"Fn::Join": ["", [value, "x"]]}
    template["Resources"]["Deep"] = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": value}}
    file.write_text(json.dumps(template))
    assert main([str(prod_folder)]) == 2
    assert re.fullmatch(r"policy: \S+: Deep: more than 100 values .*\n", capsys.readouterr().err)


def test_a_missing_template_is_an_error_and_not_clean(prod_folder: Path) -> None:
    data_template(prod_folder).unlink()
    assert main([str(prod_folder)]) == 2
