"""Random traffic during one release, the same for every design that is compared."""

from dataclasses import dataclass

import numpy as np

from .clock import HISTORY, MINUTE, SLOT_SECONDS, Clock, Counts

CANARY_SHARE = 0.1  # both designs send a tenth of the requests to the new version first
LONGEST_CANARY = 10 * MINUTE  # slots


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What is released into which traffic.

    requests_per_second: of the whole function.
    failing_share: of the new version's requests that fail because of the release.
    background_share: of all requests, those that fail in every version.
    """

    requests_per_second: float
    failing_share: float
    background_share: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """Requests by run and slot of ten seconds; the first HISTORY slots lie before the release.

    canary: requests of the tenth that the new version answers.
    broken: those of them that fail because of the release.
    background: those of them that fail in any version.
    others: failures of the nine tenths that the old version answers.
    """

    scenario: Scenario
    clock: Clock
    canary: Counts
    broken: Counts
    background: Counts
    others: Counts

    @classmethod
    def draw(cls, scenario: Scenario, *, runs: int, seed: int, extra_delay: int = 0) -> "Traffic":
        """Poisson arrivals, independent failures."""
        random = np.random.default_rng(seed)
        shape = (runs, HISTORY + LONGEST_CANARY + MINUTE)
        each_slot = scenario.requests_per_second * SLOT_SECONDS
        clock = Clock.draw(random, runs, extra_delay=extra_delay)
        canary = random.poisson(each_slot * CANARY_SHARE, shape)
        broken = random.binomial(canary, scenario.failing_share)
        broken[:, :HISTORY] = 0
        background = random.binomial(canary - broken, scenario.background_share)
        others = random.poisson(each_slot * (1 - CANARY_SHARE) * scenario.background_share, shape)
        return cls(scenario=scenario, clock=clock, canary=canary, broken=broken, background=background, others=others)

    @property
    def runs(self) -> int:
        """How many releases."""
        return int(self.canary.shape[0])

    def by_new_version(self, slots: Counts) -> Counts:
        """The same counts without those before the release, when the tenth went to the old version, too."""
        counted = slots.copy()
        counted[:, :HISTORY] = 0
        return counted
