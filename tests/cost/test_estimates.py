"""What environments cost: that nothing is left out, and that it is no more than was agreed."""

import json

import pytest

from cost.__main__ import main as accept
from cost.accepted import ACCEPTED, estimates_of, read_estimates, written
from cost.budget import budget_usd, fits
from cost.estimate import estimate, free_types
from cost.meters import METERS
from cost.prices import PriceError, price_of, prices
from cost.traffic import TrafficError
from flux_infra.config.account_baseline import AccountBaseline
from flux_infra.environments import account_baselines
from policy.model import WrittenStack
from tests.cost.conftest import Stages

MOST_USD = 150
METER_FILES = list((ACCEPTED.parent / "meters").glob("*.py"))


def stack(resource_type: str, properties: dict[str, str] | None = None, *, stage: str = "prod") -> WrittenStack:
    return WrittenStack(
        name=f"Flux-{stage}-Compute",
        stage=stage,
        layer="Compute",
        account="333333333333",
        region="us-east-1",
        template={"Resources": {"Thing": {"Type": resource_type, "Properties": properties or {}}}},
        paths={},
        termination_protection=True,
        tags={},
        known=True,
        deployed={},
    )


@pytest.mark.parametrize("name", ["prod", "staging", "dev", "pr-7", "everything"])
def test_everything_that_an_environment_holds_has_a_price_or_a_reason_for_having_none(
    name: str, stages: Stages
) -> None:
    assert estimate(stages[name]).usd > 0


def test_a_type_that_nobody_has_priced_is_an_error_with_its_remedy() -> None:
    with pytest.raises(
        PriceError, match=r"Compute/Thing: what a AWS::Neptune::DBCluster costs.*cost/meters/.*free\.toml"
    ):
        estimate([stack("AWS::Neptune::DBCluster")])


def test_no_type_is_both_metered_and_free() -> None:
    assert METERS.keys() & free_types().keys() == set()


def test_an_instance_class_without_a_price_is_an_error_with_its_remedy() -> None:
    with pytest.raises(PriceError, match=r"db\.r7g\.48xlarge: has no price; add a row .* to cost/prices\.toml"):
        estimate([stack("AWS::RDS::DBInstance", {"DBInstanceClass": "db.r7g.48xlarge"})])


@pytest.mark.parametrize(
    ("one", "message"),
    [
        (stack("AWS::SQS::Queue", stage="perf"), r"perf: its traffic is not known; .*cost/traffic\.py"),
        (
            stack("AWS::Lambda::Function", {"Environment": {"Variables": {"POWERTOOLS_SERVICE_NAME": "x"}}}),  # type: ignore[dict-item]
            r"x: how often it runs is not known; .*cost/traffic\.py",
        ),
    ],
)
def test_traffic_that_nobody_has_assumed_is_an_error_with_its_remedy(one: WrittenStack, message: str) -> None:
    with pytest.raises(TrafficError, match=message):
        estimate([one])


@pytest.mark.parametrize("name", ["dev", "pr-7"])
def test_dev_and_each_preview_cost_what_was_agreed_at_the_most(name: str, stages: Stages) -> None:
    assert estimate(stages[name]).usd <= MOST_USD


def test_the_accepted_estimates_are_those_of_the_templates(stages: Stages) -> None:
    ours = {name: stages[name] for name in ("prod", "staging", "dev")}
    assert written(estimates_of(ours)) == ACCEPTED.read_text(), "cost/accepted.json is stale: run 'make accept'"


def test_every_price_of_the_table_is_used() -> None:
    used = {item.price for one in read_estimates().values() for item in one.items}
    named = "".join(file.read_text() for file in METER_FILES)  # for what no environment has today
    assert [name for name in prices() if name not in used and f'"{name}"' not in named] == []


def test_a_price_that_nobody_else_says_is_counted_as_unverified(stages: Stages) -> None:
    prod = estimate(stages["prod"])
    assert prod.unverified == pytest.approx(
        sum(item.usd for item in prod.items if price_of(item.price).source == "memory")
    )
    assert 0 < prod.unverified < prod.usd / 5


@pytest.mark.parametrize("baseline", account_baselines(), ids=lambda baseline: str(baseline.name))
def test_the_budget_of_an_account_is_what_its_environments_cost(baseline: AccountBaseline) -> None:
    wanted = budget_usd(baseline.name, read_estimates().values())
    assert fits(float(baseline.monthly_budget_usd), wanted=wanted), (
        f"{baseline.name}: write monthly_budget_usd=Decimal({wanted}) into flux_infra/environments.py"
    )


def test_accepting_needs_templates_and_says_where_they_come_from(
    capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert accept(["accept", str(tmp_path_factory.mktemp("nothing"))]) == 1
    assert "run 'make synth' first" in capsys.readouterr().err
    assert accept(["show"]) == 2


def test_the_accepted_file_has_one_line_for_each_item() -> None:
    lines = [line for line in ACCEPTED.read_text().splitlines() if line.startswith("    {")]
    assert len(lines) == sum(len(one.items) for one in read_estimates().values())
    assert json.loads(lines[0].rstrip(","))["usd"] > 0
