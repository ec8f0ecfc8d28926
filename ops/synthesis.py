"""One environment's templates, from the code as it is here."""

import json
import os
import subprocess
import sys
from pathlib import Path

from flux_infra.config import FluxConfig

from .errors import OpsError

_ROOT = Path(__file__).resolve().parents[1]


def synthesize(config: FluxConfig, folder: Path) -> None:
    """Write an environment's templates into a folder.

    As the CDK CLI calls app.py: in a process of its own, because aws-cdk-lib takes seconds to import and other commands
    do without.

    Raises:
        OpsError: it cannot be synthesized.
    """
    context = {"preview": config.name} if config.name.startswith("pr-") else {}
    variables = {
        "CDK_OUTDIR": str(folder),
        "CDK_CONTEXT_JSON": json.dumps({"only": config.name, "aws:cdk:disable-asset-staging": True, **context}),
        "CDK_VALIDATION": "false",
        "JSII_NODE": str(_ROOT / "node_modules/.bin/node"),
    }
    done = subprocess.run(
        [sys.executable, "-O", "app.py"],
        cwd=_ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise OpsError(
            f"{config.name}: app.py ended with {done.returncode}:\n{done.stderr.strip()}",
            remedy="mend what it says; without a build, run 'make build' first",
        )
