"""A stack of a few resources, as `cdk synth` would have written it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from policy.changes.difference import changes
from policy.changes.rows import Row, rows
from policy.facts.surface import surface
from policy.model import WrittenStack
from policy.values import Json


def stack(**resources: object) -> WrittenStack:
    """Return production's Data stack with these resources, called by their logical ids."""
    return WrittenStack(
        name="Flux-prod-Data",
        stage="prod",
        layer="Data",
        account="333333333333",
        region="us-east-1",
        template=cast("Mapping[str, Json]", {"Resources": resources}),
        paths={},
        termination_protection=True,
        tags={},
        known=True,
        deployed={},
    )


def with_sections(written: WrittenStack, **sections: object) -> WrittenStack:
    """Return the stack with other sections in its template."""
    return replace(written, template={**written.template, **cast("Mapping[str, Json]", sections)})


def compare(before: Sequence[WrittenStack], after: Sequence[WrittenStack]) -> list[Row]:
    """Return what differs between two versions of one environment's templates, the worst first."""
    return rows({"": changes(surface(before), surface(after))})
