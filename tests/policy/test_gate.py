"""`python -m policy`, as a person and as CI call it."""

import shutil
from pathlib import Path

import pytest

from policy.__main__ import main
from policy.assembly import read_stages, readings
from policy.finding import Finding
from policy.gate import ALL_RULES, judge


def judge_folder(folder: Path) -> list[Finding]:
    return [finding for stacks in read_stages(folder).values() for finding in judge(readings(stacks))]


def test_every_environment_is_clean(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(written)]) == 0, capsys.readouterr().out


def test_the_report_lists_opt_outs_with_their_reasons(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(written)])
    *lines, judged = capsys.readouterr().out.splitlines()
    assert judged.endswith(f"0 violations of {len(ALL_RULES)} rules, in dev, local, pr-7, prod, staging")
    opted_out = [line.split(": ", 3)[1:] for line in lines if line.startswith("opted out: ")]
    assert [(safeguard, reason) for environment, safeguard, reason in opted_out if environment == "dev"] == [
        ("Cache.failover", "a cold cache in dev costs nobody anything"),
        ("Database.standby", "dev data is rebuilt from seeds in minutes"),
        ("FluxConfig.backups", "data come from seeds, and a preview's vault with backups in it could not be deleted"),
        ("FluxConfig.stateful", "dev data is rebuilt from seeds in minutes"),
        (
            "Network.interface_endpoints",
            "they would be a third of what dev costs, and it holds nothing of restaurants",
        ),
    ]
    assert all(len(reason.split()) >= 4 for _, _, reason in opted_out)
    named = {(environment, safeguard) for environment, safeguard, _ in opted_out}
    assert {pair for pair in named if pair[0] in ("prod", "staging")} == {("staging", "Backups.copy_region")}


def test_a_violation_is_one_line_that_says_where_why_and_what_to_do(
    written: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "assembly-Flux-prod"
    shutil.copytree(written / "assembly-Flux-prod", folder)
    (file,) = folder.glob("*Data*.template.json")
    file.write_text(file.read_text().replace('"MultiAZ": true', '"MultiAZ": false'))
    assert main([str(folder)]) == 1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("RDS-STANDBY")]
    for part in ("Flux-prod-Data", "DatabaseInstanceAA8A5FDE", "Flux-prod/Data/Database/Instance", "FSBP RDS.5"):
        assert part in line


def test_termination_protection_is_read_from_the_manifest(written: Path, tmp_path: Path) -> None:
    folder = tmp_path / "assembly-Flux-prod"
    shutil.copytree(written / "assembly-Flux-prod", folder)
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"terminationProtection": true', '"terminationProtection": false'))
    assert {finding.rule for finding in judge_folder(folder)} == {"STATE-STACK"}


def test_what_the_manifest_does_not_name_is_not_judged(written: Path, tmp_path: Path) -> None:
    """CDK does not deploy it: another synthesis left it there."""
    folder = tmp_path / "assembly-Flux-prod"
    shutil.copytree(written / "assembly-Flux-prod", folder)
    (folder / "FluxprodReports0A1B2C3D.template.json").write_text('{"Resources": {"It": {"Type": "AWS::Any::Thing"}}}')
    shutil.copytree(folder, folder / "other")
    assert judge_folder(folder) == []


def test_templates_alone_are_judged_too(written: Path, tmp_path: Path) -> None:
    for file in (written / "assembly-Flux-prod").glob("*.template.json"):
        shutil.copy(file, tmp_path)
    assert [str(finding) for finding in judge_folder(tmp_path)] == []


def test_an_empty_folder_is_an_error_and_not_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert "make synth" in capsys.readouterr().err


def test_a_missing_template_is_an_error_and_not_clean(written: Path, tmp_path: Path) -> None:
    folder = tmp_path / "assembly-Flux-prod"
    shutil.copytree(written / "assembly-Flux-prod", folder)
    next(folder.glob("*Data*.template.json")).unlink()
    assert main([str(folder)]) == 2
