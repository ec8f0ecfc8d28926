"""Which function needs what, and every way in which that can fail: the cells of docs/reliability.md, as data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from tests.support.fault_proxy import Way

type Who = Literal["api", "webhook", "authorizer", "sync", "forecast", "migrate", "rotation"]
type Dependency = Literal["PostgreSQL", "Valkey", "Secrets Manager", "SQS", "SageMaker", "Square"]

NEEDS: Mapping[Who, tuple[Dependency, ...]] = {
    "api": ("PostgreSQL", "Valkey", "Secrets Manager"),
    "webhook": ("Secrets Manager", "SQS"),
    "authorizer": ("Secrets Manager",),
    "sync": ("PostgreSQL", "Secrets Manager", "SQS", "Square"),
    "forecast": ("PostgreSQL", "Secrets Manager", "SQS", "SageMaker"),
    "migrate": ("PostgreSQL", "Secrets Manager"),
    "rotation": ("PostgreSQL", "Valkey", "Secrets Manager", "Square"),
}

# Why the other cells cannot occur.
NOT_NEEDED: Mapping[Who, str] = {
    "api": "it reads what the workers have stored: it sends no message and asks neither the model nor Square",
    "webhook": "it checks a signature and sends one message: it has neither database nor cache, and calls nobody back",
    "authorizer": "it compares a header with one secret",
    "sync": "it neither reads forecasts nor asks the model; the cache is the api's alone",
    "forecast": "it works on what is stored: it never asks Square; the cache is the api's alone",
    "migrate": "it changes the schema and nothing else",
    "rotation": "it replaces passwords and keys; nothing of it is in a queue or in the model",
}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One function, and one thing that it needs, which fails in one way."""

    who: Who
    dependency: Dependency
    way: Way

    def __str__(self) -> str:
        return f"{self.who}: {self.dependency} {self.way}".replace(" ", "-")


def cells() -> Iterator[Cell]:
    """All of them."""
    for who, dependencies in NEEDS.items():
        for dependency in dependencies:
            for way in Way:
                yield Cell(who=who, dependency=dependency, way=way)


# What `make test` runs: quick ones, of every function and every dependency.
SAMPLE = (
    Cell(who="api", dependency="PostgreSQL", way=Way.AWAY),
    Cell(who="api", dependency="PostgreSQL", way=Way.WRONG),
    Cell(who="api", dependency="Valkey", way=Way.SWALLOWED),
    Cell(who="api", dependency="Secrets Manager", way=Way.WRONG),
    Cell(who="webhook", dependency="SQS", way=Way.WRONG),
    Cell(who="webhook", dependency="Secrets Manager", way=Way.HUGE),
    Cell(who="authorizer", dependency="Secrets Manager", way=Way.DRIPPING),
    Cell(who="sync", dependency="PostgreSQL", way=Way.AWAY),
    Cell(who="sync", dependency="SQS", way=Way.WRONG),
    Cell(who="forecast", dependency="SageMaker", way=Way.HUGE),
    Cell(who="migrate", dependency="PostgreSQL", way=Way.AWAY),
    Cell(who="rotation", dependency="Square", way=Way.WRONG),
)
