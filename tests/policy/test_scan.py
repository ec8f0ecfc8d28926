"""Guard, checkov and cfn-lint find what the ledger says, and find what they should where something is bad.

Production and dev stand for all: the others repeat them with other numbers. `make policy` scans every environment.
"""

from itertools import chain
from pathlib import Path

import pytest

from policy import scan
from policy.acknowledgement import ledger
from policy.assembly import read_stage
from policy.places import PACKS, read_acknowledged
from policy.scan import SCANNERS, ScannerError, disagreements, found_in, main, run

pytestmark = pytest.mark.slow

BAD = Path(__file__).with_name("bad.template.json")
# What each must find in it; what stands in place of rules of our own among it (docs/decisions/0033).
MUST_FIND = {
    "Guard": {
        *("cloudfront_no_deprecated_ssl_protocols_check", "cloudfront_origin_access_control_enabled_check"),
        *("cloudfront_traffic_to_origin_encrypted_check", "cloudfront_viewer_policy_https_check"),
        *("rds_db_parameter_group_tls_check", "rds_instance_logging_enabled_check"),
        *("s3_bucket_logging_enabled_check", "s3_bucket_policy_ssl_requests_only_check"),
        "s3_bucket_versioning_enabled_check",
    },
    "checkov": {"CKV_AWS_20", "CKV_AWS_34", "CKV2_AWS_69"},
    "cfn-lint": {"E3012", "E3510", "E3512", "W2511"},
}


def test_the_scanners_find_what_the_ledger_says_exactly(written: Path) -> None:
    stages = [read_stage(written / f"assembly-{stage}") for stage in ("Flux-prod", "Flux-dev")]
    found = found_in(chain(*stages)) | read_acknowledged(written)
    assert list(disagreements(found, {*PACKS, *SCANNERS}, ledger())) == []


@pytest.mark.parametrize("tool", SCANNERS)
def test_a_scanner_refuses_a_bad_template(tool: str) -> None:
    assert {rule for _, rule, _ in run(tool, [BAD])} >= MUST_FIND[tool]


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
