"""The gates and a production with all of Datadog on, as its operators would have written it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flux_infra.apps.entry import build_app
from flux_infra.stage import FluxStage
from policy import assembly
from policy.acknowledgement import ledger
from policy.assembly import read_stage, readings
from policy.facts.surface import surface
from policy.gate import judge
from policy.model import WrittenStack
from policy.packs import add_nag_packs
from policy.places import read_acknowledged
from policy.scan import SCANNERS, found_in
from tests.infra.conftest import TRACED
from tests.infra.placeholders import write_placeholders

from .mutants.change import Change
from .mutants.table import read

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What `cdk synth` writes, judged by cdk-nag, where environments.py says so."""
    folder = tmp_path_factory.mktemp("written_with_datadog")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assembly, "environments", lambda **_: (TRACED,))
        app = build_app(outdir=folder)
        FluxStage(app, TRACED, artifacts=write_placeholders(tmp_path_factory.mktemp("placeholders")))
        add_nag_packs(app)
        app.synth()
        yield folder


@pytest.fixture(scope="module")
def with_datadog(folder: Path) -> list[WrittenStack]:
    return read_stage(folder / "assembly-Flux-prod")


def test_no_rule_is_broken(with_datadog: list[WrittenStack]) -> None:
    assert [str(finding) for finding in judge(readings(with_datadog))] == []


def test_packs_and_scanners_find_what_the_ledger_says_exactly(folder: Path, with_datadog: list[WrittenStack]) -> None:
    found = found_in(with_datadog) | read_acknowledged(folder)
    assert [str(one) for one in found if sum(entry.covers(one) for entry in ledger()) != 1] == []
    ours = [entry for entry in ledger() if entry.part == "datadog"]
    tools = {"AwsSolutions", "HIPAA.Security", "NIST.800.53.R5", "PCI.DSS.321", *SCANNERS}
    assert [stale for entry in ours for stale in entry.stale(found, tools)] == []


def test_the_roles_may_deliver_and_read_and_nothing_else(with_datadog: list[WrittenStack]) -> None:
    bucket, objects, key = (f"<Monitoring/Datadog/{name}" for name in ("Undelivered>", "Undelivered>/*", "Key>"))
    delivery = "<Monitoring/Datadog/Delivery>"
    rights = {
        "DeliveryRole": {
            *(f"s3:{verb} on {bucket}" for verb in ("GetBucketLocation", "ListBucket", "ListBucketMultipartUploads")),
            *(f"s3:{verb} on {objects}" for verb in ("AbortMultipartUpload", "GetObject", "PutObject")),
            *(f"kms:{verb} on {key}" for verb in ("Decrypt", "GenerateDataKey")),
            "logs:PutLogEvents on <Monitoring/Datadog/Log>",
            "secretsmanager:GetSecretValue on arn:aws:secretsmanager:{region}:{account}:secret:flux/datadog-AbCdEf",
        },
        "StreamRole": {f"firehose:{verb} on {delivery}" for verb in ("PutRecord", "PutRecordBatch")},
        "Role": {
            *(f"cloudwatch:{verb} on *" for verb in ("GetMetricData", "GetMetricStream", "ListMetricStreams")),
            *("cloudwatch:ListMetrics on *", "tag:GetResources on *"),
        },
    }
    said = {fact for fact in surface(with_datadog) if fact.startswith("Monitoring/Datadog/") and " may " in fact}
    assert said == {f"Monitoring/Datadog/{role} may {right}" for role, each in rights.items() for right in each}


@pytest.mark.parametrize("change", read("datadog"), ids=lambda change: change.what)
def test_a_weakening_breaks_its_rule(change: Change, with_datadog: list[WrittenStack]) -> None:
    assert change.right <= {finding.rule for finding in judge(readings(change.to(with_datadog)))}
