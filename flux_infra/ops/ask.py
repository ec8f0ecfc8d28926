"""Asks before anything is changed."""

import sys


def agreed(environment: str) -> bool:
    """Whether the operator types the environment's name; no terminal is a no."""
    if not sys.stdin.isatty():
        sys.stderr.write("flux: nobody is here to ask; give --yes\n")
        return False
    return input(f"\nType '{environment}' to go back: ").strip() == environment
