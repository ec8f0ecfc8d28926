"""Errors of the api, all of them as problems."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from flux_core.problems import CONTENT_TYPE, Problem


class ProblemError(Exception):
    """Answer the request with a problem."""

    def __init__(self, problem: Problem, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(problem.detail)
        self.problem = problem
        self.headers = headers


def problem_response(problem: Problem, *, headers: Mapping[str, str] | None = None) -> Response:
    """The problem as a response."""
    return Response(problem.body(), status_code=problem.status, headers=headers, media_type=CONTENT_TYPE)


def add_error_handlers(app: FastAPI) -> None:
    """Make the framework's own errors problems too."""

    @app.exception_handler(ProblemError)
    async def _problem(_: Request, error: ProblemError) -> Response:
        return problem_response(error.problem, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> Response:
        # Where and why, but not the input: it may be a password.
        faults = [{"where": list(map(str, fault["loc"])), "why": fault["msg"]} for fault in error.errors()]
        detail = "The request is not valid; `faults` says where and why."
        return problem_response(
            Problem(status=HTTPStatus.UNPROCESSABLE_ENTITY, detail=detail, members={"faults": faults})
        )

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> Response:
        problem = Problem(status=HTTPStatus(error.status_code), detail=str(error.detail))
        return problem_response(problem, headers=error.headers)
