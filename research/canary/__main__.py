"""Simulates canary releases and writes the tables and plots of docs/canary.md.

    python -m research.canary [--runs N]

The same seed, runs and thresholds give the same bytes. Takes about a minute.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from flux_infra.environments import PROD

from . import plots, study, tables

DOCUMENT = Path(__file__).parents[2] / "docs" / "canary.md"
IMAGES = DOCUMENT.parent / "images"
RUNS = 4_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate, draw, and put the tables where docs/canary.md has marks for them."""
    parser = argparse.ArgumentParser(description="Simulate canary releases; write docs/canary.md's tables and plots.")
    parser.add_argument("--runs", type=int, default=RUNS, help="releases simulated for each cell of a table")
    options = parser.parse_args(arguments)
    bad = study.bad_releases(study.RATES, study.SHARES, runs=options.runs)
    # Rare events need more runs.
    good = study.good_releases(study.RATES, runs=5 * options.runs)
    aimed = [
        each
        for each in bad
        if each.scenario.requests_per_second in study.TARGET_RATES
        and each.scenario.failing_share in study.TARGET_SHARES
    ]
    results = {
        "designs": tables.design_table(PROD),
        "targets": tables.target_table(*study.targets(aimed, good)),
        "rolled-back": tables.rolled_back_table(bad),
        "seconds": tables.seconds_table(bad),
        "failed": tables.failed_table(bad),
        "false": tables.false_table(good),
        "slow": tables.slow_table(
            study.RATES,
            [(factor, study.slow_releases(study.RATES, factor, runs=options.runs)) for factor in study.FACTORS],
        ),
        "variations": tables.variation_table(
            study.TARGET_RATES, study.variations(study.TARGET_RATES, 0.05, runs=options.runs)
        ),
    }
    DOCUMENT.write_text(fill(DOCUMENT.read_text(), results))
    IMAGES.mkdir(exist_ok=True)
    plots.draw(IMAGES, bad=bad, good=good)
    return 0


def fill(document: str, results: dict[str, str]) -> str:
    """Replace what stands between `<!-- name -->` and `<!-- end -->`.

    Raises:
        ValueError: the document has no such mark for a result.
    """
    for name, table in results.items():
        mark, end = f"<!-- {name} -->\n", "<!-- end -->"
        before, found, rest = document.partition(mark)
        _, ended, after = rest.partition(end)
        if not (found and ended):
            raise ValueError(
                f"docs/canary.md has no {mark.strip()!r} with an {end!r} after it; put them where they belong"
            )
        document = f"{before}{mark}\n{table}\n\n{end}{after}"
    return document


if __name__ == "__main__":
    raise SystemExit(main())
