"""cdk-nag's opinion of written templates. It judges construct trees, so each template is included in one.

`python -m tests.policy.mutants.nag <template>...` prints it as JSON: rules and logical ids, by template.
"""

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import batched
from pathlib import Path
from tempfile import TemporaryDirectory

from aws_cdk import App, DefaultStackSynthesizer, Stack, Validations
from aws_cdk.cloudformation_include import CfnInclude

from policy.packs import build_packs
from tests.policy.validation_report import places, read_reports

from .change import Json

_AT_ONCE = 40  # templates in one App: more take more memory, fewer more time


def judge(files: Sequence[Path]) -> dict[Path, set[tuple[str, str]]]:
    """Return rules and logical ids that the five packs find, by template.

    A template that CDK or a pack cannot take in, because it references what is not there or writes a property in a
    form that their classes do not know, is not judged and not in the answer.

    Raises:
        subprocess.CalledProcessError: a process failed, and its findings are missing; it printed why.
    """
    found: dict[Path, set[tuple[str, str]]] = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # each only waits for its process
        for answer in pool.map(_in_a_process, batched(files, _AT_ONCE, strict=False)):
            found.update(answer)
    return found


def _in_a_process(files: Sequence[Path]) -> dict[Path, set[tuple[str, str]]]:
    """Judge in a process of its own: CDK prints every finding from a thread, past any redirection within one."""
    command = [sys.executable, "-m", __name__, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stderr)
        done.check_returncode()
    return {
        Path(file): {(rule, logical_id) for rule, logical_id in found}
        for file, found in json.loads(done.stdout).items()
    }


def _judge(files: Sequence[Path]) -> Iterator[tuple[Path, set[tuple[str, str]]]]:
    with TemporaryDirectory() as folder:
        # The packs alone: CDK's own validation is no part of cdk-nag.
        app = App(outdir=f"{folder}/out", builtin_cloud_formation_validation=False)
        Validations.of(app).add_plugins(*build_packs())
        stacks = {name: file for file in files if (name := _include(app, file, Path(folder)))}
        try:
            app.synth()
        except RuntimeError as error:
            if not str(error).startswith("ValidationFailed"):  # no findings: one template cannot be taken in
                half = len(files) // 2
                for part in (files[:half], files[half:]) if half else ():
                    yield from _judge(part)
                return
        found = defaultdict(set)
        for pack, report in read_reports(Path(folder) / "out").items():
            for rule, path in places(pack, report["violations"]):
                stack, _, logical_id = path.split("/", 2)
                found[stack].add((rule, logical_id))
    for name, file in stacks.items():
        yield file, found[name]


def _include(app: App, file: Path, folder: Path) -> str:
    """Return the name of a stack that holds the template; empty if CDK cannot take it in."""
    name = file.name.partition(".")[0]
    included = folder / file.name
    included.write_text(json.dumps(_readable(json.loads(file.read_text()))))
    try:
        # The template has the rule about the bootstrap version already.
        stack = Stack(app, name, synthesizer=DefaultStackSynthesizer(generate_bootstrap_version_rule=False))
        CfnInclude(stack, "Included", template_file=str(included))
    except RuntimeError:
        app.node.try_remove_child(name)
        return ""
    return name


def _readable(value: Json) -> Json:
    """Return the template with references to other stacks as text, which CfnInclude does not know."""
    if isinstance(value, dict):
        if "Fn::GetStackOutput" in value:
            return json.dumps(value["Fn::GetStackOutput"])
        return {key: _readable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_readable(item) for item in value]
    return value


if __name__ == "__main__":
    sys.stdout.write(json.dumps({str(file): sorted(found) for file, found in _judge([*map(Path, sys.argv[1:])])}))
