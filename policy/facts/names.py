"""What things are called in a surface: construct paths instead of logical ids, and no hash that a build changes.

The environment's own name, account and region are written `{environment}`, `{account}` and `{region}`, so that
environments can be compared with each other; another's stays as it is and so is seen.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import cast

from policy.model import TOKEN, Environment, Resource, plain_id
from policy.values import Json, as_text

from .left_out import fingerprints

# Attributes that mean the resource itself; what a property wants (name, id or ARN) follows from the property.
_ITSELF = {"Arn", "GroupId"}
# Types that others may call by their own name, because Ref answers with that name: the property that sets it.
_NAMED_BY = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::Logs::LogGroup": "LogGroupName",
}
_VERSION = re.compile(r"[0-9a-f]{32}$")


class Names:
    """How one environment's resources and values are written in its surface.

    assets: what the asset manifests say that each hash is of.
    """

    def __init__(self, environment: Environment, assets: Mapping[str, str]) -> None:
        self._environment = environment
        self._assets = assets
        self._short = {digest[:8] for digest in assets}
        self._stage = next((s.name.removesuffix(f"-{s.layer}") for s in environment.stacks), "")
        self._masks = self._own_masks()
        self._fingerprints = {
            as_text(resource.get(path)): f"<fingerprint of {resource.name}>"
            for kind, path in fingerprints()
            for resource in environment.of(kind)
        }
        paths = {_key(r): self._path(r) for r in environment.resources()}
        shared = {path for path, count in Counter(paths.values()).items() if count > 1}
        self._own = {key: f"{path}/{key.split('/')[1]}" if path in shared else path for key, path in paths.items()}

    def _own_masks(self) -> list[tuple[re.Pattern[str], str]]:
        name, glued = self._environment.name, re.escape(self._stage.replace("-", ""))
        name_glued = name.replace("-", "")
        masks = [
            # CDK's unique ids begin with the stage and end in a hash of a path that the stage is part of.
            (re.compile(rf"({glued}[A-Za-z0-9]*?)[0-9A-F]{{8}}(?![0-9A-Za-z])"), r"\1#"),
            (re.compile(rf"(?<={glued.removesuffix(name_glued)}){name_glued}(?=[A-Z])"), "{environment}"),
            (re.compile(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])"), "{environment}"),
        ]
        if not glued:
            masks = []
        for value, mask in ((self._environment.account, "{account}"), (self._environment.region, "{region}")):
            if value:
                masks.append((re.compile(rf"(?<![0-9A-Za-z]){re.escape(value)}"), mask))
        return masks

    def _path(self, resource: Resource) -> str:
        path = resource.path
        if self._stage and path.startswith(f"{self._stage}/"):
            path = path.split("/", 1)[1]
        path = re.sub(r"/(Resource|Default)$", "", path) or resource.name
        return self._masked(re.sub(r"\s+", "_", path))

    def of(self, resource: Resource) -> str:
        """Return the subject of a resource's lines."""
        return self._own[_key(resource)]

    def sibling(self, resource: Resource, logical_id: str) -> str:
        """Return the subject of another resource of the same stack."""
        return self._own.get(f"{resource.layer}/{logical_id}", f"{resource.layer}/{logical_id}")

    @cached_property
    def _tree(self) -> Mapping[str, frozenset[str]]:
        tree: dict[str, set[str]] = {}
        for name in self._own.values():
            parts = name.split("/")
            for depth in range(2, len(parts) + 1):
                tree.setdefault("/".join(parts[:depth]), set()).add(name)
        return {prefix: frozenset(names) for prefix, names in tree.items()}

    def below(self, prefix: str) -> frozenset[str]:
        """Return every subject at or below a construct's path."""
        return self._tree.get(prefix, frozenset())

    @cached_property
    def with_egress_rule(self) -> frozenset[str]:
        """The security groups that an AWS::EC2::SecurityGroupEgress of any stack belongs to."""
        rules = self._environment.of("AWS::EC2::SecurityGroupEgress")
        return frozenset(self.text(rule.get("GroupId")).strip("<>") for rule in rules)

    @cached_property
    def _called(self) -> Mapping[str, str]:
        """The subjects that others may call by a name of ours."""
        return {
            as_text(resource.get(_NAMED_BY[resource.type])): self.of(resource)
            for resource in self._environment.of(*_NAMED_BY)
            if resource.get(_NAMED_BY[resource.type])
        }

    @cached_property
    def _aliases(self) -> Mapping[str, str]:
        """A function's name or ARN with an alias behind it is the alias."""
        return {
            f"{self._reference(match)}:{as_text(alias.get('Name'))}": f"<{self.of(alias)}>"
            for alias in self._environment.of("AWS::Lambda::Alias")
            if (match := TOKEN.fullmatch(as_text(alias.get("FunctionName"))))
        }

    def logical_id(self, resource: Resource) -> str:
        """Return the logical id where it is not the one that CDK makes of the path, else nothing."""
        found, parts = resource.logical_id, resource.path.split("/")[2:]
        expected = made_of(parts) if parts else ""
        is_version = bool(expected) and found.startswith(expected) and _VERSION.fullmatch(found[len(expected) :])
        return "" if found == expected or is_version else self._masked(found)

    def text(self, value: Json) -> str:
        """Return a value as one line of text."""
        if isinstance(value, Mapping):
            return "{" + ", ".join(f"{self.text(k)}: {self.text(v)}" for k, v in sorted(value.items())) + "}"
        if isinstance(value, Sequence) and not isinstance(value, str):
            return "[" + ", ".join(self.text(item) for item in value) + "]"
        text = as_text(value)
        if not text:
            return "(empty)"
        if text in self._called:
            return f"<{self._called[text]}>"
        if text in self._fingerprints:
            return self._fingerprints[text]
        parts, end = [], 0
        for match in TOKEN.finditer(text):
            parts += [self._masked(text[end : match.start()]), self._reference(match)]
            end = match.end()
        said = "".join([*parts, self._masked(text[end:])]).replace("\n", "\\n")
        return re.sub(r"<[^<>]+>:\w+", lambda m: self._aliases.get(m[0], m[0]), said) if ">:" in said else said

    def value(self, subject: str, value: Json) -> str:
        """Return a property's value as text; a resource's own name is written out where the resource says it."""
        text = self.text(value)
        return self._masked(as_text(value)) if text == f"<{subject}>" and "${" not in as_text(value) else text

    def _reference(self, match: re.Match[str]) -> str:
        name = self._own.get(f"{match[1]}/{match[2]}", f"{match[1]}/{plain_id(match[2])}")
        return f"<{name}>" if match[3] is None or match[3] in _ITSELF else f"<{name}.{match[3]}>"

    def _masked(self, text: str) -> str:
        """Return the text without what differs between builds and environments; an unknown hash stays as it is."""
        if len(text) < 3:
            return text
        text = re.sub(r"\b[0-9a-f]{64}\b", self._asset, text)
        text = re.sub(r"(?<![0-9a-f])[0-9a-f]{8}(?![0-9a-f])", lambda m: "#" if m[0] in self._short else m[0], text)
        for pattern, mask in self._masks:
            text = pattern.sub(mask, text)
        return text

    def _asset(self, match: re.Match[str]) -> str:
        return f"<asset {self._assets[match[0]]}>" if match[0] in self._assets else match[0]


def _key(resource: Resource) -> str:
    return f"{resource.layer}/{resource.logical_id}"


def made_of(path: Sequence[str]) -> str:
    """Return the logical id that CDK makes of a path below its stack (aws-cdk-lib, `makeUniqueId`)."""
    parts = [part for part in path if part != "Default"]
    if len(parts) == 1 and parts[0].isalnum():
        return parts[0]
    digest = hashlib.md5("/".join(parts).encode(), usedforsecurity=False).hexdigest()[:8].upper()
    human: list[str] = []
    for part in parts:
        if not (human and human[-1].endswith(part)):  # CDK leaves out what the part before ends with
            human.append(part)
    return "".join(re.sub(r"[^A-Za-z0-9]", "", part) for part in human if part != "Resource")[:240] + digest


def json_of(text: str) -> Json:
    """Return what a text that is JSON says; None if it is none."""
    if text[:1] not in "{[" or text[-1:] not in "}]" or not text:
        return None
    try:
        return cast("Json", json.loads(text))
    except ValueError:
        return None
