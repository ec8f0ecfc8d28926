"""Following CloudFormation's intrinsic functions, as far as a template alone allows.

What cannot be followed is written down, never guessed: a function that needs AWS or a macro to carry it out, a
parameter, an argument of the wrong form.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from .model import TOKEN, WrittenStack
from .registry import schema
from .values import Json, as_list, as_map, as_text, dig

_SUB = re.compile(r"\$\{(!?)([^}]+)\}")
_PSEUDO = {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
_KNOWN_WHEN_DEPLOYED = {"AWS::NotificationARNs", "AWS::StackId"}
_OUTPUT_KEYS = {"StackName", "OutputName", "Region"}  # besides RoleArn, which reads as another account
_MOST_HOPS = 8  # outputs of outputs; more than this is a circle


class _NoValue:
    """AWS::NoValue: the property is not there."""


@dataclass(kw_only=True)
class Resolver:
    """Resolves one stack's values.

    output: finds another stack's output, by stack, region and output name, already resolved; None if there is none.
    conditions: which way every condition goes in this reading. unresolved: what pointed nowhere, with where.
    unreadable: what could not be followed, with where.
    """

    stack: WrittenStack
    output: Callable[[str, str, str], Json]
    conditions: Mapping[str, bool]
    where: str = ""
    unresolved: list[tuple[str, str]] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    hops: int = 0

    def resolve(self, value: Json) -> Json:
        """Return the value with every intrinsic function in it carried out."""
        result = self._resolve(value)
        return None if isinstance(result, _NoValue) else result

    def _resolve(self, value: Json) -> Json | _NoValue:
        if isinstance(value, str):  # first, because most are
            return value
        if isinstance(value, Mapping):
            for name in value:
                if name == "Ref" or name.startswith("Fn::"):
                    # CloudFormation takes functions alone; a macro (Fn::Transform) may stand among others.
                    return self._call(name, value[name]) if len(value) == 1 else self._unread(name)
            resolved = {key: self._resolve(item) for key, item in value.items()}
            return {key: item for key, item in resolved.items() if not isinstance(item, _NoValue)}
        if isinstance(value, Sequence):
            items = [self._resolve(item) for item in value]
            return [item for item in items if not isinstance(item, _NoValue)]
        return value

    def _unread(self, what: str) -> str:
        """Write down what could not be followed, and return a text that is nothing's right value."""
        self.unreadable.append((self.where, what))
        return f"${{unread:{what}}}"

    def _ref(self, name: str) -> Json | _NoValue:
        if name == "AWS::NoValue":
            return _NoValue()
        stack = self.stack
        here = {"AWS::Region": stack.region, "AWS::AccountId": stack.account, "AWS::StackName": stack.name}
        if known := (_PSEUDO | here).get(name):
            return known
        if name in as_map(stack.template.get("Parameters")):
            return self._unread(f"parameter {name}, which is chosen when deploying")
        return self._token(name, "")

    def _token(self, name: str, attribute: str) -> str:
        target = as_map(as_map(self.stack.template.get("Resources")).get(name))
        kind = as_text(target.get("Type"))
        known = bool(target) if not attribute else attribute in schema(kind).attributes
        if not known and name not in _KNOWN_WHEN_DEPLOYED:
            self.unresolved.append((self.where, f"{name}.{attribute}" if attribute else name))
        return f"${{{self.stack.layer}/{name.replace(':', '')}{'.' + attribute if attribute else ''}}}"

    def _call(self, function: str, argument: Json) -> Json | _NoValue:  # noqa: C901, PLR0911, PLR0912 - one line an intrinsic
        """Carry out a function: first those that refer to something, then those that work on texts and lists."""
        match function, argument:
            case "Ref", _:
                return self._ref(as_text(argument))
            case "Fn::GetAtt", str(text) if "." in text.strip("."):
                return self._token(*text.split(".", 1))
            case "Fn::GetAtt", [str(name), str(attribute)] if attribute:
                return self._token(name, attribute)
            case "Fn::If", [str(name), then, otherwise]:
                return self._resolve(then if self.conditions.get(name, True) else otherwise)
            case "Fn::FindInMap", [name, top, second]:
                return self._find(*(as_text(self.resolve(key)) for key in (name, top, second)))
            case "Fn::GetStackOutput", {"StackName": _, "OutputName": _} if set(as_map(argument)) <= _OUTPUT_KEYS:
                wanted = {"Region": self.stack.region, **as_map(self.resolve(argument))}
                return self._other(*(as_text(wanted.get(key)) for key in ("StackName", "Region", "OutputName")))
            case "Fn::ImportValue", _:
                return f"${{import:{as_text(self.resolve(argument))}}}"
            case "Fn::Join", [str(glue), parts] if isinstance(parts, list | Mapping):
                return glue.join(as_text(part) for part in as_list(self.resolve(parts)))
            case "Fn::Sub", str(text):
                return self._sub(text, {})
            case "Fn::Sub", [str(text), values] if isinstance(values, Mapping):
                return self._sub(text, values)
            case "Fn::Select", [index, items]:
                return self._select(as_text(index), self.resolve(items))
            case "Fn::Split", [str(glue), text] if glue:
                return self._split(glue, as_text(self.resolve(text)))
            case _:
                return self._unread(function)

    def _find(self, name: str, top: str, second: str) -> Json:
        found = dig(as_map(as_map(self.stack.template.get("Mappings")).get(name)).get(top), second)
        return self._unread("Fn::FindInMap") if found is None else found

    def _other(self, stack: str, region: str, output: str) -> Json:
        found = self.output(stack, region, output) if self.hops < _MOST_HOPS else None
        if found is None:
            self.unresolved.append((self.where, f"output {output} of {stack} in {region}"))
            return f"${{nowhere:{stack}.{output}}}"
        return found

    def _sub(self, text: str, values: Mapping[str, Json]) -> str:
        def replacement(match: re.Match[str]) -> str:
            literal, name = match[1], match[2]
            if literal:
                return f"${{{name}}}"
            if name in values:
                return as_text(self.resolve(values[name]))
            return as_text(self.resolve({"Fn::GetAtt" if "." in name else "Ref": name}))

        return _SUB.sub(replacement, text)

    def _select(self, index: str, items: Json) -> Json:
        listed = as_list(items)
        return listed[int(index)] if index.isdigit() and int(index) < len(listed) else self._unread("Fn::Select")

    def _split(self, glue: str, text: str) -> Json:
        """Split a text. An alias's reference is its ARN, whose sixth part is the function and seventh the alias."""
        match = TOKEN.fullmatch(text)
        alias = as_map(as_map(self.stack.template.get("Resources")).get(match[2])) if match else {}
        if glue == ":" and alias.get("Type") == "AWS::Lambda::Alias":
            properties = as_map(alias.get("Properties"))
            return [
                *("arn", "aws", "lambda", self.stack.region, self.stack.account, "function"),
                self.resolve(properties.get("FunctionName")),
                self.resolve(properties.get("Name")),
            ]
        return text.split(glue) if match is None else [text]


def condition_value(condition: Json) -> bool | None:
    """Return which way a condition goes if its text alone decides it, else None."""
    if not isinstance(condition, Mapping) or len(condition) != 1:
        return None
    ((function, argument),) = condition.items()
    inner = [condition_value(item) for item in as_list(argument)]
    match function:
        case "Fn::Equals" if len(as_list(argument)) == 2:
            left, right = as_list(argument)
            both_known = not isinstance(left, Mapping) and not isinstance(right, Mapping)
            return as_text(left) == as_text(right) if both_known else None
        case "Fn::Not":
            return None if None in inner or not inner else not inner[0]
        case "Fn::And":
            return False if False in inner else None if None in inner else True
        case "Fn::Or":
            return True if True in inner else None if None in inner else False
        case _:
            return None
