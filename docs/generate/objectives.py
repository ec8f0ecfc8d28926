"""docs/objectives.md: what Flux promises, how it is measured, and who hears of it."""

from collections.abc import Iterator, Sequence

from flux_infra.monitoring.causes import CAUSES, paging_alarms
from flux_infra.monitoring.objectives import BUDGET_DAYS, OBJECTIVES, Burn, Objective, Series

_PAGE = """<!-- written by `make docs` from flux_infra/monitoring/objectives.py and causes.py -->
# Objectives

What Flux promises, over {days} days. What may fail in that time is the error budget. From this table come alarms,
dashboards and the status page; [decision 60](decisions/0060-objectives-and-who-is-woken-up.md) has the reasons.

| objective | promise | target | measured by | runbook |
|---|---|---|---|---|
{objectives}

## Who hears of it

An alarm fires while the budget is spent this many times too fast in both windows. Its name is
`flux-<environment>-<objective>-<alarm>`. Where there is little traffic a few bad ones are no trend: the long window
must also hold at least as many as the last column says.

| objective | alarm | times too fast | in | and in | budget spent by then | severity | least |
|---|---|---|---|---|---|---|---|
{burns}

## One cause, one page

What fires together, and which of it pages. The quiet ones page if they still fire after it.

| cause | pages | quiet | tickets that tell it from others |
|---|---|---|---|
{causes}
"""


def render_objectives() -> str:
    """Return docs/objectives.md."""
    return _PAGE.format(
        days=BUDGET_DAYS,
        objectives="\n".join(_objective(objective) for objective in OBJECTIVES),
        burns="\n".join(_burn(objective, burn) for objective in OBJECTIVES for burn in objective.burns),
        causes="\n".join(_causes()),
    )


def _objective(objective: Objective) -> str:
    bad = "bad" if objective.measure.bad else "good"
    measured, total = objective.measure.series.values()
    return _row(
        [
            f"`{objective.name}`",
            objective.promise,
            f"{objective.target_percent:g} %",
            f"{bad}: {_series(measured)}; all: {_series(total)}",
            f"[{objective.name}](runbooks/{objective.name}.md)",
        ]
    )


def _series(series: Series) -> str:
    whose = [str(value) for name, value in series.dimensions.items() if name in ("service", "Method", "Resource")]
    statistic = "" if series.statistic == "Sum" else f" {series.statistic}"
    return f"`{series.namespace} {series.name}{statistic}` of `{' '.join(whose)}`"


def _burn(objective: Objective, burn: Burn) -> str:
    return _row(
        [
            f"`{objective.name}`",
            burn.name,
            f"{burn.rate:g}",
            _time(burn.long),
            _time(burn.short) if burn.short else "",
            f"{burn.spent_percent:.2g} %",
            burn.severity,
            str(objective.least),
        ]
    )


def _causes() -> Iterator[str]:
    for cause in CAUSES:
        yield _row([cause.what, _code([paging_alarms(cause.pages)[0]]), _code(cause.quiet), _code(cause.tickets)])


def _time(seconds: int) -> str:
    for unit, length in (("days", 86_400), ("h", 3_600)):
        if seconds % length == 0:
            return f"{seconds // length} {unit}"
    return f"{seconds // 60} min"


def _code(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
