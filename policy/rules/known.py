"""Nothing is there that no rule has an opinion of: no other kind of resource, no other property, no second namesake."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..finding import Broken, Rules
from ..known import PROPERTIES, TYPES
from ..model import Environment
from ..settings import SETTINGS
from ..values import Json, as_list, as_map

RULES = Rules()
_WHERE = "policy/known.py"


@RULES.rule("KNOWN-TYPES", source=_WHERE, remedy="write rules for such resources, then name the type there")
def every_resource_is_of_a_type_that_rules_judge(environment: Environment) -> Iterable[Broken]:
    """A resource that is added opens what its type can open."""
    for resource in environment.resources():
        if resource.type not in TYPES:
            yield Broken(resource=resource, what=f"is of a type that no rule judges: {resource.type}")


@RULES.rule("KNOWN-PROPERTIES", source=_WHERE, remedy="write a rule for the property, then name it there")
def every_property_is_one_that_rules_judge(environment: Environment) -> Iterable[Broken]:
    """Of the network and of what holds state. A property that is added can undo what the others say."""
    for resource in environment.resources():
        unknown = set(resource.properties) - PROPERTIES.get(resource.type, set(resource.properties))
        if unknown:
            yield Broken(resource=resource, what=f"sets {', '.join(sorted(unknown))}, which no rule judges")


@RULES.rule("KNOWN-NAMES", source="policy/model.py", remedy="give constructs names of their own")
def no_two_resources_have_the_same_name(environment: Environment) -> Iterable[Broken]:
    """Rules know resources by their constructs' names, without CDK's hash; a namesake could stand in for another."""
    for name, count in Counter(resource.name for resource in environment.resources()).items():
        if count > 1:
            yield Broken(subject=name, what=f"{count} resources are called {name}")


@RULES.rule("KNOWN-SETTINGS", source="policy/settings.py", remedy="write a rule for the setting, then name it there")
def no_resource_has_a_setting_that_nobody_judged(environment: Environment) -> Iterable[Broken]:
    """Of the API, the edge and the model, and inside their properties."""
    for resource in environment.resources():
        for path, names in SETTINGS.get(resource.type, {}).items():
            for place in _places(resource.properties, path.split(".") if path else []):
                for name in sorted(set(as_map(place)) - names):
                    yield Broken(resource=resource, what=f"has {path}{'.' if path else ''}{name}, which no rule judges")


def _places(value: Json, path: Sequence[str]) -> Iterator[Json]:
    """Yield what stands at a path; of a list, each item."""
    if not path:
        yield value
    elif path[0] == "*":
        for item in as_list(value):
            yield from _places(item, path[1:])
    elif isinstance(value, Mapping) and path[0] in value:
        yield from _places(value[path[0]], path[1:])
