"""What every entry point does first: read cdk.json, and say in one line what is wrong with what it was given."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from aws_cdk import App

from ..config.rules import ConfigError
from ..constructs.artifacts import ArtifactError

CDK_JSON = Path(__file__).parents[2] / "cdk.json"


def build_app(*, outdir: Path | None = None, context: Mapping[str, object] | None = None) -> App:
    """Return an App with the context of cdk.json, also where the CDK CLI, which passes it on, does not run.

    outdir: where the templates are written; without one, where the CLI says.
    context: beside what cdk.json says. What the CLI passes on (`-c name=value`) comes before both.
    """
    declared = cast("dict[str, object]", json.loads(CDK_JSON.read_text())["context"])
    return App(
        outdir=None if outdir is None else str(outdir),
        context=declared | dict(context or {}),
        # Nobody reads tree.json, nor where in JavaScript a construct was made: a fifth of node's part (docs/bench.md).
        tree_metadata=False,
        stack_traces=False,
    )


def text_context(app: App, name: str) -> str | None:
    """Return what `-c name=...` says, or cdk.json; None where neither does.

    Raises:
        ConfigError: it is no text.
    """
    value: object = app.node.try_get_context(name)
    if value is None or isinstance(value, str):
        return value
    raise ConfigError(f"{name}={value!r}: must be text, in cdk.json in quotes; or give -c {name}=...")


@contextmanager
def one_line_errors() -> Iterator[None]:
    """End the process with status 1 and the message alone where an artifact or a construct is wrong.

    A wrong value of the configuration ends every process so (config/rules.py).
    """
    try:
        yield
    except ArtifactError as error:
        sys.exit(f"error: {error}")
    except RuntimeError as error:  # what constructs find when everything is wired reaches Python as no other type
        if not str(error).startswith("ValidationFailed"):
            raise
        sys.exit(f"error: {error}")
