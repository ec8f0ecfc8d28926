"""A widget's card: white, in its place on the grid, with its title; what is drawn on it measures in inches."""

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

# CloudWatch's grid has 24 columns.
COLUMN, ROW = 0.7, 0.5  # inches
GAP = 0.05
PADDING = 0.12

INK, QUIET, LINE, PAPER = "#1c2126", "#5c6670", "#e3e6ea", "#f2f4f6"
BAD, WARNING, GOOD = "#b3261e", "#96600a", "#1f7a4d"

_TITLE_POINTS = 9.0
_SMALLEST_POINTS = 6.5
_POINT = 1 / 72  # inch
_LETTER = 0.6  # of a font's size: how wide a letter of ordinary text is, with some to spare


@dataclass(frozen=True, kw_only=True)
class Card:
    """Where to draw. axes: the whole card, in inches from its lower left corner. left, below: where that is."""

    figure: Figure
    axes: Axes
    left: float
    below: float
    width: float
    height: float

    def write(  # noqa: PLR0913 - what a text is made of
        self,
        text: str,
        *,
        x: float,
        y: float,
        points: float,
        color: str = INK,
        bold: bool = False,
        align: str = "left",
    ) -> None:
        """Write from a place on; y is the middle of the line."""
        self.axes.text(
            x,
            y,
            text.replace("$", r"\$"),  # or two of them would begin and end a formula
            fontsize=points,
            color=color,
            weight="bold" if bold else "normal",
            ha=align,
            va="center",
        )

    def title(self, text: str) -> float:
        """Write the title, smaller if it would not fit; returns how high the rest of the card is."""
        room = self.width - 2 * PADDING
        points = min(_TITLE_POINTS, max(_SMALLEST_POINTS, room / (max(len(text), 1) * _LETTER * _POINT)))
        self.write(shortened(text, room, points=points), x=PADDING, y=self.height - 0.19, points=points, bold=True)
        return self.height - 0.34

    def plot(self, *, left: float, right: float, below: float, above: float) -> Axes:
        """Axes within the card, so far from its edges."""
        width, height = self.figure.get_size_inches()
        return self.figure.add_axes(
            (
                (self.left + left) / width,
                (self.below + below) / height,
                max(self.width - left - right, 0.1) / width,
                max(self.height - below - above, 0.1) / height,
            )
        )


def shortened(text: str, room: float, *, points: float) -> str:
    """As much of the text as fits into so many inches."""
    letters = max(round(room / (_LETTER * points * _POINT)), 1)
    return text if len(text) <= letters else f"{text[: letters - 1]}…"


def text_width(text: str, *, points: float) -> float:
    """How many inches a text takes, at most."""
    return len(text) * _LETTER * points * _POINT
