"""The commands of docs/runbooks, as they stand there, run against the platform on this machine."""

import re
import subprocess
from collections.abc import Iterator, Mapping

from . import machine
from .console import StepFailed
from .platform import Platform

FOLDER = machine.ROOT / "docs/runbooks"

# Has a shell speak to this machine: the first version of AWS's command line, unlike the second, asks RDS in us-east-1
# at a name of its own unless it is told here.
SHELL = 'aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }'


def blocks(text: str) -> list[str]:
    """The blocks of bash in a page, or a part of it."""
    return re.findall(r"^ *```bash\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)


def commands(text: str) -> Iterator[str]:
    """Each command of these blocks; one that goes on in the next line is one."""
    for block in blocks(text):
        yield from (line.strip() for line in block.replace("\\\n", "").splitlines() if line.strip())


def stands_in(text: str, command: str) -> bool:
    """Whether the command is one of the page's, in a block or in a table."""
    return command in (" ".join(each.split()) for each in commands(text)) or f"`{command}`" in text


def outputs_of(platform: Platform) -> dict[str, str]:
    """The stacks' outputs as pages name them: without their layer."""
    return {name.partition(".")[2]: value for name, value in platform.outputs.items()}


def looked_up(answer: str, patterns: Mapping[str, str]) -> dict[str, str]:
    """What a reader takes from a command's answer for the next one: by name, where its pattern is found."""
    return {name: found[1] for name, pattern in patterns.items() if (found := re.search(pattern, answer))}


def filled(command: str, values: Mapping[str, str]) -> str:
    """The command as the reader types it here: for this environment, and with the values of what stands in <>.

    values: by name; of a stack's output by its `<OutputId>`.

    Raises:
        StepFailed: nobody has said what something in <> is.
    """
    here = command.replace("--env prod", "--env local").replace("flux-prod", "flux-local")
    here = here.replace("flux/prod/", "flux/local/")

    def value(found: re.Match[str]) -> str:
        if found[1] not in values:
            raise StepFailed(f"{command}: nothing is known for <{found[1]}>", remedy="look it up by hand")
        return values[found[1]]

    return re.sub(r"<([^<>]+)>", value, here)


def run(command: str, values: Mapping[str, str]) -> str:
    """Run one command of a page here; answers what it printed.

    Raises:
        StepFailed: it failed, with its own words.
    """
    environment = machine.client_environment()
    environment["PATH"] = f"{machine.ROOT / '.venv/bin'}:{environment['PATH']}"
    ran = subprocess.run(
        ["bash", "-c", f"{SHELL}\n{filled(command, values)}"],
        cwd=machine.ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    if ran.returncode != 0:
        raise StepFailed(
            f"{command}: {(ran.stderr or ran.stdout).strip()}", remedy="mend the runbook, or what it is for"
        )
    return ran.stdout
