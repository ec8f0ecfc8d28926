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
