"""What is simulated: every design on the same traffic, over the range that Flux may meet."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flux_infra.environments import PROD

from .clock import MINUTE
from .designs import DOCUMENT_CANARY, Outcome, alarms_only, document, good_release, slow_release, with_gate
from .traffic import Scenario, Traffic

RATES = (0.1, 0.5, 1, 2, 5, 10, 30, 100, 300, 1_000, 3_000)  # requests per second
SHARES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)  # of requests that fail
FACTORS = (2, 3, 5, 10)  # times as slow
BACKGROUND = 0.001  # of requests fail in any version

# What the targets are about: a release that fails 5 % or more, at 5 requests/s or more.
TARGET_RATES = tuple(rate for rate in RATES if rate >= 5)
TARGET_SHARES = tuple(share for share in SHARES if share >= 0.05)

SEED = 20_251_123


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One scenario: the document's design, our alarms without the gate, and ours as a whole."""

    scenario: Scenario
    document: Outcome
    alarms: Outcome
    gated: Outcome


@dataclass(frozen=True, kw_only=True)
class Targets:
    """The worst case of each target, for ours as a whole and for our alarms alone.

    rolled_back: least share of bad releases that are rolled back.
    failed_ratio: greatest ratio of failed user requests to those of the document's design.
    false_rollbacks: greatest share of good releases that are rolled back.
    """

    rolled_back: float
    failed_ratio: float
    false_rollbacks: float


def bad_releases(rates: Iterable[float], shares: Iterable[float], *, runs: int) -> list[Comparison]:
    """Releases that fail, where nothing else does: the document's alarm is not yet deafened by background errors."""
    scenarios = [Scenario(requests_per_second=rate, failing_share=share) for share in shares for rate in rates]
    return [_compare(scenario, seed=SEED + number, runs=runs) for number, scenario in enumerate(scenarios)]


def good_releases(rates: Iterable[float], *, runs: int) -> list[Comparison]:
    """Releases that change nothing, among background errors; `gated` and `alarms` include the latency alarm."""
    found = []
    for number, rate in enumerate(rates):
        scenario = Scenario(requests_per_second=rate, failing_share=0, background_share=BACKGROUND)
        traffic = Traffic.draw(scenario, runs=runs, seed=SEED - 1 - number)
        found.append(
            Comparison(
                scenario=scenario,
                document=document(traffic),
                alarms=good_release(traffic, PROD, seed=SEED, gated=False),
                gated=good_release(traffic, PROD, seed=SEED, gated=True),
            )
        )
    return found


def slow_releases(rates: Iterable[float], factor: float, *, runs: int) -> list[tuple[Outcome, Outcome]]:
    """Releases that are slower: by traffic, with our alarms alone and with the gate."""
    found = []
    for number, rate in enumerate(rates):
        traffic = Traffic.draw(Scenario(requests_per_second=rate, failing_share=0), runs=runs, seed=SEED + number)
        alarms, gated = (slow_release(traffic, PROD, factor=factor, seed=SEED, gated=gated) for gated in (False, True))
        found.append((alarms, gated))
    return found


def variations(rates: Iterable[float], share: float, *, runs: int) -> dict[str, list[Outcome]]:
    """How much hangs on the canary's length and on CloudWatch's delay, by what is different for our alarms alone."""
    scenarios = [Scenario(requests_per_second=rate, failing_share=share) for rate in rates]
    prompt, late = (
        [
            Traffic.draw(scenario, runs=runs, seed=SEED + number, extra_delay=extra_delay)
            for number, scenario in enumerate(scenarios)
        ]
        for extra_delay in (0, 2 * MINUTE)
    )
    return {
        "as designed": [alarms_only(each, PROD) for each in prompt],
        "canary of 5 minutes": [alarms_only(each, PROD, canary=DOCUMENT_CANARY) for each in prompt],
        "datapoints 2 minutes later": [alarms_only(each, PROD) for each in late],
    }


def targets(bad: Iterable[Comparison], good: Iterable[Comparison]) -> tuple[Targets, Targets]:
    """The worst cases: of ours as a whole, and of our alarms alone."""
    bad, good = list(bad), list(good)

    def worst(design: Callable[[Comparison], Outcome]) -> Targets:
        return Targets(
            rolled_back=min(design(each).rolled_back for each in bad),
            failed_ratio=max(design(each).failed / each.document.failed for each in bad),
            false_rollbacks=max(design(each).rolled_back for each in good),
        )

    return worst(lambda each: each.gated), worst(lambda each: each.alarms)


def _compare(scenario: Scenario, *, seed: int, runs: int) -> Comparison:
    traffic = Traffic.draw(scenario, runs=runs, seed=seed)
    return Comparison(
        scenario=scenario,
        document=document(traffic),
        alarms=alarms_only(traffic, PROD),
        gated=with_gate(traffic, PROD, seed=seed),
    )
