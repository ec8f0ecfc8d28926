"""What holds across all layers of an environment."""

import importlib
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flux_infra.constructs.artifacts import BuiltArtifacts
from flux_infra.environments import DEV
from tests.infra.placeholders import write_placeholders
from tests.infra.templates import LAYERS, PROJECT, Templates, resources, tags_of, whole

# aws-cdk-lib writes these without tags; CloudFormation gives them their stack's when it makes them.
LIBRARY_PROVIDERS = "CustomResourceProvider"


def run_app(outdir: Path, **context: str) -> subprocess.CompletedProcess[str]:
    """app.py as a debugger runs it, without the CDK CLI, which would pass the context of cdk.json on."""
    own = {"CDK_CONTEXT_JSON": json.dumps(context), "CDK_OUTDIR": str(outdir), "CDK_VALIDATION": "false"}
    return subprocess.run(
        [sys.executable, "app.py"], env=os.environ | own, cwd=PROJECT, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("context", "said"),
    [
        ({"preview": "prod"}, "error: preview='prod': must be 'pr-' and a pull request's number"),
        ({"preview": "pr-1-x"}, "error: preview='pr-1-x': must be 'pr-' and a pull request's number"),
        ({"only": "nowhere"}, "error: only="),
        ({"bypass_alarms": "x"}, "error: "),
        ({"only": "local", "artifacts": "no-such-folder"}, "error: "),
    ],
)
def test_a_bad_value_on_the_command_line_ends_in_one_line_and_status_1(
    context: dict[str, str], said: str, tmp_path: Path
) -> None:
    app = run_app(tmp_path, **context)
    assert app.returncode == 1
    # Before it, a node that CDK no longer likes may be named: the CLI brings its own, the test takes what is there.
    assert app.stderr.splitlines()[-1].startswith(said)
    assert "Traceback" not in app.stderr


@pytest.mark.slow
def test_app_py_runs_alone_with_the_context_of_cdk_json(tmp_path: Path) -> None:
    (tmp_path / "artifacts").mkdir()
    write_placeholders(tmp_path / "artifacts")
    app = run_app(tmp_path / "out", only="local", artifacts=str(tmp_path / "artifacts"))
    assert app.returncode == 0, app.stderr
    network = next((tmp_path / "out" / "assembly-Flux-local").glob("*Network*.template.json")).read_text()
    assert "Custom::VpcRestrictDefaultSG" in network  # a feature flag of cdk.json


def test_layers_depend_only_on_those_before_them(environment: Templates) -> None:
    stacks = list(environment.stacks())

    for position, stack in enumerate(stacks):
        assert {s.node.id for s in stack.dependencies} <= {s.node.id for s in stacks[:position]}


def test_no_stack_locks_another_by_an_export(environment: Templates) -> None:
    for _, template in environment.layers():
        text = json.dumps(whole(template))
        assert "Fn::ImportValue" not in text
        assert '"Export"' not in text


def test_everything_that_can_be_tagged_is_tagged(environment: Templates) -> None:
    for layer, template in environment.layers():
        expected = {"Application": "flux", "Environment": environment.config.name, "Layer": layer}
        for logical_id, resource in resources(template).items():
            kind = str(resource["Type"])
            if not takes_tags(kind) or LIBRARY_PROVIDERS in logical_id:
                continue
            assert expected.items() <= tags_of(resource).items(), f"{layer}: {logical_id} ({kind})"


def takes_tags(kind: str) -> bool:
    """Say whether CloudFormation's schema of a type has tags, by asking its class in aws-cdk-lib."""
    if not kind.startswith("AWS::"):
        return False
    _, service, name = kind.split("::")
    resource = getattr(importlib.import_module(f"aws_cdk.aws_{service.lower()}"), f"Cfn{name}")
    return "tags" in inspect.signature(resource).parameters


def test_stacks_carry_the_tags_for_what_the_library_leaves_untagged(environment: Templates) -> None:
    for layer, stack in zip(LAYERS, environment.stacks(), strict=True):
        assert stack.tags.tag_values() == {
            "Application": "flux",
            "Environment": environment.config.name,
            "Layer": layer,
        }


def test_no_log_is_kept_for_ever(environment: Templates) -> None:
    for layer, template in environment.layers():
        for logical_id, group in resources(template, "AWS::Logs::LogGroup").items():
            retention = json.loads(json.dumps(group["Properties"])).get("RetentionInDays")
            assert retention == environment.config.log_days, f"{layer}: {logical_id}"


def test_every_function_has_a_log_group_of_ours_the_librarys_too(environment: Templates) -> None:
    for layer, template in environment.layers():
        groups = resources(template, "AWS::Logs::LogGroup")
        for logical_id, function in resources(template, "AWS::Lambda::Function").items():
            logging = json.loads(json.dumps(function["Properties"])).get("LoggingConfig", {})
            assert logging.get("LogGroup", {}).get("Ref") in groups, f"{layer}: {logical_id}"


def test_layers_with_state_cannot_be_deleted_by_mistake(environment: Templates) -> None:
    for stack in (environment.stage.network, environment.stage.data):
        assert stack.termination_protection is not environment.config.ephemeral


@pytest.mark.slow
def test_a_preview_is_dev_under_another_name(
    dev: Templates, artifacts: BuiltArtifacts, tmp_path_factory: pytest.TempPathFactory
) -> None:
    preview = Templates.synthesize(DEV.named("pr-123"), artifacts=artifacts, outdir=tmp_path_factory.mktemp("preview"))

    for (layer, ours), (_, theirs) in zip(preview.layers(), dev.layers(), strict=True):
        assert {r["Type"] for r in resources(ours).values()} == {r["Type"] for r in resources(theirs).values()}, layer
        assert "flux-dev" not in json.dumps(whole(ours)), layer


def test_what_operators_type_is_another_name_in_every_environment(
    local: Templates, dev: Templates, staging: Templates, prod: Templates
) -> None:
    def names(templates: Templates) -> set[str]:
        named = (
            "AlarmName",
            "DBInstanceIdentifier",
            "UserId",
            "ApplicationName",
            "DeploymentGroupName",
            "LogGroupName",
        )
        return {
            str(properties[key])
            for _, template in templates.layers()
            for properties in (json.loads(json.dumps(r.get("Properties", {}))) for r in resources(template).values())
            for key in named
            if isinstance(properties.get(key), str)
        }

    found = [names(templates) for templates in (local, dev, staging, prod)]

    assert all(found)
    assert sum(len(n) for n in found) == len(set[str]().union(*found))


def test_synth_asks_no_account_about_anything(environment: Templates) -> None:
    manifest = json.loads((Path(environment.stage.outdir) / "manifest.json").read_text())

    assert "missing" not in manifest  # context that the CLI would have to look up
