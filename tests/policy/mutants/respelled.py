"""The same template in other words: what CloudFormation and IAM read alike, at every place where it can be written so.

A way of writing gets the path to a value and the value, from the innermost on, and returns what to write instead.
"""

from collections.abc import Callable, Iterator, Mapping

from .change import Json

type Place = tuple[str | int, ...]
type Way = Callable[[Place, Json], Json]

_LISTS = ("Action", "Resource", "AWS", "Service")
_WORDS = ("AlarmDescription", "Comment", "Description", "DisplayName", "Label")
_TLS: dict[str, Json] = {
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def respelled(template: Mapping[str, Json], way: Way) -> Json:
    """Return the whole template written in this way."""
    return _respelled((), dict(template), way)


def _respelled(place: Place, value: Json, way: Way) -> Json:
    if isinstance(value, dict):
        value = {key: _respelled((*place, key), item, way) for key, item in value.items()}
    elif isinstance(value, list):
        value = [_respelled((*place, index), item, way) for index, item in enumerate(value)]
    return way(place, value)


def _in_properties(place: Place) -> bool:
    return place[:1] == ("Resources",) and place[2:3] == ("Properties",) and len(place) > 3


def _plain(place: Place) -> bool:
    """Whether a value stands by itself, and is no part of an intrinsic function."""
    return _in_properties(place) and not any(key == "Ref" or str(key).startswith("Fn::") for key in place)


def _in_policy(place: Place) -> bool:
    return "Statement" in place and place[-1] in _LISTS


def _a_statement_each(place: Place, value: Json) -> Json:
    if place[-1:] != ("Statement",) or not isinstance(value, list):
        return value
    return [one for statement in value for one in _by_action(statement)]


def _by_action(statement: Json) -> Iterator[Json]:
    actions = statement.get("Action") if isinstance(statement, dict) else None
    if isinstance(statement, dict) and isinstance(actions, list):
        yield from ({**statement, "Action": action, "Sid": f"S{index}"} for index, action in enumerate(actions))
    else:
        yield statement


def _refuse_plain_http(place: Place, value: Json) -> Json:
    if place[-1:] != ("Statement",) or not isinstance(value, list) or "AssumeRolePolicyDocument" in place:
        return value
    return [*value, {**_TLS, "Principal": "*"} if "Principal" in _map(value[0]) else _TLS]


def _more_conditions(place: Place, value: Json) -> Json:
    body = _map(value)  # what a resource lets in may not depend on more
    if place[-2:-1] != ("Statement",) or body.get("Effect") != "Allow" or "Principal" in body:
        return value
    conditions = _map(body.get("Condition"))
    return {**body, "Condition": {**conditions, "Bool": {**_map(conditions.get("Bool")), "aws:SecureTransport": True}}}


def _map(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _sub(place: Place, value: Json) -> Json:
    match value:
        case {"Ref": str(name), **rest} if _in_properties(place) and not rest:
            return {"Fn::Sub": f"${{{name}}}"}
        case {"Fn::GetAtt": [str(name), str(attribute)]} if _in_properties(place):
            return {"Fn::Sub": f"${{{name}.{attribute}}}"}
    return value


def _dotted(_: Place, value: Json) -> Json:
    match value:
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return {"Fn::GetAtt": f"{name}.{attribute}"}
    return value


def _nested_join(_: Place, value: Json) -> Json:
    match value:
        case {"Fn::Join": ["", [first, *rest]]}:
            return {"Fn::Join": ["", [first, {"Fn::Join": ["", rest]}]]}
    return value


def _conditional(place: Place, value: Json) -> Json:
    if not place and isinstance(value, dict):
        return {**value, "Conditions": {"Elsewhere": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-central-1"]}}}
    return {"Fn::If": ["Elsewhere", value, value]} if _plain(place) and len(place) == 4 else value


def _tagged(place: Place, value: Json) -> Json:
    if not _plain(place) or len(place) != 4 or not str(place[-1]).endswith("Tags"):
        return value
    return [*value, {"Key": "Cost", "Value": "42"}] if isinstance(value, list) else {**_map(value), "Cost": "42"}


def _other_words(place: Place, value: Json) -> Json:
    # With other words CloudFormation replaces a parameter group.
    said = _in_properties(place) and place[-1] in _WORDS and "Parameters" not in str(place[1])
    return "Other words than before. First: read http://wiki/flux" if said and isinstance(value, str) else value


def _without_metadata(place: Place, value: Json) -> Json:
    of_resource = len(place) == 2 and place[0] == "Resources"
    return {key: item for key, item in _map(value).items() if key != "Metadata"} if of_resource else value


RESPELLINGS: Mapping[str, Way] = {
    "one value as a list": lambda at, value: [value] if _in_policy(at) and not isinstance(value, list) else value,
    "a list of one as its value": lambda at, value: (
        value[0] if _in_policy(at) and isinstance(value, list) and len(value) == 1 else value
    ),
    "actions in capitals": lambda at, value: (
        value.upper() if "Statement" in at and "Action" in at and isinstance(value, str) else value
    ),
    "the account by its number": lambda at, value: (
        "333333333333" if "Principal" in at and value == "arn:aws:iam::333333333333:root" else value
    ),
    "statements in another order": lambda at, value: (
        value[::-1] if at[-1:] == ("Statement",) and isinstance(value, list) else value
    ),
    "a statement for each action": _a_statement_each,
    "plain HTTP refused by every policy": _refuse_plain_http,
    "one condition more on what roles may do": _more_conditions,
    "references by Fn::Sub": _sub,
    "attributes by dots": _dotted,
    "joins within joins": _nested_join,
    "booleans as text": lambda at, value: str(value).lower() if _plain(at) and isinstance(value, bool) else value,
    "numbers as text": lambda at, value: str(value) if _plain(at) and type(value) in (int, float) else value,
    "conditions that change nothing": _conditional,
    "keys in another order": lambda _, value: dict(reversed(value.items())) if isinstance(value, dict) else value,
    "one tag more": _tagged,
    "other words for people": _other_words,
    "no metadata": _without_metadata,
}
