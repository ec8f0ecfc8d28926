"""Which resource a scanner speaks of: from its construct's path, or its template and logical id, to a finding."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from .acknowledgement import Found
from .assembly import AssemblyError
from .model import WrittenStack
from .values import as_map, as_text

_REFERENCE = re.compile(r"<(\w+)((?:\.\w+)*)>")
# An attribute of another stack's resource, as the CDK refers to it; cdk-nag quotes it as JSON.
_PUBLISHED = re.compile(r'\{"Fn::GetStackOutput":\{"StackName":"([\w-]+)"[^}]*"OutputName":"(\w+)"\}\}')
_ADDRESS = re.compile(r"(arn:aws:[a-z0-9-]+):[a-z]{2}(?:-[a-z]+)+-\d:\d{12}:")


# How reports and the ledger call the packs of cdk-nag.
PACKS = ("AwsSolutions", "Serverless", "HIPAA.Security", "NIST.800.53.R5", "PCI.DSS.321")
_ACKNOWLEDGED = "acknowledged.json"


def write_acknowledged(folder: Path, found: Iterable[Found]) -> None:
    """Write down what cdk-nag found and the ledger lets stay, beside the report of what it does not."""
    (folder / _ACKNOWLEDGED).write_text(json.dumps([asdict(one) for one in sorted(found)], indent=0))


def read_acknowledged(folder: Path) -> set[Found]:
    """Return what cdk-nag found and the ledger let stay when `cdk synth` wrote this folder.

    Raises:
        AssemblyError: it was written without cdk-nag.
    """
    file = folder / _ACKNOWLEDGED
    if not file.exists():
        raise AssemblyError(f"{file}: missing, so cdk-nag did not judge; run 'make synth' first")
    return {Found(**found) for found in json.loads(file.read_text())}


class Places:
    """The resources of some stacks, as `cdk synth` wrote them."""

    def __init__(self, stacks: Iterable[WrittenStack]) -> None:
        """Find resources in these stacks."""
        self.templates = {stack.file: stack for stack in stacks}
        self._paths = {path: (stack, name) for stack in self.templates.values() for name, path in stack.paths.items()}

    def at_path(self, rule: str, path: str) -> Found:
        """Return a finding at a construct's path, which begins with its stage's name."""
        stack, logical_id = self._paths[path]
        return self._found(rule, stack, logical_id)

    def in_template(self, rule: str, file: Path, logical_id: str) -> Found:
        """Return a finding in a template; one without a logical id is about the template itself."""
        return self._found(rule, self.templates[file], logical_id)

    def _found(self, rule: str, stack: WrittenStack, logical_id: str) -> Found:
        path = stack.paths.get(logical_id, f"{stack.stage}/{stack.layer}/{logical_id}")
        return Found(
            rule=_readable(_PUBLISHED.sub(self._published, rule), stack),
            environment=stack.stage,
            path=path.partition("/")[2].removesuffix("/Resource"),
            type=_type(stack, logical_id) or "template",
        )

    def _published(self, reference: re.Match[str]) -> str:
        """Return what another stack publishes as cdk-nag would say it within that stack: `<AWS::S3::Bucket.Arn>`."""
        for stack in self.templates.values():
            output = as_map(as_map(stack.template.get("Outputs")).get(reference[2]))
            match as_map(output.get("Value")).get("Fn::GetAtt"):
                case [str(logical_id), str(attribute)] if stack.name == reference[1]:
                    return f"<{_type(stack, logical_id)}.{attribute}>"
        return reference[0]


def _type(stack: WrittenStack, logical_id: str) -> str:
    return as_text(as_map(as_map(stack.template.get("Resources")).get(logical_id)).get("Type"))


def _readable(rule: str, stack: WrittenStack) -> str:
    """Return what a rule says of a resource as it is said of any environment's: without names, hashes and places."""
    text = _REFERENCE.sub(lambda match: f"<{_type(stack, match[1]) or match[1]}{match[2]}>", rule)
    text = _ADDRESS.sub(r"\1:<region>:<account>:", text)
    text = text.replace(f"-{stack.account}-{stack.region}", "-<account>-<region>")
    return text.replace(f"-{stack.stage}-", "-<name>-")
