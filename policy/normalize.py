"""One way of writing every reference, so that rules need not know how many there are: normalize.toml.

`GetAtt Vpc.VpcId` is what `Ref Vpc` is, `arn:aws:s3:::${Bucket}` is `${Bucket.Arn}`, and a topic's ARN with its name
is the topic.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from .model import TOKEN, Environment
from .values import Json, as_map

_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
_SAME_AS_REF: Mapping[str, str] = _TABLE["same_as_ref"]
_REF_IS: Mapping[str, str] = _TABLE["ref_is"]
_PUT_TOGETHER: Mapping[str, Sequence[tuple[str, str, str]]] = _TABLE["put_together"]

_BEFORE, _AFTER = r"(arn:aws:[a-z0-9]+:[a-z0-9-]*:[0-9]*:(?:[a-z-]+[:/])?)?", r"(:\*|\.s3[a-z0-9.-]+)?"
_REFERENCE = re.compile(_BEFORE + TOKEN.pattern + _AFTER)
# A secret's current value is what a dynamic reference means if it names no stage.
_CURRENT = re.compile(r"(:SecretString:\w+)(?::(?:AWSCURRENT)?:?)?}}")


def normalized(environment: Environment) -> Environment:
    """Return the environment with every reference in its resources and outputs written in its one way."""
    types = {(r.layer, r.logical_id): r.type for r in environment.resources()}
    places = {"<region>": environment.region, "<account>": environment.account}
    sns = _placed("arn:aws:sns:<region>:<account>:", places)
    topics = {
        sns + topic.text("TopicName"): f"${{{topic.layer}/{topic.logical_id}}}"
        for topic in environment.of("AWS::SNS::Topic")
    }

    def one(match: re.Match[str]) -> str:
        before, layer, logical_id, attribute, after = (part or "" for part in match.groups())
        kind = types.get((layer, logical_id), "")
        if attribute and attribute == _SAME_AS_REF.get(kind):
            attribute = ""
        for start, end, whole in _PUT_TOGETHER.get(kind, ()) if not attribute else ():
            if before == _placed(start, places) and after == _placed(end, places):
                return f"${{{layer}/{logical_id}.{whole}}}"
        attribute = attribute or _REF_IS.get(kind, "")
        return f"{before}${{{layer}/{logical_id}{'.' + attribute if attribute else ''}}}{after}"

    def alike(value: Json) -> Json:
        if isinstance(value, str):
            whole = topics.get(value, value)
            return _CURRENT.sub(r"\1::}}", _REFERENCE.sub(one, whole)) if "${" in whole else whole
        if isinstance(value, Mapping):
            return {key: alike(item) for key, item in value.items()}
        return [alike(item) for item in value] if isinstance(value, Sequence) else value

    return replace(
        environment,
        stacks=tuple(
            replace(
                stack,
                resources=tuple(replace(r, properties=as_map(alike(r.properties))) for r in stack.resources),
                outputs=as_map(alike(stack.outputs)),
            )
            for stack in environment.stacks
        ),
    )


def _placed(text: str, places: Mapping[str, str]) -> str:
    for name, place in places.items():
        text = text.replace(name, place)
    return text
