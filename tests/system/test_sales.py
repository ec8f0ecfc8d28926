"""Sales, from Square's webhook to PostgreSQL, on the deployed local AWS."""

from local.proof.sales import bad_input_stays_out, sales_arrive_once
from tests.system.conftest import Flux


def test_every_event_is_stored_once_for_its_restaurant_though_it_is_delivered_twice(flux: Flux) -> None:
    proof = sales_arrive_once(flux.platform, events=25)
    assert {name: rows for name, (rows, _) in proof.items()} == {"Trattoria Aurora": 25, "Golden Lotus": 25}
    assert min(items for _, items in proof.values()) > 25


def test_a_forged_event_leaves_no_trace_and_a_poison_message_dies_alone(flux: Flux) -> None:
    proof = bad_input_stays_out(flux.platform, neighbours=10)
    assert (proof.forged_status, proof.forged_rows) == (401, 0)
    assert (proof.poison_in_dead_letters, proof.others_there) == (1, 0)
    assert proof.neighbours_stored == 10
