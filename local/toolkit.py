"""The ordinary CDK CLI, pointed at AWS on this machine."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

from flux_infra.environments import LOCAL
from ops.aws import CHECKOUT_TAG

from . import machine
from .console import StepFailed

STAGE = "Flux-local"
ALL_STACKS = f"{STAGE}/*"
PATIENCE_SECONDS = 600

type Heard = Callable[[str], None]


def _nobody(_: str) -> None:
    """Listens to no line."""


@dataclass(frozen=True, kw_only=True)
class Assembly:
    """A synthesized cloud assembly that several commands share, so that the app is synthesized once."""

    folder: Path

    @classmethod
    def synthesize(cls, folder: Path, *, artifacts: Path = machine.BUILD) -> "Assembly":
        """Synthesize the local stage into `folder`: from the artifacts of `make build`, or from others.

        In a process of its own, which reads edited modules anew and which Ctrl-C ends together with CDK's Node. Without
        Python's asserts (`-O`), because typeguard checks every call into CDK by them: twice the time.

        Raises:
            StepFailed: with what is wrong in the configuration or the constructs.
        """
        shutil.rmtree(folder, ignore_errors=True)  # a report of an earlier synthesis would stop the deployment
        finished = subprocess.run(
            [sys.executable, "-O", "-m", "local.synthesis", str(folder), str(artifacts)],
            cwd=machine.ROOT,
            env=machine.client_environment() | {"CDK_VALIDATION": "false"},
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode != 0:
            raise StepFailed(finished.stderr.strip()[-2_000:], remedy="correct what it names")
        return cls(folder=folder)

    def replace(self, folder: Path) -> None:
        """Move it there, in the place of the one before it."""
        shutil.rmtree(folder, ignore_errors=True)
        self.folder.rename(folder)

    def bootstrap(self) -> None:
        """Create the bucket and roles that the CDK CLI deploys through."""
        self._cdk("bootstrap", f"aws://{LOCAL.account}/{LOCAL.region}", "--tags", f"{CHECKOUT_TAG}={machine.ROOT}")

    def deploy(self, *stacks: str, heard: Heard = _nobody) -> None:
        """Deploy the given stacks, each alone, or all in order. heard: gets each line that the CLI prints, at once.

        Raises:
            StepFailed: with the reason that CloudFormation gave.
        """
        selection = ["--exclusively", *stacks] if stacks else [ALL_STACKS]
        options = ["--require-approval", "never", "--concurrency", "4", "--progress", "events"]
        self._cdk("deploy", *selection, *options, heard=heard)

    def difference(self) -> str | None:
        """What `cdk diff --fail` says when deployed and synthesized stacks differ; None when they are equal."""
        finished = _run(["diff", ALL_STACKS, "--fail", "--app", str(self.folder)])
        return None if finished.returncode == 0 else finished.stdout

    def _cdk(self, command: str, *arguments: str, heard: Heard = _nobody) -> None:
        _cdk([command, *arguments, "--app", str(self.folder)], heard)


def _run(arguments: Sequence[str], heard: Heard = _nobody) -> subprocess.CompletedProcess[str]:
    command = [str(machine.ROOT / "scripts" / "cdk"), *arguments, "--build", ""]  # `make up` has built already
    with subprocess.Popen(
        command,
        cwd=machine.ROOT,
        env=machine.client_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        hangs = Timer(PATIENCE_SECONDS, process.kill)
        hangs.start()
        said = []
        try:
            for line in process.stdout or ():
                heard(line)
                said.append(line)
        except BaseException:
            process.kill()
            raise
        finally:
            hangs.cancel()
    return subprocess.CompletedProcess(command, process.returncode, stdout="".join(said))


def _cdk(arguments: Sequence[str], heard: Heard) -> None:
    finished = _run(arguments, heard)
    if finished.returncode != 0:
        reason = "\n".join(finished.stdout.strip().splitlines()[-25:])
        raise StepFailed(
            f"'cdk {arguments[0]}' ended with status {finished.returncode}:\n{reason}",
            remedy="mend what it names, then run the command again",
        )
