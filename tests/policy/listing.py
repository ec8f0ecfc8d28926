"""`cdk ls '**'`: app.py as the CDK CLI calls it."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from build.inputs import hash_inputs
from build.store import Store
from tests.infra.placeholders import write_placeholders
from tests.infra.templates import PROJECT

# Everything that synthesis reads; the placeholders and this file say how it is asked.
INPUTS = ("app.py", "cdk.json", "flux_infra", "lambdas", "policy", "uv.lock", "package-lock.json")
ASKED = ("tests/infra/placeholders.py", "tests/policy/listing.py")


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What it wrote into a folder, and the names of stacks that it printed; with a preview."""

    folder: Path
    names: list[str]

    @classmethod
    def kept(cls) -> Self:
        """What app.py writes with its packs and validation; from .build, where nothing that it reads has changed."""
        place = "listings/" + hash_inputs(trees=(PROJECT / path for path in (*INPUTS, *ASKED)))

        def write(folder: Path) -> None:
            made = cls.make(folder, CDK_VALIDATION="true", PYTHONHASHSEED="1")
            (folder / "names.json").write_text(json.dumps(made.names))

        store = Store(PROJECT / ".build")
        store.obtain(place, write)
        store.prune({place})
        folder = store.root / place
        return cls(folder=folder / "cdk.out", names=json.loads((folder / "names.json").read_text()))

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
