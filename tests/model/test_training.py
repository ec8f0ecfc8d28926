"""Training: what it chooses, how good that is on restaurants it never saw, and what it packs."""

import io
import json
import tarfile

import pytest

from model.package import files, pack
from model.restaurants import make_restaurants
from model.train import Trained, train


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train()


def test_the_model_is_clearly_better_than_last_week_again(trained: Trained) -> None:
    assert trained.held_out.wape < 0.8 * trained.last_week.wape


def test_the_model_is_better_than_the_mean_of_four_weeks(trained: Trained) -> None:
    assert trained.held_out.wape < 0.92 * trained.last_month.wape


def test_four_days_in_five_fall_into_the_interval(trained: Trained) -> None:
    assert 0.77 <= trained.held_out.coverage <= 0.83


def test_the_interval_is_sharper_than_the_range_of_four_weeks(trained: Trained) -> None:
    assert trained.held_out.pinball_lower < trained.last_month.pinball_lower
    assert trained.held_out.pinball_upper < trained.last_month.pinball_upper


def test_forecasts_are_neither_high_nor_low_on_the_whole(trained: Trained) -> None:
    assert abs(trained.held_out.bias) < 0.02


def test_the_same_seed_makes_the_same_restaurants_and_another_seed_others() -> None:
    assert make_restaurants(2, seed=7) == make_restaurants(2, seed=7)
    assert make_restaurants(2, seed=7)[0].sold != make_restaurants(2, seed=8)[0].sold


def test_the_same_training_packs_the_same_bytes(trained: Trained) -> None:
    assert pack(files(trained)) == pack(files(trained))


def test_the_artifact_is_laid_out_as_sagemakers_script_mode_expects(trained: Trained) -> None:
    with tarfile.open(fileobj=io.BytesIO(pack(files(trained)))) as archive:
        members = archive.getmembers()
        contents = {member.name: archive.extractfile(member) for member in members}
    assert [member.name for member in members] == ["code/inference.py", "metrics.json", "parameters.json"]
    assert all((member.mtime, member.uid, member.uname) == (0, 0, "") for member in members)
    assert contents["metrics.json"] is not None


def test_the_metrics_say_what_they_were_measured_on(trained: Trained) -> None:
    metrics = json.loads(files(trained)["metrics.json"])
    assert metrics["held_out"] != metrics["chosen_on"]
    assert "synthetic" in metrics["data"]
    assert metrics["model"]["wape"] < metrics["same_weekday_last_week"]["wape"]


def test_the_version_names_the_code_and_the_parameters(trained: Trained) -> None:
    other = Trained(
        parameters=trained.parameters._replace(pooling=3.0),
        held_out=trained.held_out,
        last_week=trained.last_week,
        last_month=trained.last_month,
    )
    version = json.loads(files(trained)["parameters.json"])["model_version"]
    assert version.startswith("weekday-")
    assert json.loads(files(other)["parameters.json"])["model_version"] != version
