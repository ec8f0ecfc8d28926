"""One vocabulary for all verbs: the same flag means the same everywhere."""

import argparse
from collections.abc import Callable

type Verbs = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse has no public name


def add_verb(
    verbs: Verbs, name: str, *, purpose: str, examples: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    """Add a verb with the flags that every verb takes; its own are added to what this returns."""
    verb = verbs.add_parser(
        name,
        help=purpose,
        description=purpose,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_argument("--env", required=True, metavar="NAME", help="local, dev, staging, prod or pr-<number>")
    verb.add_argument("--yes", action="store_true", help="do not ask before something is changed")
    verb.add_argument("--json", action="store_true", help="one JSON document on standard output, for a program")
    verb.set_defaults(run=run)
    return verb
