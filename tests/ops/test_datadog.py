"""`./flux datadog` and an organization of Datadog on loopback, both ways judged by Datadog's own client."""

import json
import re
from collections.abc import Iterator

import pytest
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.v1.model.monitor import Monitor

from flux_infra.monitoring.objectives import OBJECTIVES, Deployed
from ops.command import main
from ops.datadog.account import configure, datadog
from ops.datadog.changes import apply, plan, unknown_metrics
from ops.datadog.names import count, scope
from ops.datadog.strict import as_model
from ops.datadog.wanted import dashboards, metrics, monitors, slos
from ops.errors import DatadogError
from ops.verbs import datadog as verb
from tests.infra.conftest import DATADOG, WITH_DATADOG
from tests.ops.datadog_api import KEYS, DatadogApi, datadog_api

PLACES = {Deployed.ENVIRONMENT: "prod", Deployed.HTTP_API: "a1b2c3d4e5"}
NAMES = [objective.name for objective in OBJECTIVES]
BURNS = [f"flux:prod:{objective.name}:{burn.name}" for objective in OBJECTIVES for burn in objective.burns]


@pytest.fixture
def reached() -> Iterator[tuple[DatadogApi, ApiClient]]:
    with datadog_api() as (organization, configuration), datadog(configuration) as client:
        yield organization, client


def test_a_plan_says_what_would_be_made_and_makes_nothing(reached: tuple[DatadogApi, ApiClient]) -> None:
    organization, client = reached
    changes = plan(client, WITH_DATADOG, PLACES)
    assert [change.key for change in changes] == [
        *(f"flux:prod:{name}" for name in NAMES),
        *BURNS,
        "Flux prod: objectives",
    ]
    assert {change.what for change in changes} == {"create"}
    assert {request.split()[0] for request in organization.requests} == {"GET"}


def test_what_was_applied_is_no_difference_any_more(reached: tuple[DatadogApi, ApiClient]) -> None:
    organization, client = reached
    assert len(apply(client, WITH_DATADOG, PLACES)) == len(NAMES) + len(BURNS) + 1
    assert plan(client, WITH_DATADOG, PLACES) == []
    assert apply(client, WITH_DATADOG, PLACES) == []
    assert {kind: len(held) for kind, held in organization.held.items()} == {
        "slo": len(NAMES),
        "monitor": len(BURNS),
        "dashboard": 1,
    }


def test_a_monitor_watches_the_slo_of_its_objective(reached: tuple[DatadogApi, ApiClient]) -> None:
    organization, client = reached
    apply(client, WITH_DATADOG, PLACES)
    slo = organization.only("slo", "Flux prod: people-availability")
    monitor = organization.only("monitor", "Flux prod: people-availability, fast")
    assert monitor["query"] == (f'burn_rate("{slo["id"]}").over("30d").long_window("1h").short_window("5m") > 14.4')
    assert "docs/runbooks/people-availability.md" in str(monitor["message"])
    assert str(monitor["message"]).endswith(f"@{WITH_DATADOG.page_email}")
    assert slo["query"] == {
        "numerator": "sum:aws.apigateway.count{apiid:a1b2c3d4e5,stage:_default,method:any,resource:/api/_proxy}"
        ".as_count() - sum:aws.apigateway.5xx{apiid:a1b2c3d4e5,stage:_default,method:any,resource:/api/_proxy}"
        ".as_count()",
        "denominator": "sum:aws.apigateway.count{apiid:a1b2c3d4e5,stage:_default,method:any,resource:/api/_proxy}"
        ".as_count()",
    }


def test_every_window_is_one_that_datadog_takes() -> None:
    written = monitors(WITH_DATADOG, dict.fromkeys(slos(WITH_DATADOG, PLACES), "id"))
    for document in written.values():
        windows = re.search(r'long_window\("(\d+)h"\).short_window\("(\d+)m"\)', json.dumps(document).replace("\\", ""))
        assert windows is not None
        hours, minutes = int(windows[1]), int(windows[2])
        assert 1 <= hours <= 48
        assert minutes * 12 == hours * 60


def test_what_somebody_changed_by_hand_is_shown_and_undone(reached: tuple[DatadogApi, ApiClient]) -> None:
    organization, client = reached
    apply(client, WITH_DATADOG, PLACES)
    monitor = organization.only("monitor", "Flux prod: journey, fast")
    monitor["query"] = str(monitor["query"]).replace("14.4", "1000")
    organization.only("slo", "Flux prod: journey")["thresholds"] = [{"timeframe": "30d", "target": 90.0}]
    shown = {change.key: change.differences for change in plan(client, WITH_DATADOG, PLACES)}
    assert list(shown) == ["flux:prod:journey", "flux:prod:journey:fast"]
    assert shown["flux:prod:journey"] == ("thresholds.0.target: 90.0, should be 99.5",)
    apply(client, WITH_DATADOG, PLACES)
    assert plan(client, WITH_DATADOG, PLACES) == []


def test_an_objective_that_is_gone_goes_from_datadog_and_nothing_else_does(
    reached: tuple[DatadogApi, ApiClient],
) -> None:
    organization, client = reached
    apply(client, WITH_DATADOG, PLACES)
    old = organization.make(
        "slo", {"name": "old", "type": "metric", "thresholds": [], "tags": ["flux:prod", "flux:prod:old"]}
    )
    organization.make(
        "monitor", {"name": "old", "type": "slo alert", "query": "q", "tags": ["flux:prod", "flux:prod:old:fast"]}
    )
    organization.make("monitor", {"name": "other", "type": "query alert", "query": "q", "tags": ["team:kitchen"]})
    organization.only("dashboard", "Flux prod: objectives")["widgets"] = [
        {"definition": {"type": "slo", "view_type": "detail", "slo_id": old["id"]}}
    ]
    changes = apply(client, WITH_DATADOG, PLACES)
    assert [(change.what, change.key) for change in changes] == [
        ("delete", "flux:prod:old:fast"),
        ("change", "Flux prod: objectives"),
        ("delete", "flux:prod:old"),
    ]
    assert organization.only("monitor", "other")


def test_an_object_that_somebody_copied_is_an_error_and_not_a_guess(reached: tuple[DatadogApi, ApiClient]) -> None:
    organization, client = reached
    apply(client, WITH_DATADOG, PLACES)
    copied = organization.only("monitor", "Flux prod: journey, fast")
    organization.make("monitor", {**copied, "name": "a copy"})
    with pytest.raises(DatadogError, match="two objects in Datadog have this tag"):
        plan(client, WITH_DATADOG, PLACES)


def test_a_value_in_an_answer_that_the_client_does_not_know_is_an_error(
    reached: tuple[DatadogApi, ApiClient],
) -> None:
    organization, client = reached
    apply(client, WITH_DATADOG, PLACES)
    organization.only("monitor", "Flux prod: journey, fast")["type"] = "dream alert"
    with pytest.raises(DatadogError, match=r"Monitor\.type: Datadog answers what"):
        plan(client, WITH_DATADOG, PLACES)


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({"type": "slo alert", "query": "q", "mesage": "typo"}, r"Monitor\.mesage"),
        ({"type": "slo alarm", "query": "q"}, r"Monitor\.type"),
        ({"type": "slo alert", "query": "q", "options": {"threshold": {}}}, r"Monitor\.options\.threshold"),
        ({"type": "slo alert", "query": 1}, "query"),
    ],
)
def test_a_field_or_value_that_the_client_does_not_know_is_never_sent(document: dict[str, object], where: str) -> None:
    with pytest.raises(DatadogError, match=where):
        as_model(Monitor, json.loads(json.dumps(document)))


def test_metrics_that_have_not_arrived_are_named(reached: tuple[DatadogApi, ApiClient]) -> None:
    organization, client = reached
    organization.metrics |= set(metrics()) - {"flux.salesontime"}
    assert unknown_metrics(client) == ["flux.salesontime"]
    assert "aws.apigateway.latency.p95" in metrics()


def test_wrong_keys_are_answered_with_the_rights_that_are_needed_and_not_with_the_keys() -> None:
    with datadog_api() as (_, configuration):
        wrong = Configuration(host=configuration.host, api_key={**KEYS, "appKeyAuth": "wrong-key-wrong-key"})
        with pytest.raises(DatadogError) as refused, datadog(wrong) as client:
            plan(client, WITH_DATADOG, PLACES)
    assert "monitors_write" in refused.value.remedy
    assert not any(key in str(refused.value) for key in (*KEYS.values(), "wrong-key-wrong-key"))


def test_a_datadog_that_is_away_is_told_in_a_sentence() -> None:
    away = Configuration(host="http://127.0.0.1:9", api_key=dict(KEYS))
    with pytest.raises(DatadogError, match=r"does not answer at http://127\.0\.0\.1:9"), datadog(away) as client:
        plan(client, WITH_DATADOG, PLACES)


def test_without_keys_it_is_said_where_they_come_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DD_API_KEY", raising=False)
    monkeypatch.setenv("DD_APP_KEY", "set")
    with pytest.raises(DatadogError, match="DD_API_KEY: not set in this shell"):
        configure(DATADOG)


def test_the_site_decides_where_datadog_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DD_API_KEY", "x")
    monkeypatch.setenv("DD_APP_KEY", "x")
    assert configure(DATADOG).host == "https://api.datadoghq.eu"


def test_the_command_ends_with_2_while_something_differs_and_with_0_afterwards(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with datadog_api() as (_, configuration):
        monkeypatch.setattr(verb, "find_environment", lambda _: WITH_DATADOG)
        monkeypatch.setattr(verb, "configure", lambda _: configuration)
        monkeypatch.setattr(verb, "places_of", lambda _: PLACES)
        assert main(["datadog", "plan", "--env", "prod"]) == 2
        assert "Datadog has not received flux.salesstored yet" in capsys.readouterr().out
        assert main(["datadog", "apply", "--env", "prod", "--yes", "--json"]) == 0
        written = json.loads(capsys.readouterr().out)["changes"]
        assert {change["what"] for change in written} == {"create"}
        assert main(["datadog", "plan", "--env", "prod"]) == 0
        assert "Datadog holds what it should of prod." in capsys.readouterr().out


def test_an_environment_without_datadog_is_told_how_to_have_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["datadog", "plan", "--env", "dev"]) == 1
    assert "set datadog=Datadog(...) of dev" in capsys.readouterr().err


def test_tags_are_written_as_datadog_writes_them() -> None:
    webhooks = next(one for one in OBJECTIVES if one.name == "webhook-availability").measure.total
    assert scope(webhooks, PLACES) == (
        "{apiid:a1b2c3d4e5,stage:_default,method:post,resource:/api/v1/webhooks/_provider}"
    )
    stored = next(one for one in OBJECTIVES if one.name == "sales-freshness").measure.total
    assert count(stored, PLACES) == "sum:flux.salesstored{environment:prod,service:sync}.as_count()"


def test_the_dashboard_shows_every_objective() -> None:
    (board,) = dashboards(WITH_DATADOG, dict.fromkeys(slos(WITH_DATADOG, PLACES), "id"), PLACES).values()
    assert all(name in json.dumps(board) for name in NAMES)
