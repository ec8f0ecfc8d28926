"""One request to a new version, the answer that it must get, and what it must have done."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, JsonValue, ValidationError

from .likeness import difference

# Beyond this a warm version of any of the functions is broken; a person has looked away (10 s is the api's own limit).
WARM_SECONDS = 2.0

type Answer = Mapping[str, JsonValue]


class CheckFailedError(RuntimeError):
    """The new version does not answer as it must; the message says how."""


class WrongEffectError(CheckFailedError):
    """It answers, and says or does something wrong. No background error does that, so it is not asked again."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One request.

    name: for the log.
    payload: the event.
    expected: members that the answer must have, with their values.
    content_type: of an HTTP answer.
    body: what the member `body`, JSON in itself, must look like; None: it is not looked at.
    content: what the body must say: every member that is named here, and in lists nothing else.
    effects: what the rehearsal would have changed must say, likewise; or a function that names what is wrong.
    fault: what else is wrong with the answer, in words.
    then: what is asked next, made of this answer.
    seconds: within which it must be answered once the version is warm.
    paced: whether its time is compared with the live version's.
    since_effects: versions from before effects were reported do not know what it asks; a way back is not asked it.
    """

    name: str
    payload: Mapping[str, JsonValue]
    expected: Mapping[str, JsonValue]
    content_type: str | None = None
    body: type[BaseModel] | None = None
    content: JsonValue = None
    effects: JsonValue | Callable[[Mapping[str, JsonValue]], str | None] = None
    fault: Callable[[Answer], str | None] = lambda _: None
    then: Callable[[Answer], Sequence["Check"]] = lambda _: ()
    seconds: float = WARM_SECONDS
    paced: bool = False
    since_effects: bool = False

    def judge(self, answer: bytes, *, way_back: bool = False) -> Answer:
        """Compare; returns what was answered.

        way_back: the version may be from before effects were reported; without a report there is nothing to judge.

        Raises:
            WrongEffectError: it says or has done something else.
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
        if not isinstance(got, dict):
            raise CheckFailedError(f"{self.name}: the answer is no object")
        if self.body is not None:
            self._judge_body(got.get("body"), self.body)
        if self.content_type is not None:
            self._judge_type(got.get("headers"), self.content_type)
        if self.content is not None:
            self._refuse(difference(self.content, json.loads(str(got.get("body")))))
        if self.effects is not None:
            self._judge_effects(got.get("rehearsal"), way_back=way_back)
        self._refuse(self.fault(got))
        return got

    def _judge_type(self, headers: JsonValue, wanted: str) -> None:
        values = {name.lower(): value for name, value in headers.items()} if isinstance(headers, dict) else {}
        found = str(values.get("content-type", "")).partition(";")[0].strip().lower()
        if found != wanted:
            raise WrongEffectError(f"{self.name}: content-type is {found or 'missing'}, must be {wanted}")

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
            raise WrongEffectError(f"{self.name}: the body does not look like {shape.__name__}: {faults}") from None

    def _judge_effects(self, report: JsonValue, *, way_back: bool) -> None:
        if not isinstance(report, dict):
            if way_back:
                return
            raise WrongEffectError(f"{self.name}: does not tell what it has done")
        self._refuse(
            self.effects(report) if callable(self.effects) else difference(self.effects, report, "what it has done")
        )

    def _refuse(self, fault: str | None) -> None:
        if fault is not None:
            raise WrongEffectError(f"{self.name}: {fault}")
