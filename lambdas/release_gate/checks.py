"""One request to a new version, and the answer that it must get."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, JsonValue, ValidationError

# Beyond this a warm version of any of the functions is broken; a person has looked away (10 s is the api's own limit).
WARM_SECONDS = 2.0


class CheckFailedError(RuntimeError):
    """The new version does not answer as it must; the message says how."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One request.

    name: for the log.
    payload: the event.
    expected: members that the answer must have, with their values.
    body: what the member `body`, JSON in itself, must look like; None: it is not looked at.
    seconds: within which it must be answered once the version is warm.
    paced: whether its time is compared with the live version's.
    """

    name: str
    payload: Mapping[str, JsonValue]
    expected: Mapping[str, JsonValue]
    body: type[BaseModel] | None = None
    seconds: float = WARM_SECONDS
    paced: bool = False

    def judge(self, answer: bytes) -> None:
        """Compare.

        Raises:
            CheckFailedError: the answer differs.
        """
        try:
            got = json.loads(answer)
        except ValueError:
            got = None
        for member, value in self.expected.items():
            found = got.get(member) if isinstance(got, dict) else got
            # As JSON: to Python 1 is True, to API Gateway it is not.
            if json.dumps(found, sort_keys=True) != json.dumps(value, sort_keys=True):
                raise CheckFailedError(f"{self.name}: {member} is {json.dumps(found)}, must be {json.dumps(value)}")
        if self.body is not None:
            self._judge_body(got.get("body") if isinstance(got, dict) else None, self.body)

    def _judge_body(self, content: JsonValue, shape: type[BaseModel]) -> None:
        if not isinstance(content, str):
            raise CheckFailedError(f"{self.name}: body is {json.dumps(content)}, must be JSON in a string")
        try:
            shape.model_validate_json(content)
        except ValidationError as error:
            faults = "; ".join(
                f"{'.'.join(map(str, fault['loc'])) or 'body'}: {fault['msg']}"
                for fault in error.errors(include_url=False, include_input=False)[:3]
            )
            raise CheckFailedError(f"{self.name}: the body does not look like {shape.__name__}: {faults}") from None
