"""The simulation's results as tables in Markdown."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from flux_infra.config import FluxConfig

from .alarms import DOCUMENT_ERRORS, DOCUMENT_MINUTES
from .clock import MINUTE
from .designs import DOCUMENT_CANARY, OUR_CANARY, Outcome
from .study import SHARES, Comparison, Targets

DESIGNS: Sequence[tuple[str, Callable[[Comparison], Outcome]]] = (
    ("document", lambda each: each.document),
    ("alarms", lambda each: each.alarms),
    ("with gate", lambda each: each.gated),
)


def design_table(config: FluxConfig) -> str:
    """What the three designs do, in the numbers that are deployed."""
    sustained, gate = config.release_thresholds.sustained, config.release_thresholds.gate
    failures = (
        f"burst: failures ≥ {config.rollback_errors} and ≥ {config.rollback_error_percent:g} % of invocations in 60 s; "
        f"sustained: failures minus {100 * sustained.tolerated_share:g} % of invocations ≥ {sustained.count:g} in "
        f"{sustained.window_seconds} s"
    )
    asked = (
        f"{gate.requests} requests to the new version; refused at {gate.refused_at} failures, at one that fails twice "
        f"in a row, or when they take {gate.pace_factor:g} times as long as the live version's and "
        f"{gate.pace_grace_ms:g} ms more"
    )
    minutes, objective = config.release_thresholds.latency.minutes, config.functions.api.release_p99_seconds
    ours = f"10 % for {OUR_CANARY // MINUTE} min"
    return _table(
        ("", "deployment document", "ours, alarms alone", "ours with the gate"),
        [
            ("before traffic", "-", "-", asked),
            ("canary", f"10 % for {DOCUMENT_CANARY // MINUTE} min", ours, ours),
            ("alarms watch", "the function", "the executed version", "the executed version"),
            ("failures", f"Sum > {DOCUMENT_ERRORS} in {60 * DOCUMENT_MINUTES} s", failures, "the same"),
            ("latency", "-", f"p99 > {objective:g} s in {minutes} of {minutes} minutes", "the same"),
        ],
    )


def target_table(ours: Targets, alarms: Targets) -> str:
    """What was asked, and the worst case that the simulation finds."""
    return _table(
        ("target", "asked", "ours with the gate", "alarms alone"),
        [
            ("bad release rolled back", "≥ 99 %", percent(ours.rolled_back), percent(alarms.rolled_back)),
            (
                "failed user requests, of the document's design's",
                "≤ 20 %",
                percent(ours.failed_ratio),
                percent(alarms.failed_ratio),
            ),
            ("good release rolled back", "≤ 0.5 %", percent(ours.false_rollbacks), percent(alarms.false_rollbacks)),
        ],
    )


def rolled_back_table(bad: Sequence[Comparison]) -> str:
    """Share of runs rolled back: document / alarms alone / with gate."""
    return _grid(bad, lambda each: " / ".join(f"{get(each).rolled_back * 100:.0f}" for _, get in DESIGNS))


def seconds_table(bad: Sequence[Comparison]) -> str:
    """Median seconds until the rollback: document / alarms alone."""
    return _grid(bad, lambda each: " / ".join(_seconds(get(each)) for _, get in DESIGNS[:2]))


def failed_table(bad: Sequence[Comparison]) -> str:
    """Mean of user requests that failed: document / alarms alone / with gate."""
    return _grid(bad, lambda each: " / ".join(amount(get(each).failed) for _, get in DESIGNS))


def false_table(good: Iterable[Comparison]) -> str:
    """Good releases that were rolled back, or could not begin."""
    return _table(
        ("requests/s", "document", "of these refused at once", "alarms", "with gate"),
        [
            (
                f"{each.scenario.requests_per_second:g}",
                percent(each.document.rolled_back),
                percent(each.document.blocked),
                percent(each.alarms.rolled_back),
                percent(each.gated.rolled_back),
            )
            for each in good
        ],
    )


def slow_table(rates: Sequence[float], slow: Iterable[tuple[float, list[tuple[Outcome, Outcome]]]]) -> str:
    """Slow releases rolled back: alarms alone / with gate."""
    return _table(
        ("times as slow", *(f"{rate:g}/s" for rate in rates)),
        [
            (
                f"x{factor:g}",
                *(f"{alone.rolled_back * 100:.0f} / {gated.rolled_back * 100:.0f}" for alone, gated in outcomes),
            )
            for factor, outcomes in slow
        ],
    )


def variation_table(rates: Sequence[float], varied: Mapping[str, Sequence[Outcome]]) -> str:
    """Our alarms alone under other circumstances."""
    return _table(
        ("", *(f"{rate:g}/s" for rate in rates)),
        [(name, *(percent(outcome.rolled_back) for outcome in outcomes)) for name, outcomes in varied.items()],
    )


def percent(share: float) -> str:
    """Like `0.13 %` or `99.7 %`."""
    return f"{share * 100:.2f} %" if share < 0.01 else f"{share * 100:.1f} %"


def amount(number: float) -> str:
    """Three digits that matter, thousands separated."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}"


def _seconds(outcome: Outcome) -> str:
    # A handful of lucky runs is no answer to "how long".
    return "-" if outcome.median_seconds is None or outcome.rolled_back < 0.01 else f"{outcome.median_seconds:.0f}"


def _grid(bad: Sequence[Comparison], cell: Callable[[Comparison], str]) -> str:
    rates = sorted({each.scenario.requests_per_second for each in bad})
    by_place = {(each.scenario.requests_per_second, each.scenario.failing_share): each for each in bad}
    return _table(
        ("requests/s", *(f"{share * 100:g} % fail" for share in SHARES)),
        [(f"{rate:g}", *(cell(by_place[rate, share]) for share in SHARES)) for rate in rates],
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
