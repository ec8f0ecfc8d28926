"""Every requirement with its answer."""

from collections.abc import Mapping
from dataclasses import dataclass

from . import accounts, edge, foundations, network, services, state
from .answers import Answer
from .standards import CIS, FSBP, Requirement, Standard
from .unused import UNUSED

PARTS = (accounts, edge, network, services, state)
FSBP_ANSWERS: Mapping[str, Answer] = {
    requirement: answer for part in PARTS for requirement, answer in part.ANSWERS.items()
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A requirement and its answer. used: False if Flux does not use the service at all."""

    requirement: Requirement
    answer: Answer
    used: bool


def prefix(requirement: Requirement) -> str:
    """Return an FSBP requirement's service, as its id spells it."""
    return requirement.requirement_id.split(".")[0]


def _answer_fsbp(requirement: Requirement) -> Row:
    if requirement.requirement_id in FSBP_ANSWERS:
        return Row(requirement=requirement, answer=FSBP_ANSWERS[requirement.requirement_id], used=True)
    return Row(requirement=requirement, answer=UNUSED[prefix(requirement)], used=False)


def rows(standard: Standard) -> tuple[Row, ...]:
    """Return a standard's requirements with their answers, in the standard's order.

    Raises:
        KeyError: a requirement has no answer; give it one in the file of its service.
    """
    if standard is FSBP:
        return tuple(_answer_fsbp(requirement) for requirement in standard.requirements)
    return tuple(
        Row(requirement=requirement, answer=foundations.ANSWERS[requirement.requirement_id], used=True)
        for requirement in CIS.requirements
    )
