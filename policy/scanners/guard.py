"""The rules of AWS Control Tower's proactive controls, by AWS's own evaluator of Guard."""

import json
import re
import sys
import tarfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

from cloudformation_validate import (
    CelEngine,
    DetailLevel,
    EngineConfig,
    ExternalRuleSource,
    TemplateContent,
    ValidateConfig,
)

type Json = str | int | float | bool | list[Json] | dict[str, Json] | None


def control_tower_rules() -> Iterator[ExternalRuleSource]:
    """Yield the rule files that AWS publishes inside a CDK plugin.

    Raises:
        RuntimeError: the package no longer carries them.
    """
    files = distribution("cdklabs-cdk-validator-cfnguard").files or []
    (archive,) = [file for file in files if file.suffix == ".tgz"]
    count = 0
    with tarfile.open(str(archive.locate())) as rules:
        for member in rules.getmembers():
            content = rules.extractfile(member) if member.name.endswith(".guard") else None
            if content is not None:
                count += 1
                yield ExternalRuleSource(name=Path(member.name).stem, content=content.read().decode())
    if count < 200:
        raise RuntimeError(f"{archive}: holds {count} Guard rules, not Control Tower's more than 200")


_TYPE = re.compile(r"AWS::\w+::\w+")
_TEXT = {"Fn::GetStackOutput", "Fn::Join", "Fn::Sub"}


def as_guard_reads(value: Json) -> Json:
    """Return the template with what makes a text as text: of such functions the rules know Ref and GetAtt alone.

    Not in policies, where they look for joined ARNs.
    """
    if isinstance(value, dict):
        if len(value) == 1 and value.keys() <= _TEXT:
            return json.dumps(value)
        return {key: item if key == "PolicyDocument" else as_guard_reads(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_guard_reads(item) for item in value]
    return value


class Rules:
    """All rules. Each template is judged by those that speak of a type in it; the others would only take their time."""

    def __init__(self) -> None:
        self._sources = tuple(control_tower_rules())
        self._engines: dict[tuple[str, ...], CelEngine] = {}

    def engine_for(self, types: set[str]) -> CelEngine:
        """Return an engine for templates with these types; the same rules are compiled once."""
        sources = [rule for rule in self._sources if not types.isdisjoint(_TYPE.findall(rule.content))]
        names = tuple(rule.name for rule in sources)
        if names not in self._engines:
            self._engines[names] = CelEngine(EngineConfig(guard_rules=sources))
        return self._engines[names]


def _types(template: dict[str, Json]) -> Iterator[str]:
    """Yield the types of a template's resources; what a macro would write has none yet."""
    resources = template["Resources"]
    for resource in resources.values() if isinstance(resources, dict) else ():
        if isinstance(resource, dict) and isinstance(kind := resource.get("Type"), str):
            yield kind


def main(files: list[str]) -> None:
    """Print what breaks a rule."""
    rules = Rules()
    config = ValidateConfig(disable_builtin_rules=True, detail_level=DetailLevel.STANDARD)
    found = set()
    for file in files:
        template = json.loads(Path(file).read_text())
        engine = rules.engine_for(set(_types(template)))
        content = TemplateContent(json.dumps(as_guard_reads(template)), file)
        for diagnostic in engine.validate_template(content, config).diagnostics:
            found.add((file, diagnostic.rule_id, diagnostic.entity.logical_id if diagnostic.entity else ""))
    json.dump(sorted(found), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
