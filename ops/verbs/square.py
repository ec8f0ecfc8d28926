"""`./flux square`: make Square on this machine fail, in the ways in which Square has been seen to fail."""

import argparse
import re

import httpx
from pydantic import BaseModel

from flux_infra.config import FluxConfig

from ..aws import connect, find_environment
from ..console import Console, Verbs, add_verb, number
from ..errors import OpsError

EXAMPLES = """\
examples:
  ./flux square                                       what is on, and what there is
  ./flux square --fail rate-limit --seconds 30        429 with 'Retry-After: 30' from now on
  ./flux square --fail html --merchant ML0A1B2C3D4E   only for this merchant's requests
  ./flux square --fail server-error --times 3         the next three requests, then all is well
  ./flux square --expire ML0A1B2C3D4E                 this merchant's access token has expired
  ./flux square --well                                turn everything off

It stands in for Square in the environment 'local' alone (make up).
"""

# The stand-in answers at once; it does not fail at its own addresses.
_SECONDS = 5


class Failure(BaseModel):
    """A switch that is on, as the stand-in tells it."""

    kind: str
    seconds: float
    merchant_id: str | None
    times: int | None


class Shown(BaseModel):
    """What is on, and what each kind means."""

    failures: list[Failure]
    kinds: dict[str, str]


def add(verbs: Verbs) -> None:
    """Teach the command line."""
    verb = add_verb(
        verbs,
        "square",
        purpose="make Square on this machine fail, or be well again",
        examples=EXAMPLES,
        run=run,
        environment="local",
    )
    action = verb.add_mutually_exclusive_group()
    action.add_argument("--fail", type=_name, metavar="KIND", help="fail from now on; './flux square' lists the kinds")
    action.add_argument("--well", action="store_true", help="turn everything off")
    action.add_argument("--expire", type=_name, metavar="MERCHANT", help="let a merchant's access token expire now")
    verb.add_argument("--merchant", type=_name, metavar="ID", help="with --fail: this merchant's requests only")
    verb.add_argument("--seconds", type=_seconds, metavar="N", help="with --fail: Retry-After, or how slow")
    verb.add_argument(
        "--times", type=number(1, 999_999), metavar="N", help="with --fail: so many requests, then it ends by itself"
    )


def _name(text: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_-]+", text) is None:
        raise argparse.ArgumentTypeError(f"{text!r}: give a name of letters, digits, '-' and '_'")
    return text


def _seconds(text: str) -> float:
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text) is None:  # not what else Python takes for a number, like nan
        raise argparse.ArgumentTypeError(f"{text!r}: give a number of seconds, like 2.5")
    return float(text)


def address(config: FluxConfig) -> str:
    """Where the stand-in listens.

    Raises:
        OpsError: the environment asks Square itself.
    """
    if config.name != "local":
        raise OpsError(
            f"--env {config.name}: Square itself is asked there",
            remedy="only local has a Square that can be told to fail",
        )
    return config.square_api_url


def run(arguments: argparse.Namespace) -> int:
    """Turn switches, and show which are on."""
    _require_fail(arguments)
    config = find_environment(arguments.env)
    url = address(config)
    connect(config)  # another checkout's platform has its Square at the same address
    try:
        with httpx.Client(base_url=url, timeout=_SECONDS) as square:
            _turn(square, arguments)
            shown = Shown.model_validate_json(square.get("/failures").raise_for_status().content)
    except httpx.HTTPStatusError as error:
        raise OpsError(_refusal(error.response), remedy="'./flux square' lists what there is") from error
    except httpx.TransportError as error:
        raise OpsError(f"Square on this machine does not answer at {url}: {error}", remedy="run 'make up'") from error
    _show(Console.of(arguments), shown)
    return 0


def _require_fail(arguments: argparse.Namespace) -> None:
    for option in ("merchant", "seconds", "times"):
        value = getattr(arguments, option)
        if value is not None and arguments.fail is None:
            raise OpsError(f"--{option} {value}: says how --fail fails", remedy="give --fail KIND with it")


def _turn(square: httpx.Client, arguments: argparse.Namespace) -> None:
    if arguments.well:
        square.delete("/failures").raise_for_status()
    if arguments.expire is not None:
        square.post(f"/merchants/{arguments.expire}/expire", json={}).raise_for_status()
    if arguments.fail is not None:
        given = {"merchant_id": arguments.merchant, "seconds": arguments.seconds, "times": arguments.times}
        body = {name: value for name, value in given.items() if value is not None}
        square.put(f"/failures/{arguments.fail}", json=body).raise_for_status()


def _refusal(response: httpx.Response) -> str:
    return "; ".join(str(error["detail"]) for error in response.json()["errors"])


def _show(console: Console, shown: Shown) -> None:
    if not shown.failures:
        console.echo("Square on this machine is well.")
    for failure in shown.failures:
        times = "until './flux square --well'" if failure.times is None else f"for {failure.times} more requests"
        console.echo(f"ON  {failure.kind} for {failure.merchant_id or 'everybody'}, {failure.seconds:g} s, {times}")
    console.echo("\nkinds:")
    for kind, meaning in shown.kinds.items():
        console.echo(f"  {kind:16} {meaning}")
    console.result(**shown.model_dump())
