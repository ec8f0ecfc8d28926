"""`./flux cost`: what an environment costs a month."""

import argparse
import tempfile
from pathlib import Path

from cost import text
from cost.estimate import Estimate, estimate
from cost.prices import PriceError
from cost.traffic import TrafficError
from flux_infra.config import FluxConfig
from policy.assembly import AssemblyError, read_stages

from ..aws import find_environment
from ..console import Console, Verbs, add_verb
from ..errors import OpsError
from ..synthesis import synthesize

EXAMPLES = """\
examples:
  ./flux cost --env prod                          by layer and item, from the code as it is here
  ./flux cost --env prod --json                   the same for a program
  ./flux cost --env prod --compare ../main/cdk.out   what it would cost more than another synthesis
  ./flux cost --env prod --templates cdk.out      of templates that are there already

AWS is not asked and no account is needed.
"""


def add(verbs: Verbs) -> None:
    """Teach the command line."""
    verb = add_verb(verbs, "cost", purpose="estimate what it costs a month", examples=EXAMPLES, run=run)
    verb.add_argument("--templates", type=Path, metavar="FOLDER", help="read these templates, do not synthesize")
    verb.add_argument("--compare", type=Path, metavar="FOLDER", help="show the difference from these templates")


def run(arguments: argparse.Namespace) -> int:
    """Show it."""
    config = find_environment(arguments.env)
    if config.aws_url is not None:
        raise OpsError(f"--env {config.name}: AWS on this machine costs nothing", remedy="give another environment")
    now = _estimated(config, arguments.templates)
    before = None if arguments.compare is None else _estimated(config, arguments.compare)
    if arguments.json:
        answer = text.as_json(now, before=before)
    elif before is None:
        answer = text.as_text(now)
    else:
        answer = text.comparison_as_text(before, now)
    Console().echo(answer)
    return 0


def _estimated(config: FluxConfig, folder: Path | None) -> Estimate:
    if folder is not None:
        return _read(config, folder)
    with tempfile.TemporaryDirectory() as made:
        synthesize(config, Path(made))
        return _read(config, Path(made))


def _read(config: FluxConfig, folder: Path) -> Estimate:
    try:
        stages = read_stages(folder)
        if config.name not in stages:
            raise OpsError(
                f"{folder}: holds no templates of {config.name}, only of {', '.join(stages)}",
                remedy="run 'make synth' there, or name the folder that it wrote",
            )
        return estimate(stages[config.name])
    except AssemblyError as error:
        raise OpsError(str(error), remedy="run 'make synth' there, or name the folder that it wrote") from error
    except (PriceError, TrafficError) as error:
        raise OpsError(str(error.args[0]), remedy="add what is missing, then run this again") from error
