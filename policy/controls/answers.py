"""What Flux answers to a requirement."""

from dataclasses import dataclass

from flux_infra.config.rules import require


@dataclass(frozen=True, kw_only=True)
class Met:
    """Fulfilled, and something says so when it no longer is.

    rules: ids of the policy gate's rules. tests: `path::name`. account: resources of the stack `Flux-account`, by the
    names of their constructs. note: what the requirement's reader must know besides; where Flux goes its own way.
    """

    rules: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    account: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        require(
            bool(self.rules or self.tests or self.account),
            "Met",
            self.note,
            "name the rule, the test or the account's resource that holds it; if there is none, it is Open",
        )


@dataclass(frozen=True, kw_only=True)
class ByHand:
    """About the account, and no stack can set it: somebody does.

    what: what that is. watched: resources of `Flux-account` that tell when it is not so.
    """

    what: str
    watched: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require_sentence("ByHand.what", self.what)


@dataclass(frozen=True, kw_only=True)
class NotApplicable:
    """About something that Flux does not have.

    reason: a sentence. absent: resource types, or their beginnings, that no template of Flux holds; a test looks.
    """

    reason: str
    absent: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require_sentence("NotApplicable.reason", self.reason)


@dataclass(frozen=True, kw_only=True)
class Open:
    """Not fulfilled. why: what is missing, or why it is better so; what stands in for it."""

    why: str

    def __post_init__(self) -> None:
        _require_sentence("Open.why", self.why)


type Answer = Met | ByHand | NotApplicable | Open


def _require_sentence(field: str, text: str) -> None:
    require(len(text.split()) >= 4, field, text, "too short; say why in a sentence that a successor can judge")


def rules(*rule_ids: str, note: str = "") -> Met:
    """Return the answer that the policy gate holds it."""
    return Met(rules=rule_ids, note=note)


def account(*resources: str, note: str = "") -> Met:
    """Return the answer that the account's baseline sets it."""
    return Met(account=resources, note=note)
