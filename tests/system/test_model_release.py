"""Releases of the model while it is used, on the deployed local AWS."""

from collections.abc import Callable

from local.proof.forecasts import the_night_forecasts_once
from local.proof.models import (
    ANSWERS_NAN,
    AS_GOOD,
    DOES_NOT_LOAD,
    ModelRelease,
    release_model,
)
from tests.system.conftest import Flux


def figures(name: str, release: ModelRelease) -> str:
    return (
        f"model that {name}: {'refused' if release.refused else 'live'}; user requests failed: "
        f"{release.users.failed} of {release.users.total}; of the model's own: {release.model.failed} of "
        f"{release.model.total}"
    )


def test_a_model_that_is_as_good_goes_live_without_one_failed_request(flux: Flux, show: Callable[[str], None]) -> None:
    the_night_forecasts_once(flux.platform)
    for change in (AS_GOOD, None):  # and back to the model of this folder
        good = release_model(flux.platform, change)
        show(figures("is as good", good))
        assert good.refused == ""
        assert good.to_config != good.from_config
        assert (good.model.failed, good.users.failed, good.afterwards.failed) == (0, 0, 0)


def test_a_model_that_does_not_load_never_gets_a_request(flux: Flux, show: Callable[[str], None]) -> None:
    the_night_forecasts_once(flux.platform)
    broken = release_model(flux.platform, DOES_NOT_LOAD)
    show(figures("does not load", broken))
    assert "weights are missing" in broken.refused
    assert broken.to_config == broken.from_config
    assert (broken.model.failed, broken.users.failed, broken.afterwards.failed) == (0, 0, 0)


def test_a_model_that_answers_nan_is_rolled_back_by_its_alarm_and_the_old_forecasts_stay(
    flux: Flux, show: Callable[[str], None]
) -> None:
    _, before = the_night_forecasts_once(flux.platform)
    nan = release_model(flux.platform, ANSWERS_NAN)
    show(figures("answers NaN", nan))
    assert "alarm flux-local-model-release-errors is in state ALARM" in nan.refused
    assert nan.to_config == nan.from_config
    assert 0 < nan.model.failed < nan.model.total / 2
    assert (nan.users.failed, nan.afterwards.failed) == (0, 0)
    assert the_night_forecasts_once(flux.platform)[0] == before
