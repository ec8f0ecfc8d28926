"""What Square's API answers with."""

from http import HTTPStatus

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None
type Record = dict[str, Json]

# Square Developer, "Handle errors": the categories that go with a status.
_CATEGORIES = {
    HTTPStatus.UNAUTHORIZED: "AUTHENTICATION_ERROR",
    HTTPStatus.FORBIDDEN: "AUTHENTICATION_ERROR",
    HTTPStatus.TOO_MANY_REQUESTS: "RATE_LIMIT_ERROR",
}


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """Square answers with an error."""

    def __init__(self, status: HTTPStatus, code: str, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.status = status
        otherwise = "API_ERROR" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "INVALID_REQUEST_ERROR"
        self.body = error_body(_CATEGORIES.get(status, otherwise), code, detail, field=field)


def error_body(category: str, code: str, detail: str, *, field: str | None = None) -> Record:
    """One error, as Square writes it."""
    error: Record = {"category": category, "code": code, "detail": detail}
    if field is not None:
        error["field"] = field
    return {"errors": [error]}
