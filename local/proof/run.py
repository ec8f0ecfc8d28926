"""The six proofs, in order: each runs on the deployed platform and prints what it counted."""

from collections.abc import Callable

from .. import machine
from ..console import StepFailed, say, step
from ..demo import Demo
from ..platform import Platform
from ..toolkit import Assembly
from .changes import BAD, GOOD
from .forecasts import an_owner_reads_their_own, the_night_forecasts_once
from .memory import Memory
from .releases import Release, release
from .sales import bad_input_stays_out, sales_arrive_once

EVENTS_PER_RESTAURANT = 25
NEIGHBOURS = 10


class ProofFailed(StepFailed):
    """The platform did something else than it should have."""

    def __init__(self, proof: object) -> None:
        super().__init__(f"the proof does not hold: {proof}", remedy="find the cause; the platform is not fit to ship")


def prove(platform: Platform, demo: Demo) -> None:
    """Run and print all six proofs.

    Raises:
        StepFailed: a proof does not hold.
    """
    say("\nProof, on the platform as deployed")
    for proof in PROOFS:
        proof(platform, demo)


def _require(*, holds: bool, proof: object) -> None:
    if not holds:
        raise ProofFailed(proof)


def _sales(platform: Platform, _: Demo) -> None:
    with step("1. signed sales of two restaurants, each event delivered twice"):
        proof = sales_arrive_once(platform, events=EVENTS_PER_RESTAURANT)
        _require(holds=set(proof.transactions.values()) == {proof.events}, proof=proof)
    for name, rows in proof.transactions.items():
        say(f"       {name}: {proof.events} events x 2 deliveries -> {rows} transactions, {proof.items[name]} items")


def _bad_input(platform: Platform, _: Demo) -> None:
    with step("2. a forged signature, and a poison message among good ones"):
        proof = bad_input_stays_out(platform, neighbours=NEIGHBOURS)
        _require(
            holds=(proof.forged_status, proof.forged_rows) == (401, 0)
            and (proof.poison_in_dead_letters, proof.others_there) == (1, 0)
            and proof.neighbours_stored == proof.neighbours_sent,
            proof=proof,
        )
    say(f"       forged signature -> {proof.forged_status}, {proof.forged_rows} rows")
    say(
        f"       poison -> {proof.poison_in_dead_letters} in the dead-letter queue, {proof.others_there} other, "
        f"{proof.neighbours_stored} of {proof.neighbours_sent} neighbours stored"
    )


def _night(platform: Platform, _: Demo) -> None:
    with step("3. the nightly tick, twice"):
        proof = the_night_forecasts_once(platform)
        _require(holds=proof.first == proof.second and min(proof.first.values()) > 0, proof=proof)
    for name, rows in proof.first.items():
        say(f"       {name}: {rows} forecasts from {proof.business_date}; after the second tick {proof.second[name]}")


def _reading(platform: Platform, demo: Demo) -> None:
    with step("4. the site, and an owner's forecasts, through CloudFront"):
        proof = an_owner_reads_their_own(platform, demo)
        _require(
            holds=proof.site_status == 200
            and proof.site_is_html
            and proof.forecasts > 0
            and (proof.others_dishes, proof.without_token) == (0, 401),
            proof=proof,
        )
    say(
        f"       site {proof.site_status}; owner reads {proof.forecasts} forecasts, {proof.others_dishes} of another "
        f"restaurant; without a token {proof.without_token}"
    )


def _releases(platform: Platform, demo: Demo) -> None:
    memory = Memory.of(Assembly(folder=machine.ASSEMBLY))
    if memory.lines:
        say(f"  5. releases of the api: nothing has changed since they were tried at {memory.tried_at}")
    else:
        memory.keep(_try_releases(platform, demo))
    for line in memory.lines:
        say(f"       {line}")


def _try_releases(platform: Platform, demo: Demo) -> list[str]:
    with step("5. a bad release of the api, a good one, and the one of this folder again, under load"):
        bad = release(platform, demo, BAD)
        good = release(platform, demo, GOOD)
        own = release(platform, demo, None)
        _require(
            holds=bad.from_version == bad.to_version
            and bad.status == "Stopped"
            and "flux-local-api-release" in bad.reason
            and bad.during.failed > 0
            and bad.after.failed == 0
            and all(promoted.to_version != promoted.from_version for promoted in (good, own))
            and all(promoted.status == "Succeeded" for promoted in (good, own))
            and good.during.failed + own.during.failed + good.after.failed + own.after.failed == 0,
            proof=(bad, good, own),
        )
    return [f"{name}: {_told(seen)}" for name, seen in (("bad", bad), ("good", good), ("own", own))]


def _told(seen: Release) -> str:
    move = (
        f"live {seen.from_version} -> {seen.to_version}"
        if seen.from_version != seen.to_version
        else f"live stays {seen.to_version}"
    )
    reason = f" ({seen.reason})" if seen.reason else ""
    return (
        f"{seen.deployment_id} {seen.status}, {move}; meanwhile {seen.during.failed} of {seen.during.total} requests "
        f"failed, afterwards {seen.after.failed} of {seen.after.total}{reason}"
    )


def _no_difference(_: Platform, __: Demo) -> None:
    with step("6. cdk diff 'Flux-local/*' --fail"):
        difference = Assembly(folder=machine.ASSEMBLY).difference()
        if difference is not None:
            raise ProofFailed(difference)
    say("       no difference between what is deployed and this folder")


PROOFS: tuple[Callable[[Platform, Demo], None], ...] = (
    _sales,
    _bad_input,
    _night,
    _reading,
    _releases,
    _no_difference,
)
