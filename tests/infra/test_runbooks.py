"""The pages of docs/runbooks that alarms lead to: one to one with the alarms, and every command as it stands there.

Commands are read by bash, by AWS's own command line up to the request, and by ours; nothing is sent.
"""

import re
import subprocess
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest
from awscli.clidriver import create_clidriver

from flux_infra.config import Severity
from flux_infra.monitoring.queries import QUERIES
from local.gameday import incidents as game_day
from local.runbooks import FOLDER, commands, stands_in
from ops.command import command_line
from tests.infra.alarms import spoken_alarms, subject_of
from tests.infra.replay.incidents import INCIDENTS
from tests.infra.templates import Resource, Templates, whole

GENERAL = "an-alarm-fires"  # its table is tested in test_domain.py
SECTIONS = ("Meaning.", "Impact.", "First look.", "Causes and remedies.", "Escalation.", "Test it.")
REPLAYED = "tests/infra/replay/test_replay.py::test_an_incidents_alarm_fires_within_its_promised_time["


def alarms_named_by(page: Path) -> set[str]:
    """The alarms that the page is for, as its second paragraph says it, without `flux-<env>-`."""
    second = page.read_text().split("\n\n")[1]
    return set(re.findall(r"`flux-<env>-([\w-]+)`", second)) if second.startswith("Alarm") else set()


PAGES = [page for page in sorted(FOLDER.glob("*.md")) if alarms_named_by(page)]


COMMANDS = [
    pytest.param(page, command, id=f"{page.stem}: {command}")
    for page in PAGES
    for command in commands(page.read_text())
]

CURED = [incident for incident in game_day.INCIDENTS if incident.cure is not None]


def words(command: str) -> list[str]:
    """The command's words as bash hands them to the program, with `7` for what the reader fills in."""
    program = command.split(maxsplit=1)[0]
    filled = re.sub(r"<[^<>]+>", "7", command)
    script = f"run() {{ printf '%s\\0' \"$@\"; }}\nrun {filled}"
    printed = subprocess.run(["bash", "-c", script], check=True, capture_output=True, text=True).stdout
    found = printed.split("\0")[:-1]
    assert found[0] == program
    return found


def test_every_page_of_an_alarm_is_for_the_alarms_that_lead_to_it(owner: Templates) -> None:
    leads_to: dict[str, set[str]] = defaultdict(set)
    for alarm in spoken_alarms(owner).values():
        leads_to[_page(alarm)].add(subject_of(owner, alarm))
    for page in PAGES:
        assert alarms_named_by(page) == leads_to[page.stem], page.name


def test_every_alarm_that_pages_has_a_page_of_its_own_that_says_everything(owner: Templates) -> None:
    topic = {"Ref": owner.topic(Severity.PAGE)}
    pages = {_page(alarm) for alarm in spoken_alarms(owner).values() if alarm["AlarmActions"] == [topic]}
    assert pages <= {page.stem for page in PAGES} - {GENERAL}
    for name in pages:
        text = (FOLDER / f"{name}.md").read_text()
        assert tuple(re.findall(r"^\*\*(.+?)\*\*", text, re.MULTILINE)) == SECTIONS, name


@pytest.mark.parametrize(("page", "command"), COMMANDS)
def test_a_command_of_a_page_is_one_that_its_program_takes(
    page: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, *arguments = words(command)
    match program:
        case "aws":
            assert _asked_of_aws(arguments, monkeypatch), command
        case "./flux":
            command_line().parse_args(arguments)
        case ".venv/bin/python":
            *_, replayed = arguments
            caused = {f"{REPLAYED}{each.cause}]" for each in INCIDENTS if each.alarm in alarms_named_by(page)}
            assert replayed in caused, command
        case _:
            assert program == "curl", command


def test_what_a_command_leaves_to_the_reader_is_an_output_of_the_stacks_or_said_in_small_letters(
    owner: Templates,
) -> None:
    outputs = {
        name for _, layer in owner.layers() for name in cast("Mapping[str, object]", whole(layer).get("Outputs", {}))
    }
    left = {
        (page.name, word)
        for page in PAGES
        for command in commands(page.read_text())
        for word in re.findall(r"<([A-Z][^<>]*)>", command)
    }
    assert len(left) > 10
    assert {(page, word) for page, word in left if word not in outputs} == set()


def test_a_saved_query_that_a_page_names_is_saved() -> None:
    named = {name for page in PAGES for name in re.findall(r"`flux/prod/([^`]+)`", page.read_text())}
    assert named
    assert named <= {query.name for query in QUERIES}


@pytest.mark.parametrize("incident", CURED, ids=lambda incident: incident.name)
def test_what_on_call_does_on_a_game_day_stands_in_its_page(incident: game_day.Incident) -> None:
    assert incident.cure is not None
    page = FOLDER / f"{incident.cure.page}.md"
    assert [each for each in incident.cure.commands if not stands_in(page.read_text(), each)] == []
    if incident.alarm is not None and incident.alarm.severity is Severity.PAGE:
        assert incident.alarm.name in alarms_named_by(page)


def _page(alarm: Resource) -> str:
    (page,) = re.findall(r"docs/runbooks/([\w-]+)\.md", str(alarm["AlarmDescription"]))
    return str(page)


def _asked_of_aws(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether AWS's command line takes these words and would have sent a request that fits the service's model."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    requests: list[str] = []

    def instead_of_sending(model: object, **_: object) -> tuple[object, dict[str, object]]:
        requests.append(str(model))
        return _Answered, {}

    driver = create_clidriver()
    driver.session.register("before-call", instead_of_sending)
    ended: int = driver.main(arguments)
    return ended == 0 and len(requests) == 1


class _Answered:
    status_code = 200
