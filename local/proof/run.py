"""The six proofs, in order: each runs on the deployed platform and prints what it counted."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

from .. import machine
from ..console import StepFailed, say, step
from ..platform import Platform
from ..toolkit import Assembly
from .changes import BAD, GOOD
from .forecasts import an_owner_reads_their_own, the_night_forecasts_once
from .releases import Release, release
from .sales import bad_input_stays_out, sales_arrive_once

EVENTS_PER_RESTAURANT = 25
NEIGHBOURS = 10


def prove(platform: Platform) -> None:
    """Run and print all six proofs.

    Raises:
        StepFailed: a proof does not hold.
    """
    say("\nProof, on the platform as deployed")
    for proof in PROOFS:
        proof(platform)


def _require(*, holds: bool, proof: object) -> None:
    if not holds:
        raise StepFailed(f"the proof does not hold: {proof}", remedy="find the cause; the platform is not fit to ship")


def _sales(platform: Platform) -> None:
    with step("1. signed sales of two restaurants, each event delivered twice"):
        proof = sales_arrive_once(platform, events=EVENTS_PER_RESTAURANT)
        _require(holds={rows for rows, _ in proof.values()} == {EVENTS_PER_RESTAURANT}, proof=proof)
    for name, (rows, items) in proof.items():
        say(f"       {name}: {EVENTS_PER_RESTAURANT} events x 2 deliveries -> {rows} transactions, {items} items")


def _bad_input(platform: Platform) -> None:
    with step("2. a forged signature, and a poison message among good ones"):
        proof = bad_input_stays_out(platform, neighbours=NEIGHBOURS)
        _require(
            holds=(proof.forged_status, proof.forged_rows) == (401, 0)
            and (proof.poison_in_dead_letters, proof.others_there) == (1, 0)
            and proof.neighbours_stored == NEIGHBOURS,
            proof=proof,
        )
    say(f"       forged signature -> {proof.forged_status}, {proof.forged_rows} rows")
    say(
        f"       poison -> {proof.poison_in_dead_letters} in the dead-letter queue, {proof.others_there} other, "
        f"{proof.neighbours_stored} of {NEIGHBOURS} neighbours stored"
    )


def _night(platform: Platform) -> None:
    with step("3. the nightly tick, twice"):
        first, second = the_night_forecasts_once(platform)
        _require(holds=first == second and min(first.values()) > 0, proof=(first, second))
    for name, rows in first.items():
        say(f"       {name}: {rows} forecasts from {datetime.now(UTC):%Y-%m-%d}; after the second tick {second[name]}")


def _reading(platform: Platform) -> None:
    with step("4. the site, and an owner's forecasts, through CloudFront"):
        proof = an_owner_reads_their_own(platform)
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


def _releases(platform: Platform) -> None:
    """Try them once for each state of the templates, which name every artifact by its hash."""
    templates = b"".join(path.read_bytes() for path in sorted(machine.ASSEMBLY.rglob("*.template.json")))
    seen = machine.STATE / f"releases-{hashlib.sha256(templates).hexdigest()[:16]}.txt"
    if seen.exists():
        tried = datetime.fromtimestamp(seen.stat().st_mtime, UTC).astimezone()
        say(f"  5. releases of the api: nothing has changed since they were tried at {tried:%H:%M}")
    else:
        seen.write_text("\n".join(_try_releases(platform)))
    for line in seen.read_text().splitlines():
        say(f"       {line}")


def _try_releases(platform: Platform) -> list[str]:
    with step("5. a bad release of the api, a good one, and the one of this folder again, under load"):
        bad = release(platform, BAD)
        good = release(platform, GOOD)
        own = release(platform, None)
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


def _no_difference(_: Platform) -> None:
    with step("6. cdk diff 'Flux-local/*' --fail"):
        difference = Assembly(folder=machine.ASSEMBLY).difference()
        _require(holds=difference is None, proof=difference)
    say("       no difference between what is deployed and this folder")


PROOFS: tuple[Callable[[Platform], None], ...] = (
    _sales,
    _bad_input,
    _night,
    _reading,
    _releases,
    _no_difference,
)
