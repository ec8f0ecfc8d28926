"""What a pull request would cost more or less a month: the part of the comment that says so."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from cost.accepted import estimates_of, read_estimates
from cost.comparison import Difference, differences
from cost.prices import PriceError
from cost.traffic import TrafficError
from policy.model import WrittenStack

_MOST_ITEMS = 5
_MOST_ENVIRONMENTS = 20


def costs(stages: Mapping[str, Sequence[WrittenStack]], accepted: Path) -> str:
    """Return a table in Markdown, or nothing where everything costs what it did.

    accepted: cost/accepted.json of the branch that it goes into.
    """
    try:
        found = list(differences(read_estimates(accepted), estimates_of(stages)))
    except (PriceError, TrafficError) as error:
        return f"What this costs is not known: {error.args[0]}"[:1_000]
    return _table(found[:_MOST_ENVIRONMENTS]) if found else ""


def _table(found: Sequence[Difference]) -> str:
    lines = ["| USD a month | before | after | difference | most by |", "|---|---:|---:|---:|---|"]
    for one in found:
        most = ", ".join(f"{change.item} {change.usd:+,.2f}" for change in one.changes[:_MOST_ITEMS])
        amounts = f"{one.before:,.2f} | {one.after:,.2f} | {one.after - one.before:+,.2f}"
        lines.append(f"| {one.environment} | {amounts} | {most} |")
    return "\n".join(lines)
