"""A new model may not be worse than the live one beyond the margin."""

import dataclasses
import json
import math
from pathlib import Path

import pytest

from build.errors import BuildError
from build.model import refuse_if_worse
from model.acceptance import LIVE_METRICS, MARGIN, Metrics, WorseModelError, refuse_worse
from model.package import pack
from model.train import HELD_OUT

LIVE = Metrics(version="weekday-live", held_out='{"seed": 2}', wape=0.25)


def candidate(wape: float) -> Metrics:
    return dataclasses.replace(LIVE, version="weekday-new", wape=wape)


def test_a_better_an_equal_and_a_slightly_worse_model_may_be_released() -> None:
    for wape in (0.2, 0.25, 0.25 * (1 + MARGIN)):
        refuse_worse(candidate(wape), LIVE)


def test_a_worse_model_is_refused_with_both_numbers_and_the_remedy() -> None:
    with pytest.raises(WorseModelError) as refused:
        refuse_worse(candidate(0.26), LIVE)
    for words in ("weekday-new", "0.2600", "weekday-live", "0.2500", "at most 0.2525", "model.acceptance"):
        assert words in str(refused.value)


def test_a_model_whose_forecasts_are_no_numbers_is_refused() -> None:
    with pytest.raises(WorseModelError, match="forecasts are no numbers"):
        refuse_worse(candidate(math.nan), LIVE)


def test_errors_on_other_restaurants_are_not_compared() -> None:
    with pytest.raises(WorseModelError, match="judged on restaurants"):
        refuse_worse(dataclasses.replace(candidate(0.1), held_out='{"seed": 3}'), LIVE)


def test_the_build_stops_at_a_worse_model(tmp_path: Path) -> None:
    metrics = {"model_version": "weekday-bad", "held_out": HELD_OUT, "model": {"wape": 0.5}}
    (tmp_path / "model.tar.gz").write_bytes(pack({"metrics.json": json.dumps(metrics).encode()}))
    with pytest.raises(BuildError, match=r"weekday-bad has a held-out error \(WAPE\) of 0\.5000"):
        refuse_if_worse(tmp_path)


def test_the_live_models_record_is_readable_and_comparable() -> None:
    live = Metrics.parse(LIVE_METRICS.read_bytes())
    assert json.loads(live.held_out) == HELD_OUT
    assert 0 < live.wape < 1
