"""The body of a CloudWatch dashboard, as far as Flux's dashboards use it ("Dashboard body structure and syntax")."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

type Side = Literal["left", "right"]


class _Said(BaseModel):
    """What is not named here is not drawn."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)


class Options(_Said):
    """What stands behind a metric's names, or alone for an expression. period: in seconds."""

    id: str | None = None
    label: str | None = None
    expression: str | None = None
    stat: str | None = None
    period: int | None = None
    visible: bool = True
    y_axis: Side = "left"
    color: str | None = None


class Metric(BaseModel):
    """A metric or an expression. names: namespace, name, then each dimension's name and value."""

    names: tuple[str, ...]
    options: Options


class Axis(_Said):
    """What limits an axis, and its unit."""

    min: float | None = None
    max: float | None = None
    label: str = ""


class Threshold(_Said):
    """A line across a graph."""

    value: float
    label: str = ""
    y_axis: Side = "left"
    color: str | None = None


class Annotations(_Said):
    """Lines across a graph."""

    horizontal: tuple[Threshold, ...] = ()


class Graph(_Said):
    """Metrics over time, or their last values.

    period, stat: of metrics that have none of their own. start: how far back, below 0; None: as the dashboard.
    set_period_to_time_range: the whole time is one period.
    """

    title: str = ""
    view: str = "timeSeries"
    metrics: tuple[tuple[str | Options, ...], ...]
    period: int = 300
    stat: str = "Average"
    start: timedelta | None = None
    set_period_to_time_range: bool = False
    y_axis: Mapping[Side, Axis] = Field(default_factory=dict)
    annotations: Annotations = Annotations()

    @property
    def drawn(self) -> tuple[Metric, ...]:
        """The metrics, those that only expressions use included."""
        return tuple(
            Metric(
                names=tuple(part for part in metric if isinstance(part, str)),
                options=next((part for part in metric if isinstance(part, Options)), Options()),
            )
            for metric in self.metrics
        )


class States(_Said):
    """Alarms and whether they fire. alarms: ARNs."""

    title: str = ""
    alarms: tuple[str, ...]


class Logs(_Said):
    """What a query of Logs Insights counts over time."""

    title: str = ""
    query: str
    view: Literal["timeSeries"]


class Words(_Said):
    """A text."""

    markdown: str


class _Place(_Said):
    """Where it is: in columns from the left, of 24, and rows from above."""

    x: int
    y: int
    width: int
    height: int


class GraphWidget(_Place):
    """A graph in its place."""

    type: Literal["metric"]
    properties: Graph


class LogsWidget(_Place):
    """A query of logs in its place."""

    type: Literal["log"]
    properties: Logs


class StatesWidget(_Place):
    """Alarms in their place."""

    type: Literal["alarm"]
    properties: States


class WordsWidget(_Place):
    """A text in its place."""

    type: Literal["text"]
    properties: Words


type Widget = Annotated[GraphWidget | LogsWidget | StatesWidget | WordsWidget, Field(discriminator="type")]


class Body(_Said):
    """A whole dashboard. start: how far back it looks unless it is told otherwise, below 0."""

    start: timedelta = timedelta(hours=-3)
    widgets: tuple[Widget, ...]
