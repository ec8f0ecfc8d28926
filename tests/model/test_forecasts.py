"""What the served model forecasts."""

from datetime import date, timedelta

import pytest

from model.code.inference import Instance, Model, Parameters, predict_fn

MODEL = Model(
    version="test",
    parameters=Parameters(
        level_half_life=21,
        weekday_half_life=120,
        pooling=8,
        dispersion=1.5,
        dispersion_days=14,
        lower_z=1.4,
        upper_z=1.4,
    ),
)
START = date(2026, 11, 23)  # a Monday
SUNDAY = 6


def item(sold: dict[date, float], name: str = "soup", days: int = 7) -> Instance:
    return Instance(menu_item_id=name, sold=sold, start=START, days=days)


def past(days: int) -> list[date]:
    return [START - timedelta(days=ago) for ago in range(days, 0, -1)]


def quantities(*items: Instance) -> list[list[float]]:
    return [[float(day["quantity"]) for day in forecasts] for forecasts in forecasts_of(*items)]


def forecasts_of(*items: Instance) -> list[list[dict[str, float]]]:
    predictions = predict_fn(items, MODEL)["predictions"]
    assert isinstance(predictions, list)
    return [prediction["forecasts"] for prediction in predictions]


def test_what_sells_the_same_every_day_is_forecast_to_go_on() -> None:
    assert quantities(item(dict.fromkeys(past(90), 10.0))) == [[10.0] * 7]


def test_a_busy_weekday_is_forecast_busy() -> None:
    sold = {day: 30.0 if day.weekday() == 4 else 10.0 for day in past(90)}
    [week] = quantities(item(sold))
    assert week[4] == max(week)
    assert week[4] == pytest.approx(30, rel=0.05)


def test_recent_sales_count_more_than_old_ones() -> None:
    sold = {day: 10.0 if number < 45 else 20.0 for number, day in enumerate(past(90))}
    [week] = quantities(item(sold))
    assert all(quantity > 15 for quantity in week)


def test_the_drivers_multiply_to_the_quantity() -> None:
    sold = {day: 5.0 + 2 * day.weekday() + number / 10 for number, day in enumerate(past(90))}
    predictions = predict_fn([item(sold)], MODEL)["predictions"]
    assert isinstance(predictions, list)
    for day in predictions[0]["forecasts"]:
        drivers = day["drivers"]
        assert drivers["average"] * drivers["trend"] * drivers["weekday"] == pytest.approx(day["quantity"], rel=0.005)


def test_nothing_is_forecast_for_a_closing_day() -> None:
    sold = {day: 10.0 for day in past(90) if day.weekday() != SUNDAY}
    [week] = forecasts_of(item(sold))
    assert (week[6]["quantity"], week[6]["lower"], week[6]["upper"]) == (0.0, 0.0, 0.0)
    assert week[0]["quantity"] == pytest.approx(10)


def test_a_restaurant_that_opens_on_its_closing_day_again_gets_forecasts_for_it() -> None:
    sold = {day: 10.0 for day in past(90) if day.weekday() != SUNDAY or (START - day).days < 8}
    [week] = quantities(item(sold))
    assert week[6] > 0


def test_a_closed_week_is_not_taken_for_a_lack_of_guests() -> None:
    holiday = past(90)[40:47]
    sold = {day: 10.0 for day in past(90) if day not in holiday}
    assert quantities(item(sold)) == [[10.0] * 7]


def test_an_item_that_few_guests_order_counts_its_days_without_a_sale() -> None:
    bread = item(dict.fromkeys(past(90), 50.0), "bread")
    caviar = item(dict.fromkeys(past(90)[::9], 1.0), "caviar")
    _, week = quantities(bread, caviar)
    assert sum(week) == pytest.approx(7 / 9, rel=0.3)


def test_a_new_item_is_judged_from_its_first_day_on() -> None:
    bread = item(dict.fromkeys(past(90), 50.0), "bread")
    special = item(dict.fromkeys(past(5), 20.0), "special")
    _, week = quantities(bread, special)
    assert week == [pytest.approx(20, rel=0.01)] * 7


def test_a_new_item_takes_its_week_from_the_restaurant() -> None:
    bread = item({day: 90.0 if day.weekday() == 5 else 30.0 for day in past(90)}, "bread")
    special = item({START - timedelta(days=3): 20.0}, "special")
    _, week = quantities(bread, special)
    assert week[5] == max(week)
    assert week[5] > 2 * week[0]


def test_without_history_nothing_is_promised() -> None:
    [week] = forecasts_of(item({}))
    assert [(day["quantity"], day["lower"], day["upper"]) for day in week] == [(0.0, 0.0, 0.0)] * 7


def test_a_single_day_of_history_is_enough_to_answer() -> None:
    [week] = forecasts_of(item({START - timedelta(days=1): 4.0}))
    assert all(day["lower"] <= day["quantity"] <= day["upper"] for day in week)
    assert all(day["quantity"] > 0 for day in week)


def test_a_moody_item_has_a_wider_interval() -> None:
    steady = item(dict.fromkeys(past(90), 20.0), "steady")
    moody = item({day: 5.0 if day.toordinal() % 2 else 35.0 for day in past(90)}, "moody")
    [steady_day, *_], [moody_day, *_] = forecasts_of(steady, moody)
    assert moody_day["upper"] - moody_day["lower"] > 2 * (steady_day["upper"] - steady_day["lower"])


def test_the_days_asked_for_are_answered_in_order() -> None:
    [week] = forecasts_of(item({}, days=3))
    assert [str(day["date"]) for day in week] == ["2026-11-23", "2026-11-24", "2026-11-25"]
