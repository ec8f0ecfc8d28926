"""How every picture looks, in Graphviz's language."""

from collections.abc import Iterable

INK, PAPER, LINE = "#1f2933", "#ffffff", "#64748b"
BLUE, GREEN, AMBER, RED, GREY = "#dbeafe", "#dcfce7", "#fef3c7", "#fee2e2", "#f1f5f9"


def picture(lines: Iterable[str], *, direction: str) -> str:
    """Return a whole graph. direction: TB (top to bottom) or LR."""
    head = (
        f"rankdir={direction}",
        f'graph [bgcolor="{PAPER}" nodesep=0.3 ranksep=0.45 pad=0.25]',
        f'node [shape=box style="rounded,filled" fillcolor="{GREY}" color="{LINE}" margin="0.42,0.1"]',
        f'node [fontcolor="{INK}" fontname="Helvetica,Arial,sans-serif" fontsize=11]',
        f'edge [color="{LINE}" fontcolor="{INK}" fontname="Helvetica,Arial,sans-serif" fontsize=10 arrowsize=0.7]',
    )
    return "digraph flux {\n" + "\n".join(f"  {line}" for line in (*head, *lines)) + "\n}\n"


def node(name: str, title: str, *details: str, fill: str = GREY, shape: str = "box") -> str:
    """Return a box: its title, and a line for each detail."""
    return f'"{name}" [label="{"\\n".join((title, *details))}" fillcolor="{fill}" shape={shape}]'


def edge(tail: str, head: str, label: str = "", *, dashed: bool = False) -> str:
    """Return an arrow."""
    style = " style=dashed" if dashed else ""
    return f'"{tail}" -> "{head}" [label="{label}"{style}]'
