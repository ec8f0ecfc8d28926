"""What Flux answers to a requirement, as `answers.yaml` says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import yaml

from flux_infra.config.rules import require

from .standards import FSBP, Requirement, Standard

_FILE = Path(__file__).with_name("answers.yaml")


type _Written = Mapping[str, list[str] | str]  # one answer in the file, whose head says what the keys mean


@dataclass(frozen=True, kw_only=True)
class Answer:
    """held: what holds it, by kind. Where nothing does, reason says why, or what somebody does by hand."""

    kind: str
    held: Mapping[str, tuple[str, ...]]
    note: str = ""
    reason: str = ""
    watched: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


# In the order in which they are shown; where several things hold a requirement, its kind is the first of them.
KINDS = {
    "policy gate": "a rule of `make policy` fails when it is not so",
    "scanner": "cdk-nag or a scanner of `make policy` finds it when it is not so, and the ledger does not let it stay",
    "test": "a test fails when it is not so",
    "accepted surface": "`make policy` names any change of it as a weakening or a change, until somebody accepts it",
    "account": "a resource of the optional stack `Flux-account` sets it, where that is deployed",
    "by hand": "about the account, and no stack can set it: an administrator does",
    "not applicable": "about something that Flux does not have; a test looks for it in every template",
    "open": "not fulfilled, with the reason",
}
_HELD = {
    "gate": "policy gate",
    "scanner": "scanner",
    "tests": "test",
    "surface": "accepted surface",
    "account": "account",
}
_REASONS = {"by_hand": "by hand", "not_applicable": "not applicable", "open": "open"}
_KEYS = {*_HELD, *_REASONS, "note", "watched", "absent"}


def read_answer(name: str, written: _Written) -> Answer:
    """Return an answer.

    Raises:
        ConfigError: it says nothing, several things at once, or not enough for a successor to judge.
    """
    unknown = sorted(written.keys() - _KEYS)
    require(not unknown, name, unknown, f"must be one of {sorted(_KEYS)}")
    held = {kind: tuple(written[key]) for key, kind in _HELD.items() if written.get(key)}
    reasons = {kind: str(written[key]) for key, kind in _REASONS.items() if key in written}
    require(
        bool(held) != (len(reasons) == 1) and len(reasons) < 2,
        name,
        sorted(written),
        "name what holds it, or give one reason why nothing does; if there is neither, it is open",
    )
    for text in reasons.values():
        require(len(text.split()) >= 4, name, text, "too short; say why in a sentence that a successor can judge")
    return Answer(
        kind=next(iter(held or reasons)),
        held=held,
        note=str(written.get("note", "")),
        reason=next(iter(reasons.values()), ""),
        watched=tuple(written.get("watched", ())),
        absent=tuple(written.get("absent", ())),
    )


@cache
def _section(key: str) -> Mapping[str, Answer]:
    written = cast("Mapping[str, Mapping[str, _Written]]", yaml.safe_load(_FILE.read_text()))[key]
    return {name: read_answer(name, answer) for name, answer in written.items()}


def answers(standard: Standard) -> Mapping[str, Answer]:
    """Return a standard's answers, by requirement."""
    return _section(standard.key)


def unused_services() -> Mapping[str, Answer]:
    """Return one answer for all requirements of each service of FSBP that Flux does not use, by its prefix."""
    return _section("unused")


@dataclass(frozen=True, kw_only=True)
class Row:
    """A requirement and its answer. used: False if Flux does not use the service at all."""

    requirement: Requirement
    answer: Answer
    used: bool


def prefix(requirement: Requirement) -> str:
    """Return an FSBP requirement's service, as its id spells it."""
    return requirement.id.split(".")[0]


def rows(standard: Standard) -> tuple[Row, ...]:
    """Return a standard's requirements with their answers, in the standard's order.

    Raises:
        KeyError: a requirement has no answer; give it one in answers.yaml.
    """
    found = answers(standard)
    return tuple(
        Row(requirement=one, answer=found[one.id], used=True)
        if one.id in found or standard is not FSBP
        else Row(requirement=one, answer=unused_services()[prefix(one)], used=False)
        for one in standard.requirements
    )
