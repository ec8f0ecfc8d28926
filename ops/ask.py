"""Speaks with the operator: says what is done, and asks before anything is changed."""

import sys


def say(line: str) -> None:
    """Say it now, whatever comes after it."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def agreed(environment: str, deed: str) -> bool:
    """Whether the operator types the environment's name to have the deed done; no terminal is a no."""
    if not sys.stdin.isatty():
        sys.stderr.write("flux: nobody is here to ask; give --yes\n")
        return False
    return input(f"\nType '{environment}' to {deed}: ").strip() == environment
