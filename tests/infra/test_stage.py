"""What holds across all layers of an environment."""

import importlib
import inspect
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flux_infra.config import FUNCTIONS
from flux_infra.environments import DEV, environments
from tests.infra.placeholder_artifacts import PlaceholderArtifacts
from tests.infra.templates import LAYERS, PROJECT, Templates, resources, tags_of

# aws-cdk-lib writes these without tags; CloudFormation gives them their stack's when it makes them.
LIBRARY_PROVIDERS = "CustomResourceProvider"


@pytest.fixture(scope="module")
def listed(artifacts: PlaceholderArtifacts, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return what `cdk ls '**'` prints, with a preview."""
    folder = tmp_path_factory.mktemp("cdk")
    entry = {"path": str(artifacts.folder / "bundle"), "hash": "0" * 64}
    manifest = {
        "functions": dict.fromkeys(FUNCTIONS, entry),
        "site": entry,
        "model": {"path": str(artifacts.folder / "model.tar.gz"), "hash": "0" * 64},
        "migrations": {"hash": "0"},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    cdk = shutil.which("cdk", path=str(PROJECT / "node_modules" / ".bin"))
    assert cdk is not None, "the CDK CLI is missing; run 'make tools'"
    done = subprocess.run(
        [
            cdk,
            *("ls", "**", "--no-notices", "--no-lookups"),
            *("--app", f"{sys.executable} app.py", "--build", "true", "--output", str(folder / "cdk.out")),
            *("-c", f"artifacts={folder}", "-c", "preview=pr-123"),
        ],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [line.split()[0] for line in done.stdout.splitlines() if line.startswith("Flux-")]


def test_a_bad_value_on_the_command_line_ends_in_one_line_and_status_1() -> None:
    app = subprocess.run(
        [sys.executable, "app.py"],
        env=os.environ | {"CDK_CONTEXT_JSON": '{"preview": "prod"}'},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert app.returncode == 1
    # Before it, a node that CDK no longer likes may be named: the CLI brings its own, the test takes what is there.
    assert app.stderr.splitlines()[-1].startswith("error: preview='prod': must be 'pr-' and a pull request's number")
    assert "Traceback" not in app.stderr


def test_every_environment_is_listed_with_seven_stacks_and_a_preview_joins_them(listed: list[str]) -> None:
    layers = [name.capitalize() for name in LAYERS]
    standing = [config.name for config in environments()]

    assert [s for s in listed if "pr-123" not in s] == [f"Flux-{e}/{layer}" for e in standing for layer in layers]
    assert [s for s in listed if "pr-123" in s] == [f"Flux-pr-123/{layer}" for layer in layers]


def test_layers_depend_only_on_those_before_them(environment: Templates) -> None:
    stacks = list(environment.stacks())

    for position, stack in enumerate(stacks):
        assert {s.node.id for s in stack.dependencies} <= {s.node.id for s in stacks[:position]}


def test_no_stack_locks_another_by_an_export(environment: Templates) -> None:
    for _, template in environment.layers():
        text = json.dumps(template.to_json())
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


def test_two_processes_synthesize_every_file_alike_to_the_byte(
    artifacts: PlaceholderArtifacts, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def synthesize(seed: str) -> dict[str, bytes]:
        outdir = tmp_path_factory.mktemp("assembly")
        # Another seed is another order of every set and dictionary of strings that is not sorted.
        environment = os.environ | {"PYTHONHASHSEED": seed, "CDK_VALIDATION": "false", "PYTHONPATH": str(PROJECT)}
        command = [sys.executable, "-m", "tests.infra.synthesize", str(outdir), str(artifacts.folder)]
        subprocess.run(command, env=environment, check=True)
        # Not the metadata files: jsii names its kernel's temporary folder in their stack traces, and nothing reads them
        # when a stack is deployed.
        files = [f for f in outdir.rglob("*") if f.is_file() and not f.name.endswith(".metadata.json")]
        return {str(f.relative_to(outdir)): f.read_bytes() for f in files}

    first, second = synthesize("1"), synthesize("2")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    assert sum(name.endswith(".template.json") for name in first) == 28


def test_a_preview_is_dev_under_another_name(
    dev: Templates, artifacts: PlaceholderArtifacts, tmp_path_factory: pytest.TempPathFactory
) -> None:
    preview = Templates.synthesize(DEV.named("pr-123"), artifacts=artifacts, outdir=tmp_path_factory.mktemp("preview"))

    for (layer, ours), (_, theirs) in zip(preview.layers(), dev.layers(), strict=True):
        assert {r["Type"] for r in resources(ours).values()} == {r["Type"] for r in resources(theirs).values()}, layer
        assert "flux-dev" not in json.dumps(ours.to_json()), layer


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
