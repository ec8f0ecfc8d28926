from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ops.releases import ROLLBACK, Deployment, LiveFunction
from ops.rollback_functions import released_last

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def deployment(current: str, target: str, *, hours: float = 0, status: str = "Succeeded") -> Deployment:
    ended = NOON + timedelta(hours=hours)
    return Deployment(
        identifier=f"d-{current}-{target}",
        status=status,
        current=current,
        target=target,
        creator="CloudFormation",
        description="",
        reason="",
        began=ended,
        ended=ended,
    )


def function(version: str, *deployments: Deployment, name: str = "api") -> LiveFunction:
    return LiveFunction(name=name, function=f"flux-{name}", version=version, templated=version, deployments=deployments)


def test_the_version_before_a_release_is_the_one_that_was_live_not_the_one_that_was_numbered_before() -> None:
    live = function("6", deployment("4", "6"), deployment("4", "5", status="Stopped"), deployment("3", "4"))
    assert live.release is not None
    assert live.release.current == "4"


def test_going_back_twice_does_not_go_forth_again() -> None:
    back = replace(deployment("6", "4", hours=1), description=f"{ROLLBACK} 6 -> 4 by someone", creator="user")
    live = function("4", back, deployment("4", "6"), deployment("3", "4"))
    assert live.release is not None
    assert live.release.current == "3"
    assert live.since == back.ended


def test_what_codedeploy_took_back_by_itself_is_no_release() -> None:
    taken_back = replace(deployment("5", "4", hours=1), creator="codeDeployRollback")
    assert function("4", taken_back, deployment("4", "5", status="Stopped")).release is None


def test_a_deployment_that_has_not_ended_is_running() -> None:
    assert function("4", deployment("4", "5", status="InProgress")).running is not None
    assert function("4", deployment("4", "5", status="Failed")).running is None


def test_workers_released_together_go_back_together() -> None:
    sync = function("5", deployment("4", "5"), name="sync")
    forecast = function("3", deployment("2", "3", hours=0.1), name="forecast")
    assert released_last([sync, forecast]) == [sync, forecast]


def test_a_worker_that_the_last_release_left_alone_stays() -> None:
    sync = function("5", deployment("4", "5"), name="sync")
    forecast = function("3", deployment("2", "3", hours=-48), name="forecast")
    assert released_last([sync, forecast]) == [sync]
