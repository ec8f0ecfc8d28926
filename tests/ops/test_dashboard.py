"""A dashboard as a picture: what is read of an AWS that has counted, and what is drawn of it."""

import json
import math
import re
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.stub import ANY, Stubber

from flux_infra.environments import LOCAL
from ops.aws import Aws, find_environment
from ops.command import main as flux
from ops.dashboard.body import Body
from ops.dashboard.drawing import draw
from ops.dashboard.graph import amount, with_gaps
from ops.dashboard.reading import AlarmState, Dashboard, Filled, Line, read_dashboard
from ops.dashboard.times import kept_period, said_time, typed_time
from ops.errors import OpsError
from tests.ops.doctor.stubs import SESSION, Refusal, answering
from tests.support.emulator import running

type Json = Mapping[str, object]

NOW = datetime.now(UTC).replace(second=0, microsecond=0)
HOUR = timedelta(hours=1)


def ago(minutes: int) -> datetime:
    return NOW - timedelta(minutes=minutes)


def widget(kind: str, **properties: object) -> Json:
    return {"type": kind, "x": 0, "y": 0, "width": 8, "height": 6, "properties": properties}


def graph(*metrics: Sequence[object], **properties: object) -> Json:
    return widget("metric", metrics=metrics, region="us-east-1", **properties)


def body(*widgets: Json) -> str:
    return json.dumps({"start": "-PT3H", "widgets": widgets})


SALES = ("Flux", "Sales", "Environment", "local", {"id": "sales", "label": "sales", "stat": "Sum", "period": 60})
LATE = ("Flux", "Late", "Environment", "local", {"id": "late", "stat": "Sum", "period": 60, "visible": False})
SHARE = ({"expression": "100 * late / sales", "label": "late, %", "period": 60, "yAxis": "right"},)
NIGHTLY = ("Flux", "Sales", "Environment", "local", {"label": "sales a day", "stat": "Sum", "period": 86_400})
SEARCH = ({"expression": "SEARCH('{Flux,Environment} Environment=\"local\"', 'Sum', 60)", "period": 60},)
NOBODY = ("Flux", "Nothing", {"label": "nothing"})
ALARM = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:"

OVERVIEW = body(
    widget("alarm", title="alarms", alarms=[f"{ALARM}flux-local-a", f"{ALARM}flux-local-b", f"{ALARM}flux-local-gone"]),
    widget("text", markdown="## Business"),
    graph(SALES, LATE, SHARE, NIGHTLY, title="Sales"),
    graph(NOBODY, title="Nothing"),
    graph(SEARCH, title="All"),
    graph(SALES, title="All sales", view="singleValue", setPeriodToTimeRange=True, start="-P28D"),
)


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with running() as emulator:
        aws = Aws(config=LOCAL, session=emulator.session(), url=emulator.url, operator="an operator")
        for name, body_of_it in {"": OVERVIEW, "-api": body(), "2-data": body()}.items():
            aws.alarms.put_dashboard(DashboardName=f"flux-local{name}", DashboardBody=body_of_it)
        for name, values in {"Sales": {50: 10, 49: 20, 30: 40}, "Late": {50: 1, 49: 1}}.items():
            aws.alarms.put_metric_data(
                Namespace="Flux",
                MetricData=[
                    {
                        "MetricName": name,
                        "Dimensions": [{"Name": "Environment", "Value": "local"}],
                        "Timestamp": ago(minutes),
                        "Value": value,
                    }
                    for minutes, value in values.items()
                ],
            )
        for name in ("a", "b"):
            aws.alarms.put_metric_alarm(
                AlarmName=f"flux-local-{name}",
                Namespace="Flux",
                MetricName="Nothing",
                Statistic="Sum",
                Period=86_400,
                EvaluationPeriods=1,
                Threshold=1,
                ComparisonOperator="GreaterThanThreshold",
                TreatMissingData="ignore",
            )
        aws.alarms.set_alarm_state(AlarmName="flux-local-a", StateValue="ALARM", StateReason="tried")
        aws.alarms.set_alarm_state(AlarmName="flux-local-b", StateValue="OK", StateReason="tried")
        yield aws


def test_a_graph_has_the_points_that_cloudwatch_has_counted_and_its_expressions_values(aws: Aws) -> None:
    sales, share, nightly = read_dashboard(aws, "overview", now=NOW, since=None).widgets[2].lines
    assert sales == Line(label="sales", points={ago(50): 10, ago(49): 20, ago(30): 40}, period=60)
    assert share == Line(label="late, %", points={ago(50): 10, ago(49): 5, ago(30): 0}, period=60, side="right")
    assert sum(nightly.points.values()) == 70


def test_a_graph_of_a_search_has_a_line_for_each_metric_that_is_found(aws: Aws) -> None:
    lines = read_dashboard(aws, "overview", now=NOW, since=None).widgets[4].lines
    assert sorted(len(line.points) for line in lines) == [2, 3]


def test_an_alarm_has_its_state_and_one_that_is_gone_has_none(aws: Aws) -> None:
    assert read_dashboard(aws, "overview", now=NOW, since=None).widgets[0].states == [
        AlarmState(name="flux-local-a", state="ALARM"),
        AlarmState(name="flux-local-b", state="OK"),
        AlarmState(name="flux-local-gone", state="INSUFFICIENT_DATA"),
    ]


def test_a_graph_of_what_nobody_has_counted_is_without_data(aws: Aws) -> None:
    widgets = read_dashboard(aws, "overview", now=NOW, since=None).widgets
    assert [filled.is_without_data for filled in widgets] == [False, False, False, True, False, False]


def test_how_far_back_is_asked_for_holds_for_all_but_what_has_a_time_of_its_own(aws: Aws) -> None:
    dashboard = read_dashboard(aws, "overview", now=NOW, since=timedelta(minutes=40))
    assert dashboard.widgets[2].lines[0].points == {ago(30): 40}
    (all_sales,) = dashboard.widgets[5].lines
    assert dashboard.widgets[5].begin == NOW - timedelta(days=28)
    assert sum(all_sales.points.values()) == 70


def test_an_unknown_dashboard_is_answered_with_those_of_this_environment(aws: Aws) -> None:
    with pytest.raises(OpsError, match=r"has no dashboard flux-local-sales\n.*give --name one of overview, api$"):
        read_dashboard(aws, "sales", now=NOW, since=None)


def test_the_command_writes_a_picture_and_says_what_is_missing_in_it(
    aws: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ops.verbs.dashboard.connect", lambda _: aws)
    out = tmp_path / "sales.png"
    assert flux(["dashboard", "--env", "local", "--since", "2h", "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "dashboard": "flux-local",
        "picture": str(out),
        "parts": 6,
        "without_data": 1,
        "unread": 0,
    }
    assert out.read_bytes().startswith(b"\x89PNG")
    assert flux(["dashboard", "--env", "local", "--out", str(tmp_path / "nowhere" / "sales.png")]) == 1
    assert "give a file in a folder" in capsys.readouterr().err


def test_without_matplotlib_the_command_says_how_to_get_it(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ops.verbs.dashboard.connect", lambda _: aws)
    monkeypatch.delitem(sys.modules, "ops.dashboard.drawing")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert flux(["dashboard", "--env", "local"]) == 1
    assert "matplotlib: is not installed" in (shown := capsys.readouterr().err)
    assert "make tools" in shown


# What AWS alone has: several pages, lines that a SEARCH finds, more alarms than one request may name


def read_of_prod(of: str, *calls: tuple[str, Mapping[str, object] | Refusal]) -> Dashboard:
    aws = Aws(config=find_environment("prod"), session=SESSION, url=None, operator="arn")
    with answering(aws.alarms, ("get_dashboard", {"DashboardBody": of}), *calls):
        return read_dashboard(aws, "overview", now=NOW, since=None)


def found(name: str, label: str, points: Mapping[datetime, float]) -> Json:
    return {"Id": name, "Label": label, "Timestamps": list(points), "Values": list(points.values())}


def test_a_search_has_a_line_for_each_metric_that_it_finds_and_values_come_on_several_pages() -> None:
    first = [found("metric0", "api 3", {ago(3): 1}), found("metric0", "api 4", {ago(3): 7})]
    dashboard = read_of_prod(
        body(graph(({"expression": "SEARCH('{AWS/Lambda,FunctionName} api', 'Sum', 60)", "period": 60},))),
        ("get_metric_data", {"MetricDataResults": first, "NextToken": "more"}),
        ("get_metric_data", {"MetricDataResults": [found("metric0", "api 3", {ago(2): 2})]}),
    )
    assert dashboard.widgets[0].lines == [
        Line(label="api 3", points={ago(3): 1, ago(2): 2}, period=60),
        Line(label="api 4", points={ago(3): 7}, period=60),
    ]


def test_a_hundred_alarms_are_asked_for_at_once() -> None:
    names = [f"flux-prod-{number}" for number in range(101)]
    answer = [{"AlarmName": name, "StateValue": "OK"} for name in names]
    dashboard = read_of_prod(
        body(widget("alarm", alarms=[f"{ALARM}{name}" for name in names])),
        ("describe_alarms", {"MetricAlarms": answer[:99], "CompositeAlarms": answer[99:100]}),
        ("describe_alarms", {"MetricAlarms": answer[100:], "CompositeAlarms": []}),
    )
    assert {state.state for state in dashboard.widgets[0].states} == {"OK"}


def test_what_cannot_be_read_is_said_in_its_place_and_the_rest_is_there() -> None:
    dashboard = read_of_prod(
        body(graph(SALES), graph(SALES)),
        ("get_metric_data", Refusal("AccessDenied")),
        ("get_metric_data", {"MetricDataResults": [found("sales", "sales", {ago(3): 1})]}),
    )
    assert "use a role that may do this" in dashboard.widgets[0].why
    assert dashboard.widgets[1].lines[0].points == {ago(3): 1}


REJECTED = "SOURCE '/flux/prod/flows' | SOURCE 'b' | filter action = \"REJECT\"\n| stats count(*) as flows by bin(5m)"


def test_a_query_that_counts_by_nothing_of_time_is_no_graph() -> None:
    dashboard = read_of_prod(body(widget("log", query="SOURCE 'a' | stats count(*)", view="timeSeries")))
    assert "has no column bin(), so it is no graph" in dashboard.widgets[0].why


@pytest.mark.parametrize("status", ["Complete", "Failed"])
def test_a_query_of_logs_has_a_line_for_each_number_that_it_counts_or_says_how_it_ended(status: str) -> None:
    aws = Aws(config=find_environment("prod"), session=SESSION, url=None, operator="arn")
    row = {"bin(5m)": "2026-11-30 12:05:00.000", "flows": "3", "@ptr": "pointer"}
    cells = [{"field": name, "value": value} for name, value in row.items()]
    with (
        answering(
            aws.alarms, ("get_dashboard", {"DashboardBody": body(widget("log", query=REJECTED, view="timeSeries"))})
        ),
        Stubber(aws.logs) as logs,
    ):
        asked = {"logGroupNames": ["/flux/prod/flows", "b"], "startTime": ANY, "endTime": int(NOW.timestamp())}
        query = 'filter action = "REJECT"\n| stats count(*) as flows by bin(5m)'
        logs.add_response("start_query", {"queryId": "1"}, {**asked, "queryString": query})
        logs.add_response("get_query_results", {"status": status, "results": [cells]}, {"queryId": "1"})
        (filled,) = read_dashboard(aws, "overview", now=NOW, since=None).widgets
    if status == "Complete":
        at = datetime(2026, 11, 30, 12, 5, tzinfo=UTC)
        assert filled.lines == [Line(label="flows", points={at: 3}, period=300)]
    else:
        assert "the logs' query is failed" in filled.why


def test_a_dashboard_that_cannot_be_drawn_says_which_part_of_it() -> None:
    with pytest.raises(OpsError, match=r"dashboard flux-prod: widgets\.0\.log\.properties\.view cannot be drawn"):
        read_of_prod(body(widget("log", query="fields @message", view="table")))


# What is drawn


def drawn(tmp_path: Path, *widgets: Filled) -> str:
    out = tmp_path / "drawn.svg"
    draw(Dashboard(name="flux-prod", now=NOW, since=timedelta(hours=3), widgets=widgets), out)
    return out.read_text()


def filled(widget: Json, *, lines: Sequence[Line] = (), states: Sequence[AlarmState] = (), why: str = "") -> Filled:
    (read,) = Body.model_validate_json(body(widget)).widgets
    return Filled(widget=read, begin=NOW - 3 * HOUR, lines=lines, states=states, why=why)


def test_a_period_without_data_is_a_gap() -> None:
    line = Line(label="", points={ago(9): 1, ago(8): 2, ago(5): 3}, period=60)
    assert [value for _, value in with_gaps(line, begin=ago(60))][:2] == [1, 2]
    assert [at for at, value in with_gaps(line, begin=ago(60)) if math.isnan(value)] == [ago(7)]


def test_a_period_that_began_before_the_graph_does_is_drawn_where_the_graph_begins() -> None:
    line = Line(label="", points={ago(70): 1, ago(10): 2}, period=3_600)
    assert list(with_gaps(line, begin=ago(15))) == [(ago(15), 1), (ago(10), 2)]


def test_a_graph_shows_title_names_and_thresholds(tmp_path: Path) -> None:
    threshold = {"value": 20, "label": "sales < 20", "yAxis": "left"}
    shown = graph(SALES, SHARE, title="Sales", annotations={"horizontal": [threshold]}, yAxis={"right": {"label": "%"}})
    lines = [
        Line(label="sales", points={ago(9): 1}, period=60),
        Line(label="late in $", points={ago(9): 1}, period=60, side="right"),
    ]
    picture = drawn(tmp_path, filled(shown, lines=lines))
    for said in ("flux-prod", "3 h until", ">Sales<", ">sales<", ">late in $<", "sales &lt; 20", ">%<"):
        assert said in picture
    assert "no data" not in picture


@pytest.mark.parametrize("view", ["timeSeries", "singleValue"])
def test_a_graph_without_data_says_so(tmp_path: Path, view: str) -> None:
    assert "no data" in drawn(tmp_path, filled(graph(SALES, view=view), lines=[Line(label="", points={}, period=60)]))


def test_a_single_value_is_the_last_one(tmp_path: Path) -> None:
    line = Line(label="budget left", points={ago(9): 3, ago(8): 98.25}, period=60)
    picture = drawn(tmp_path, filled(graph(SALES, view="singleValue"), lines=[line]))
    assert ">98.2<" in picture
    assert "budget left" in picture


def test_alarms_that_fire_are_counted_and_stand_first_without_what_all_names_share(tmp_path: Path) -> None:
    states = [
        AlarmState(name="flux-prod-api-errors", state="OK"),
        AlarmState(name="flux-prod-database-cpu", state="ALARM"),
    ]
    picture = drawn(tmp_path, filled(widget("alarm", title="alarms", alarms=[]), states=states))
    assert "alarms: 1 of 2 fire" in picture
    assert re.findall(r">([▲●] [a-z-]+)<", picture) == ["▲ database-cpu", "● api-errors"]


def test_what_could_not_be_read_is_written_where_it_would_be(tmp_path: Path) -> None:
    picture = drawn(tmp_path, filled(graph(SALES, title="Sales"), why="AWS refused."))
    assert "Could not be read: AWS refused." in picture


def test_what_logs_count_is_a_graph(tmp_path: Path) -> None:
    shown = widget("log", title="Flows rejected", query=REJECTED, view="timeSeries")
    picture = drawn(tmp_path, filled(shown, lines=[Line(label="flows", points={ago(9): 1}, period=300)]))
    assert ">Flows rejected<" in picture
    assert ">flows<" in picture


def test_of_a_text_links_are_only_their_names(tmp_path: Path) -> None:
    picture = drawn(tmp_path, filled(widget("text", markdown="[api](https://console.test/a) | [data](b)")))
    assert "api | data" in picture


def test_a_legend_that_is_too_long_says_how_many_are_left_out(tmp_path: Path) -> None:
    names = [f"function-{number:02}" for number in range(60)]
    picture = drawn(tmp_path, filled(graph(SALES), lines=[Line(label=name, points={}, period=60) for name in names]))
    shown = [name for name in names if f">{name}<" in picture]
    assert f"and {60 - len(shown)} more" in picture
    assert shown == names[: len(shown)]


@pytest.mark.parametrize(("value", "said"), [(0.02, "0.02"), (500, "500"), (1_500, "1.5k"), (3e9, "3G"), (-2e6, "-2M")])
def test_an_axis_has_short_numbers(value: float, said: str) -> None:
    assert amount(value) == said


@pytest.mark.parametrize("text", ["90min", "3h", "2d", "455d"])
def test_a_time_is_said_as_it_was_typed(text: str) -> None:
    assert said_time(typed_time(text)).replace(" ", "") == text


@pytest.mark.parametrize("text", ["", "0h", "3", "3 h", "-3h", "456d", "1w"])
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="give a time like"):
        typed_time(text)


@pytest.mark.parametrize(
    ("period", "days", "kept"), [(60, 15, 60), (60, 16, 300), (300, 16, 300), (360, 16, 600), (60, 64, 3_600)]
)
def test_what_is_old_is_asked_for_in_the_periods_that_cloudwatch_still_has(period: int, days: int, kept: int) -> None:
    assert kept_period(period, back=timedelta(days=days)) == kept


def test_a_colour_of_its_own_is_kept(tmp_path: Path) -> None:
    line = Line(label="sales", points={ago(9): 1, ago(8): 2}, period=60, color="#123456")
    assert "#123456" in drawn(tmp_path, filled(graph(SALES), lines=[line]))
