"""Guard, checkov and cfn-lint find what the ledger says, and find what they should where something is bad.

Production and dev stand for all: the others repeat them with other numbers. `make policy` scans every environment.
"""

import json
from pathlib import Path

import pytest

from policy import scan
from policy.acknowledgement import ledger
from policy.places import PACKS, read_acknowledged
from policy.scan import SCANNERS, ScannerError, disagreements, found_in, main, run

BAD = {
    "Resources": {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"AccessControl": "PublicRead"}},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": "soon"}},
    }
}
# What each must find in it.
MUST_FIND = {"Guard": "s3_bucket_versioning_enabled_check", "checkov": "CKV_AWS_20", "cfn-lint": "E3012"}


def test_the_scanners_find_what_the_ledger_says_exactly(written: Path) -> None:
    stages = ("Flux-prod", "Flux-dev")
    found = found_in(written / f"assembly-{stage}" for stage in stages) | read_acknowledged(written)
    assert list(disagreements(found, {*PACKS, *SCANNERS}, ledger())) == []


@pytest.mark.parametrize("tool", SCANNERS)
def test_a_scanner_refuses_a_bad_template(tool: str, tmp_path: Path) -> None:
    template = tmp_path / "Bad.template.json"
    template.write_text(json.dumps(BAD))
    assert MUST_FIND[tool] in {rule for _, rule, _ in run(tool, [template])}


def test_a_scanner_that_does_not_run_is_an_error_and_not_silence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    template = tmp_path / "Broken.template.json"
    template.write_text("{")
    with pytest.raises(ScannerError, match="Guard failed"):
        run("Guard", [template])
    monkeypatch.setattr(scan, "_PYTHON", tmp_path / "python")
    with pytest.raises(ScannerError, match="run 'make tools'"):
        run("Guard", [template])


def test_an_empty_folder_is_an_error_and_not_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 1
    assert "make synth" in capsys.readouterr().err
