"""What the release gate is told."""

from typing import Annotated, Literal

from pydantic import Field

from flux_core.settings import Settings

Kind = Literal["api", "webhook", "worker"]


class GateSettings(Settings):
    """Which functions it gates.

    gated_functions: JSON; each function's physical name and what kind of function it is.
    """

    gated_functions: Annotated[dict[str, Kind], Field(min_length=1)]
