import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from flux_infra.config import Severity
from flux_infra.constructs.alarm_words import describe_alarm, runbook_in, runbook_url
from flux_infra.constructs.names import LAYERS, topic_arn
from flux_infra.monitoring.objectives import OBJECTIVES
from ops.aws import Aws, find_environment
from ops.command import main as flux
from ops.page.alarms import read_alarms
from ops.page.graph import HEIGHT, bars
from ops.page.reading import Page, Part, read_page
from ops.page.rendering import render, spoken, verdict
from tests.ops.doctor.stubs import SESSION, Call, Refusal, Reply, answering
from tests.ops.page_sample import NOW, PAGE, PAGED, QUIET, TICKET, ago

type Answer = tuple[str, Reply | Refusal]

PROD = find_environment("prod")
REFUSED = Refusal("AccessDenied")
HOUR = timedelta(hours=1)


class Words(HTMLParser):
    """The page's words, row by row: of each element with data-<kind>, by its name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, Mapping[str, str | None]]] = []
        self.rows: dict[str, str] = {}
        self.all = ""
        self._row = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        for name, value in given.items():
            if (name.startswith("data-") and name != "data-label") or name == "id":
                self._row = str(value)

    def handle_data(self, data: str) -> None:
        words = f"{' '.join(data.split())} " if data.strip() else ""
        self.all += words
        self.rows[self._row] = self.rows.get(self._row, "") + words


def prod() -> Aws:
    return Aws(config=PROD, session=SESSION, url=None, operator="arn")


def metric_data(**points: Mapping[datetime, float]) -> Call:
    results = [
        {"Id": name, "Timestamps": list(values), "Values": list(values.values()), "StatusCode": "Complete"}
        for name, values in points.items()
    ]
    return "get_metric_data", {"MetricDataResults": results}


def alarm(name: str, *, state: str = "ALARM", severity: Severity | None = Severity.TICKET) -> dict[str, object]:
    return {
        "AlarmName": name,
        "AlarmDescription": describe_alarm(PROD, impact=f"{name} is wrong.", first="look.", runbook="journey"),
        "AlarmActions": [topic_arn(PROD, severity)] if severity else [],
        "StateValue": state,
        "StateUpdatedTimestamp": NOW,
    }


# What CloudWatch answers, in the order in which the page asks: alarms, objectives, sales, night.
CENSUS = datetime(2026, 11, 30, 5, tzinfo=UTC)
ANSWERS: Sequence[Call] = (
    ("describe_alarms", {"MetricAlarms": [alarm("flux-prod-a", state="OK")], "CompositeAlarms": []}),
    metric_data(good={NOW - HOUR: 98}, total={NOW - HOUR: 100}, bad_ones={NOW - HOUR: 2}),
    metric_data(good={CENSUS: 90}, total={CENSUS: 100}, bad_ones={CENSUS: 10}),
    metric_data(good={}, total={}, bad_ones={}),
    metric_data(stored={ago(minutes=9): 4, ago(minutes=3): 2, ago(minutes=1): 0}, late={ago(minutes=3): 74}),
    metric_data(active={CENSUS: 100}, with_forecast={CENSUS: 90}, made={ago(hours=6): 90}),
)


def read(*cloudwatch: Answer, stacks: int) -> Words:
    """The page of an account whose CloudWatch gives these answers, and whose CloudFormation refuses so many times."""
    aws = prod()
    with ExitStack() as stubs:
        stubs.enter_context(answering(aws.alarms, *cloudwatch))
        stubs.enter_context(answering(aws.stacks, *[("describe_stacks", REFUSED)] * stacks))
        return Words(render(read_page(aws, now=NOW)))


# Live, three objectives that are measured by the HTTP API's routes, queues and traffic need CloudFormation.
NEED_STACKS = 6


def test_where_cloudformation_refuses_all_that_cloudwatch_knows_still_stands() -> None:
    page = read(*ANSWERS, stacks=NEED_STACKS)
    assert page.all.count("Could not be read.") == NEED_STACKS
    assert "No alarm is firing. 6 parts could not be read." in page.all
    assert "None of 1 alarms is firing." in page.rows["alarms"]
    assert "7 min ago" not in page.rows["sale"]
    assert "3 min ago" in page.rows["sale"]
    assert "1 min 14 s after it was rung up. 6 sales in 24 hours" in page.rows["sale"]
    assert "90 of 100 restaurants" in page.rows["night"]


def test_of_what_was_counted_the_share_and_the_budget_left_are_shown() -> None:
    page = read(*ANSWERS, stacks=NEED_STACKS)
    assert "99 % 98 % 200 % spent 2 bad of 100" in page.rows["sales-freshness"]
    assert "99.5 % 90 % 2000 % spent 10 bad of 100" in page.rows["forecasts-on-time"]


def test_what_cloudwatch_refuses_is_said_in_its_place_with_what_to_do() -> None:
    page = read(ANSWERS[0], *[("get_metric_data", REFUSED)] * 5, stacks=NEED_STACKS)
    assert "use a role that may do this" in page.rows["sale"]
    assert "use a role that may do this" in page.rows["journey"]


def test_an_alarm_is_heard_if_it_speaks_to_a_topic_and_pages_come_first() -> None:
    aws = prod()
    answer = {
        "MetricAlarms": [
            alarm("flux-prod-ticket"),
            alarm("flux-prod-part", severity=None),
            alarm("flux-prod-quiet", state="INSUFFICIENT_DATA"),
        ],
        "CompositeAlarms": [
            alarm("flux-prod-page", severity=Severity.PAGE)
            | {
                "ActionsSuppressedBy": "Alarm",
                "ActionsSuppressor": "arn:aws:cloudwatch:us-east-1:333333333333:alarm:flux-prod-cause",
            }
        ],
    }
    with answering(aws.alarms, ("describe_alarms", answer)):
        found = read_alarms(aws)
    assert [(one.name, one.severity) for one in found.firing] == [
        ("flux-prod-page", Severity.PAGE),
        ("flux-prod-ticket", Severity.TICKET),
    ]
    assert found.watching == 3
    assert found.firing[0].says == "flux-prod-page is wrong. First: look."
    assert found.firing[0].explained_by == "flux-prod-cause"


def test_the_runbook_is_found_again_in_what_an_alarm_says() -> None:
    words = describe_alarm(PROD, impact="It is broken.", first="look.", runbook="journey")
    assert runbook_in(words) == runbook_url(PROD, "journey")


def test_a_firing_alarm_is_shown_with_severity_runbook_and_who_else_tells_of_it() -> None:
    html = render(PAGE)
    page = Words(html)
    assert page.rows[PAGED.name].startswith("page flux-prod-people-availability-fast since 10:12 UTC , 12 min")
    assert f'href="{PAGED.runbook}"' in html
    assert f"{TICKET.explained_by} tells of the same cause" in page.rows[TICKET.name]


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (PAGE, "Users are hurt now. One alarm is firing."),
        (QUIET, "No alarm is firing."),
        (replace(QUIET, alarms=Part(read=None, why="no")), "The alarms could not be read."),
        (replace(QUIET, sales=Part(read=None, why="no")), "No alarm is firing. One part could not be read."),
    ],
)
def test_the_worst_is_said_first(page: Page, words: str) -> None:
    assert verdict(page).words.startswith(words)


def test_every_layer_and_every_objective_has_its_row() -> None:
    page = Words(render(PAGE))
    assert {*LAYERS, *(objective.name for objective in OBJECTIVES)} <= page.rows.keys()
    assert "version 41" in page.rows["Compute"]
    assert "UPDATE_ROLLBACK_FAILED" in page.rows["Ml"]


def test_what_an_environment_does_not_measure_is_no_data_with_the_reason() -> None:
    nothing = {
        name: Part(read=replace(part.read, bad=0, total=0)) for name, part in PAGE.objectives.items() if part.read
    }
    page = Words(render(replace(PAGE, objectives=nothing)))
    assert "No data nothing was counted in 28 days" in page.rows["people-latency"]
    assert "No data restaurants are counted once a day, at 05:00 UTC" in page.rows["forecasts-on-time"]
    preview = Words(render(replace(PAGE, config=find_environment("dev"), objectives=nothing, live=Part(read=None))))
    assert "No data nobody was promised anything of dev" in preview.rows["people-latency"]


def test_the_page_asks_for_nothing_else_and_runs_nothing() -> None:
    html = render(PAGE)
    page = Words(html)
    assert {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "base"} == set()
    assert [given for _, given in page.tags if "style" in given or any(name.startswith("on") for name in given)] == []
    (policy,) = [
        str(given["content"]) for _, given in page.tags if given.get("http-equiv") == "Content-Security-Policy"
    ]
    style = re.findall(r"<style>(.*?)</style>", html, flags=re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in style]
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digests[0]}';")
    assert "url(" not in style[0]


def test_what_aws_says_is_shown_and_never_obeyed() -> None:
    html = render(replace(PAGE, sales=Part(read=None, why="<script>alert(1)</script>")))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_the_greatest_bar_is_as_high_as_the_graph_and_the_least_is_seen() -> None:
    low, high = bars([0, 0.001, 1_000])
    assert (high.height, high.y) == (HEIGHT, 0)
    assert low.height > 1


def test_a_share_below_all_is_never_shown_as_all() -> None:
    nearly = {
        name: Part(read=replace(part.read, bad=1, total=10**9)) for name, part in PAGE.objectives.items() if part.read
    }
    assert "99.999 %" in Words(render(replace(PAGE, objectives=nearly))).rows["people-availability"]


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "0 s"), (59.6, "1 min"), (200, "3 min 20 s"), (7_200, "2 h"), (187_200, "2 d 4 h")]
)
def test_a_time_is_said_in_its_two_greatest_units(seconds: float, said: str) -> None:
    assert spoken(seconds) == said


def test_the_command_writes_the_page_and_says_what_is_worst(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ops.verbs.page.connect", lambda _: prod())
    monkeypatch.setattr("ops.verbs.page.read_page", lambda _, *, now: replace(QUIET, at=now))
    out = tmp_path / "page.html"
    assert flux(["page", "--env", "prod", "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "page": str(out),
        "verdict": "No alarm is firing.",
        "tone": "good",
        "unread": 0,
    }
    assert out.read_text().startswith("<!DOCTYPE html>")
    assert flux(["page", "--env", "prod", "--out", str(tmp_path / "nowhere" / "page.html")]) == 1
    assert "give a file in a folder" in capsys.readouterr().err
