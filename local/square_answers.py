"""What Square's API answers with."""

from http import HTTPStatus

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None
type Record = dict[str, Json]


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """Square answers with an error."""

    def __init__(self, status: HTTPStatus, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.body: Record = {"errors": [{"category": "API_ERROR", "code": code, "detail": detail}]}
