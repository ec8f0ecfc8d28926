"""The comment on a pull request, and the label that a destructive change needs."""

from pathlib import Path

import pytest

from ci.alert import LABEL, describe
from ci.comment import APPROVAL, MARKER, Report, render
from ci.difference import UnreadableDifferenceError, read_difference
from ci.review import read_reports, review
from tests.ci.github_server import Server

LAST_LINE = "Number of stacks with differences: 1"
HARMLESS = f"Stack Flux-prod/Api\nResources\n[~] AWS::Lambda::Alias Api/Live Live1\n\n{LAST_LINE}"
LOSS = f"Stack Flux-prod/Data\nResources\n[-] AWS::RDS::DBInstance Data/Database Database1 destroy\n\n{LAST_LINE}"
NOTHING = "Stack Flux-staging/Data\nThere were no differences\n\nNumber of stacks with differences: 0"


def reports(prod: str) -> dict[str, Report]:
    return {
        name: Report(text=text, changes=read_difference(text)) for name, text in (("staging", NOTHING), ("prod", prod))
    }


def test_a_harmless_change_is_shown_and_not_blocked() -> None:
    server = Server()

    assert review(server.github(), 7, reports(HARMLESS))
    (comment,) = server.comments
    assert "Nothing that holds data" in comment
    assert "### staging\n\nNo resource changes." in comment
    assert "1 changed" in comment
    assert "AWS::Lambda::Alias Api/Live Live1" in comment


def test_a_loss_is_named_first_and_blocks_until_the_label_is_there() -> None:
    server = Server()

    assert not review(server.github(), 7, reports(LOSS))
    row = "| prod | Flux-prod/Data | `Data/Database` | AWS::RDS::DBInstance | **destroy** |"
    assert row in server.comments[0]
    assert server.comments[0].index(row) < server.comments[0].index("<details>")
    assert "Merging is blocked" in server.comments[0]

    server.labels = [APPROVAL]
    assert review(server.github(), 7, reports(LOSS))
    assert "Merging is blocked" not in server.comments[0]


def test_there_is_one_comment_however_often_the_branch_is_pushed() -> None:
    server = Server(comments=["looks good"] * 150)

    review(server.github(), 7, reports(LOSS))
    review(server.github(), 7, reports(HARMLESS))

    assert len([comment for comment in server.comments if MARKER in comment]) == 1
    assert "Nothing that holds data" in server.comments[150]
    assert server.comments[:150] == ["looks good"] * 150


def test_a_comment_is_never_longer_than_github_takes() -> None:
    long = Report(text=HARMLESS + "x" * 200_000, changes=read_difference(HARMLESS))

    comment = render({"staging": long, "prod": long}, approved=False)

    assert len(comment) < 65_536
    assert "the whole report is in the job's log" in comment


def test_a_report_cannot_break_out_of_its_frame() -> None:
    text = HARMLESS.replace("Live1", "Live1\n ```\n </details> @everyone")

    comment = render({"prod": Report(text=text, changes=())}, approved=False)
    assert "No resource changes" in comment
    comment = render({"prod": Report(text=text, changes=read_difference(HARMLESS))}, approved=False)
    assert comment.count("``````text") == 1


def test_every_environment_must_have_been_looked_at(tmp_path: Path) -> None:
    (tmp_path / "diff-staging").mkdir()
    (tmp_path / "diff-staging" / "staging.txt").write_text(NOTHING)

    assert list(read_reports(tmp_path, ["staging"])) == ["staging"]
    with pytest.raises(UnreadableDifferenceError, match="prod: no report"):
        read_reports(tmp_path, ["staging", "prod"])


def test_drift_opens_one_alert_and_adds_to_it_while_it_is_open() -> None:
    server = Server()
    title, body = describe({"prod": "Flux-prod-Data: 1 resource has drifted"}, run_url="https://github.test/run/1")

    for _ in range(2):
        assert server.github().raise_alert(label=LABEL, title=title, body=body) == 11

    assert [issue["title"] for issue in server.issues] == ["Drift in prod"]
    assert server.comments == [body]
    assert "https://github.test/run/1" in body
    assert "1 resource has drifted" in body
