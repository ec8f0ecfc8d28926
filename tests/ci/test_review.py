"""The comment on a pull request, and the label that a destructive change needs."""

import json
import re
from itertools import batched
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ci.alert import LABEL, describe
from ci.comment import APPROVAL, MARKER, render
from ci.costs import costs
from ci.review import main, review
from cost.accepted import estimates_of, written
from policy.changes.consequence import Consequence
from policy.changes.difference import changes
from policy.changes.rows import Row, rows
from policy.model import WrittenStack
from policy.values import Json
from tests.ci.github_server import Server

BUCKET, ALIAS = "Data/Bucket is AWS::S3::Bucket", "Api/Live is AWS::Lambda::Alias"
LOSS = rows({"": changes(frozenset({BUCKET, ALIAS}), frozenset({ALIAS, "Api/Live Weight = 1"}))})
CHANGE = rows({"": changes(frozenset({ALIAS}), frozenset({ALIAS, "Api/Live Weight = 1"}))})


def row(consequence: Consequence, what: str) -> Row:
    return Row(consequence=consequence, environments=("prod",), subjects=("Data/X",), what=what)


def test_a_change_is_shown_and_not_blocked() -> None:
    server = Server()
    assert review(server.github(), 7, CHANGE)
    (comment,) = server.comments
    assert "Nothing that holds data" in comment
    assert "changed: 1" in comment
    assert "Api/Live: now Weight = 1" in comment


def test_a_loss_is_named_first_and_blocks_until_the_label_is_there() -> None:
    server = Server()
    assert not review(server.github(), 7, LOSS)
    assert server.comments[0].index("Data/Bucket") < server.comments[0].index("Api/Live")
    assert "Merging is blocked" in server.comments[0]

    server.labels = [APPROVAL]
    assert review(server.github(), 7, LOSS)
    assert "Merging is blocked" not in server.comments[0]


def test_there_is_one_comment_however_often_the_branch_is_pushed() -> None:
    server = Server(comments=["looks good"] * 150)
    review(server.github(), 7, LOSS)
    review(server.github(), 7, CHANGE)
    assert len([comment for comment in server.comments if MARKER in comment]) == 1
    assert "Nothing that holds data" in server.comments[150]
    assert server.comments[:150] == ["looks good"] * 150


def test_a_comment_is_never_longer_than_github_takes_and_keeps_the_losses() -> None:
    lost = [row(Consequence.LOSES_DATA, f"{number} " + "x" * 500) for number in range(48)]
    changed = [row(Consequence.CHANGED, f"{number} " + "y" * 5_000) for number in range(300)]
    comment = render([*lost, *changed], unaccepted=[], approved=False)
    assert len(comment) < 65_536
    assert comment.count("replaces or loses data: prod") == 48
    assert "more; all rows are in the job's log" in comment


def test_a_row_cannot_break_out_of_its_frame() -> None:
    comment = render([row(Consequence.CHANGED, "```` </details> @everyone")], unaccepted=[], approved=False)
    assert [len(run) for run in re.findall("`{3,}", comment)] == [5, 4, 5]


def test_a_new_environment_is_said_to_be_judged_by_rules_alone() -> None:
    assert "only rules judge it: perf." in render([], unaccepted=["perf"], approved=False)


HARD = st.text(alphabet=st.sampled_from("`x\n漢 <"), max_size=3_000) | st.just("`" * 5_000) | st.just("y" * 5_000)


@settings(max_examples=40, deadline=None)
@given(
    found=st.lists(st.tuples(st.sampled_from(Consequence), HARD, st.integers(1, 90)), max_size=12),
    unaccepted=st.integers(0, 300),
)
def test_no_comment_is_longer_than_github_takes_nor_lets_a_row_out_of_its_frame(
    found: list[tuple[Consequence, str, int]], unaccepted: int
) -> None:
    worst_first = sorted(found, key=lambda one: list(Consequence).index(one[0]))
    made = [row(consequence, what) for consequence, what, count in worst_first for _ in range(count)]
    comment = render(made, unaccepted=[f"pr-{number}" for number in range(unaccepted)], approved=False)
    assert len(comment) < 65_536
    fences = [line for line in comment.splitlines() if line.startswith("```")]
    assert len(fences) == 2 * comment.count("<details")
    for opened, closed in batched(fences, 2, strict=True):
        assert opened == f"{closed}text"


def test_a_comment_shows_what_changes_and_nothing_of_what_does_not() -> None:
    assert "<details" not in render([], unaccepted=[], approved=False)
    alone = render(CHANGE, unaccepted=[], approved=False)
    assert alone.count("<details") == 1
    assert alone.count("Api/Live") == 1


def test_an_alert_is_never_longer_than_github_takes_nor_breaks_out_of_its_frame() -> None:
    drifted = {f"pr-{number}": "````\n@everyone" + "x" * 70_000 for number in range(60)}
    title, body = describe(drifted, run_url="https://github.test/run/1")
    assert len(title) <= 256
    assert len(body) < 65_536
    assert "\n````\n@everyone" not in body


def test_templates_are_compared_with_the_surface_of_the_base_branch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server, templates, accepted = Server(), tmp_path / "cdk.out", tmp_path / "surface"
    templates.mkdir()
    accepted.mkdir()
    (templates / "FluxprodData0123ABCD.template.json").write_text(json.dumps({"Resources": {}}))
    (accepted / "prod").write_text(f"{BUCKET}\n")
    monkeypatch.setattr("ci.review.GitHub.of_this_job", server.github)
    assert main(["7", str(templates), str(accepted), "none.json"]) == 1
    assert "replaces or loses data: prod: Data/Bucket" in server.comments[0]
    assert f"the label {APPROVAL} is missing" in capsys.readouterr().err
    assert main(["7", str(accepted), str(accepted), "none.json"]) == 1  # no templates there: unseen is not harmless


def stages(**resources: str) -> dict[str, list[WrittenStack]]:
    template: dict[str, Json] = {name: {"Type": kind} for name, kind in resources.items()}
    stack = WrittenStack(
        name="Flux-prod-Data",
        stage="prod",
        layer="Data",
        account="333333333333",
        region="us-east-1",
        template={"Resources": template},
        paths={},
        termination_protection=True,
        tags={},
        known=True,
        deployed={},
    )
    return {"prod": [stack]}


def test_the_comment_shows_what_a_month_costs_more(tmp_path: Path) -> None:
    accepted = tmp_path / "accepted.json"
    accepted.write_text(written(estimates_of(stages(Key="AWS::KMS::Key"))))
    assert costs(stages(Key="AWS::KMS::Key"), accepted) == ""

    more = costs(stages(Key="AWS::KMS::Key", Nat="AWS::EC2::EIP"), accepted)
    assert "| prod | 1.00 | 4.65 | +3.65 | public addresses +3.65 |" in more
    assert more in render([], unaccepted=[], approved=False, costs=more)


def test_the_comment_says_so_where_the_cost_is_not_known(tmp_path: Path) -> None:
    said = costs(stages(Thing="AWS::Neptune::DBCluster"), tmp_path / "none.json")
    assert said.startswith("What this costs is not known: Data/Thing: what a AWS::Neptune::DBCluster costs")


def test_drift_opens_one_alert_and_adds_to_it_while_it_is_open() -> None:
    server = Server()
    title, body = describe({"prod": "Flux-prod-Data: 1 resource has drifted"}, run_url="https://github.test/run/1")

    for _ in range(2):
        assert server.github().raise_alert(label=LABEL, title=title, body=body) == 11

    assert [issue["title"] for issue in server.issues] == ["Drift in prod"]
    assert server.comments == [body]
    assert "https://github.test/run/1" in body
    assert "1 resource has drifted" in body
