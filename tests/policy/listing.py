"""`cdk ls '**'`: app.py as the CDK CLI calls it."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.infra.placeholders import write_placeholders
from tests.infra.templates import PROJECT


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What it wrote into a folder, and the names of stacks that it printed; with a preview."""

    folder: Path
    names: list[str]

    @classmethod
    def make(cls, folder: Path, **environment: str) -> Self:
        """Run it. environment: the process's variables, beside ours."""
        cdk = shutil.which("cdk", path=str(PROJECT / "node_modules" / ".bin"))
        assert cdk is not None, "the CDK CLI is missing; run 'make tools'"
        artifacts, written = folder / "artifacts", folder / "cdk.out"
        artifacts.mkdir()
        write_placeholders(artifacts)
        done = subprocess.run(
            [
                cdk,
                *("ls", "**", "--no-notices", "--no-lookups"),
                *("--app", f"{sys.executable} app.py", "--build", "true", "--output", str(written)),
                *("-c", f"artifacts={artifacts}", "-c", "preview=pr-7"),
            ],
            env=os.environ | environment,
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        names = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("Flux-")]
        return cls(folder=written, names=names)
