"""A finding of a scanner that stays, and why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from flux_infra.config import FluxConfig

EVERYWHERE = ("local", "dev", "staging", "prod")
DISPOSABLE = ("local", "dev")
LASTING = ("staging", "prod")


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """Findings that have one reason: every rule at every path.

    rules: as reports name them, the tool first: `AwsSolutions::AwsSolutions-SQS3`. Without the tool cdk-nag would drop
        the finding and leave no trace.
    paths: of constructs, below `Flux-<environment>/`, exactly; a construct's own `/Resource` is left out.
    environments: where it applies. A preview is a dev.
    reason: why it may stay. Read by whoever reviews it, so a sentence or more.
    review: when to ask again whether the reason still holds.
    In rules and paths `<name>`, `<account>` and `<region>` stand for the environment's.
    """

    rules: tuple[str, ...]
    paths: tuple[str, ...]
    environments: tuple[str, ...] = EVERYWHERE
    reason: str
    review: date

    def applies_to(self, config: FluxConfig) -> bool:
        """Whether the environment, or the one it is a preview of, is named."""
        preview = config.name.startswith("pr-")
        return ("dev" if preview else config.name) in self.environments


@dataclass(frozen=True, kw_only=True, order=True)
class Acknowledged:
    """One rule at one construct of one environment. path: from the stage on, without `/Resource`."""

    rule: str
    path: str

    @property
    def tool(self) -> str:
        """Who found it: a pack of cdk-nag, CloudFormation-Validate, Guard, checkov or cfn-lint."""
        return self.rule.partition("::")[0]


def acknowledged(ledger: Iterable[Acknowledgement], config: FluxConfig) -> Iterator[tuple[Acknowledged, str]]:
    """Yield what the ledger says of one environment, each with its reason."""
    for entry in ledger:
        if entry.applies_to(config):
            for rule in entry.rules:
                for path in entry.paths:
                    key = Acknowledged(rule=_fill(rule, config), path=f"Flux-{config.name}/{_fill(path, config)}")
                    yield key, entry.reason


def due(ledger: Iterable[Acknowledgement], today: date) -> Iterator[Acknowledgement]:
    """Yield the entries whose reasons are to be looked at again."""
    yield from (entry for entry in ledger if entry.review <= today)


def _fill(text: str, config: FluxConfig) -> str:
    return text.replace("<name>", config.name).replace("<account>", config.account).replace("<region>", config.region)
