"""`python -m policy.controls`: write docs/controls.md."""

from pathlib import Path

from .document import render

PAGE = Path(__file__).parents[2] / "docs" / "controls.md"

if __name__ == "__main__":
    PAGE.write_text(render())
