"""Whether this instance lives, and whether what it needs answers."""

from http import HTTPStatus

import psycopg
from fastapi import APIRouter
from pydantic import BaseModel

from flux_core.cache import CacheUnavailableError
from flux_core.logs import logger
from flux_core.problems import Problem
from flux_core.secrets import SecretError

from ..errors import ProblemError
from ..services import Services


class Health(BaseModel):
    """All is well."""

    status: str = "ok"


def build_router(services: Services) -> APIRouter:
    """`/health` and `/ready`."""
    router = APIRouter()

    @router.get("/health")
    async def health() -> Health:
        return Health()

    @router.get("/ready")
    async def ready() -> Health:
        failed = []
        # The cache first: it is given up sooner, so a silent database does not use up its time.
        for name, ping in (("cache", services.cache.ping), ("database", services.database.ping)):
            try:
                ping()
            except (psycopg.Error, SecretError, CacheUnavailableError):
                logger.exception("not ready", extra={"failed": name})
                failed.append(name)
        if failed:
            detail = f"Not ready: {' and '.join(failed)} cannot be reached."
            problem = Problem(status=HTTPStatus.SERVICE_UNAVAILABLE, detail=detail, members={"failed": failed})
            raise ProblemError(problem)
        return Health()

    return router
