"""Following CloudFormation's intrinsic functions, as far as a template alone allows."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from .model import TOKEN
from .values import Json, as_flag, as_list, as_map, as_text, as_texts

_SUB = re.compile(r"\$\{(!?)([^}]+)\}")
_PSEUDO = {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
_MOST_HOPS = 8  # outputs of outputs; more than this is a circle


class _NoValue:
    """AWS::NoValue: the property is not there."""


@dataclass(kw_only=True)
class Resolver:
    """Resolves one stack's values.

    output: finds another stack's output, by stack name and output name, already resolved; None if there is none.
    conditions: which way every condition goes in this reading. unresolved: what pointed nowhere, with where.
    """

    layer: str
    stack_name: str
    account: str
    region: str
    template: Mapping[str, Json]
    output: Callable[[str, str], Json]
    conditions: Mapping[str, bool]
    where: str = ""
    unresolved: list[tuple[str, str]] = field(default_factory=list)
    hops: int = 0

    def resolve(self, value: Json) -> Json:
        """Return the value with every intrinsic function in it carried out."""
        result = self._resolve(value)
        return None if isinstance(result, _NoValue) else result

    def _resolve(self, value: Json) -> Json | _NoValue:
        if isinstance(value, str):  # first, because most are
            return value
        if isinstance(value, Mapping):
            if "Fn::Transform" in value:
                self.unresolved.append((self.where, "what a macro writes"))
            if len(value) == 1:
                ((function, argument),) = value.items()
                if function == "Ref":
                    return self._ref(as_text(argument))
                if function.startswith("Fn::"):
                    return self._call(function, argument)
            resolved = {key: self._resolve(item) for key, item in value.items()}
            return {key: item for key, item in resolved.items() if not isinstance(item, _NoValue)}
        if isinstance(value, Sequence):
            items = [self._resolve(item) for item in value]
            return [item for item in items if not isinstance(item, _NoValue)]
        return value

    def _ref(self, name: str) -> Json | _NoValue:
        if name == "AWS::NoValue":
            return _NoValue()
        pseudo = {
            **_PSEUDO,
            "AWS::Region": self.region,
            "AWS::AccountId": self.account,
            "AWS::StackName": self.stack_name,
        }
        if name in pseudo:
            return pseudo[name]
        return self._token(name, "")

    def _token(self, name: str, attribute: str) -> str:
        known = name in as_map(self.template.get("Resources")) or name in as_map(self.template.get("Parameters"))
        if not known and not name.startswith("AWS::"):
            self.unresolved.append((self.where, f"{name}.{attribute}" if attribute else name))
        return f"${{{self.layer}/{name.replace(':', '')}{'.' + attribute if attribute else ''}}}"

    def _attribute(self, text: str) -> str:
        name, _, attribute = text.partition(".")
        if not attribute:
            self.unresolved.append((self.where, f"an attribute of {name or 'nothing'} that has no name"))
        return self._token(name, attribute)

    def _call(self, function: str, argument: Json) -> Json | _NoValue:  # noqa: PLR0911 - one line an intrinsic
        match function:
            case "Fn::GetAtt":
                return self._attribute(".".join(as_texts(argument)))
            case "Fn::Join":
                glue, parts_ = (*as_list(argument), "", "")[:2]
                return as_text(glue).join(as_text(self.resolve(part)) for part in as_list(self.resolve(parts_)))
            case "Fn::Sub":
                return self._sub(argument)
            case "Fn::If":
                name, then, otherwise = (*as_list(argument), None, None)[:3]
                return self._resolve(then if self.conditions.get(as_text(name), True) else otherwise)
            case "Fn::Select":
                index, items = (*as_list(argument), None)[:2]
                return self._select(as_text(index), self.resolve(items))
            case "Fn::Split":
                glue, text = (*as_list(argument), None)[:2]
                return self._split(as_text(glue), as_text(self.resolve(text)))
            case "Fn::GetStackOutput":
                return self._other(as_map(self.resolve(argument)))
            case "Fn::ImportValue":
                return f"${{import:{as_text(self.resolve(argument))}}}"
            case _:
                return {function: self.resolve(argument)}

    def _other(self, wanted: Mapping[str, Json]) -> Json:
        stack, output = as_text(wanted.get("StackName")), as_text(wanted.get("OutputName"))
        here = wanted.get("Region", self.region) == self.region and "RoleArn" not in wanted
        found = self.output(stack, output) if here and self.hops < _MOST_HOPS else None
        if found is None:
            where = "" if here else f" in {as_text(wanted.get('Region'))}, or by another role"
            self.unresolved.append((self.where, f"output {output} of {stack}{where}"))
            return f"${{nowhere:{stack}.{output}}}"
        return found

    def _sub(self, argument: Json) -> str:
        parts = as_list(argument)
        text, values = as_text(parts[0]) if parts else "", as_map(parts[1]) if len(parts) > 1 else {}

        def replacement(match: re.Match[str]) -> str:
            literal, name = match[1], match[2]
            if literal:
                return f"${{{name}}}"
            if name in values:
                return as_text(self.resolve(values[name]))
            if "." in name:
                return self._attribute(name)
            return as_text(self.resolve({"Ref": name}))

        return _SUB.sub(replacement, text)

    def _select(self, index: str, items: Json) -> Json:
        listed = as_list(items)
        return listed[int(index)] if index.isdigit() and int(index) < len(listed) else {"Fn::Select": [index, items]}

    def _split(self, glue: str, text: str) -> Json:
        """Split a text. An alias's reference is its ARN, whose sixth part is the function and seventh the alias."""
        match = TOKEN.fullmatch(text)
        alias = as_map(as_map(self.template.get("Resources")).get(match[2])) if match else {}
        if glue == ":" and alias.get("Type") == "AWS::Lambda::Alias":
            properties = as_map(alias.get("Properties"))
            return [
                *("arn", "aws", "lambda", self.region, self.account, "function"),
                self.resolve(properties.get("FunctionName")),
                self.resolve(properties.get("Name")),
            ]
        return text.split(glue) if glue and match is None else [text]


def condition_value(  # noqa: PLR0911 - one line an intrinsic
    condition: Json, decided: Mapping[str, bool]
) -> bool | None:
    """Return which way a condition goes if its text alone decides it, else None."""
    if not isinstance(condition, Mapping) or len(condition) != 1:
        return None
    ((function, argument),) = condition.items()
    inner = [condition_value(item, decided) for item in as_list(argument)]
    match function:
        case "Fn::Equals":
            left, right = (*as_list(argument), None, None)[:2]
            both_known = not isinstance(left, Mapping) and not isinstance(right, Mapping)
            return as_text(left) == as_text(right) if both_known else None
        case "Fn::Not":
            return None if not inner or inner[0] is None else not inner[0]
        case "Fn::And":
            return False if False in inner else None if None in inner else True
        case "Fn::Or":
            return True if True in inner else None if None in inner else False
        case "Condition":
            return decided.get(as_text(argument), as_flag(None))
        case _:
            return None
