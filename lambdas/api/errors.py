"""Errors of the api, all of them as problems."""

from collections.abc import Mapping
from http import HTTPStatus

import psycopg
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from flux_core.logs import logger
from flux_core.problems import CONTENT_TYPE, Problem
from flux_core.secrets import SecretError

# A body of ten thousand unknown members has as many faults, and Lambda sends no answer above 6 MB.
MAX_FAULTS = 20
MAX_FAULT_CHARACTERS = 200


# How the OpenAPI document describes every answer that is none: RFC 9457.
_PROBLEM: dict[str, object] = {
    "description": "A problem (RFC 9457): what is wrong, and what to do.",
    "content": {
        CONTENT_TYPE: {
            "schema": {
                "type": "object",
                "required": ["title", "status", "detail"],
                "properties": {
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "faults": {
                        "description": "Where the request is not valid, and why; without the values.",
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "where": {"type": "array", "items": {"type": "string"}},
                                "why": {"type": "string"},
                            },
                        },
                    },
                },
            }
        }
    },
}
PROBLEMS: dict[int | str, dict[str, object]] = {"4XX": _PROBLEM, "5XX": _PROBLEM}


class ProblemError(Exception):
    """Answer the request with a problem."""

    def __init__(self, problem: Problem, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(problem.detail)
        self.problem = problem
        self.headers = headers


def refused(status: HTTPStatus, detail: str) -> ProblemError:
    """An error that answers with a status and its reason.

    Not 403, which CloudFront replaces by the page for what is not there (flux_infra/frontend/distribution.py).
    """
    return ProblemError(Problem(status=status, detail=detail))


def problem_response(problem: Problem, *, headers: Mapping[str, str] | None = None) -> Response:
    """The problem as a response."""
    all_headers = {**problem.headers(), **(headers or {})}
    return Response(problem.body(), status_code=problem.status, headers=all_headers, media_type=CONTENT_TYPE)


def add_error_handlers(app: FastAPI) -> None:
    """Make the framework's own errors problems too."""

    @app.exception_handler(ProblemError)
    async def _problem(_: Request, error: ProblemError) -> Response:
        return problem_response(error.problem, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> Response:
        # Where and why, but not the input: it may be a password.
        faults = [
            {"where": [str(part)[:MAX_FAULT_CHARACTERS] for part in fault["loc"]], "why": fault["msg"]}
            for fault in error.errors()[:MAX_FAULTS]
        ]
        detail = "The request is not valid; `faults` says where and why."
        return problem_response(
            Problem(status=HTTPStatus.UNPROCESSABLE_ENTITY, detail=detail, members={"faults": faults})
        )

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> Response:
        problem = Problem(status=HTTPStatus(error.status_code), detail=str(error.detail))
        return problem_response(problem, headers=error.headers)

    @app.exception_handler(UnicodeEncodeError)
    async def _no_text(_: Request, __: UnicodeEncodeError) -> Response:
        # Only a request can hold half of a surrogate pair, as "\ud800" in JSON: PostgreSQL stores none.
        detail = "The request holds half of a surrogate pair."
        return problem_response(Problem(status=HTTPStatus.UNPROCESSABLE_ENTITY, detail=detail))

    @app.exception_handler(psycopg.OperationalError)
    @app.exception_handler(SecretError)
    async def _away(_: Request, error: Exception) -> Response:
        """What the api needs is away, slow or starting: the next request may succeed."""
        logger.error("what the api needs does not answer", exc_info=error)
        detail = "Something that this needs does not answer at the moment; try again."
        return problem_response(Problem(status=HTTPStatus.SERVICE_UNAVAILABLE, detail=detail))
