"""Nothing is there that no rule has an opinion of: no other kind of resource, no other property, no second namesake."""

from collections import Counter
from collections.abc import Iterable

from ..finding import Broken, Rules
from ..known import PROPERTIES, TYPES
from ..model import Environment

RULES = Rules()
_WHERE = "flux_infra/policy/known.py"


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


@RULES.rule("KNOWN-NAMES", source="flux_infra/policy/model.py", remedy="give constructs names of their own")
def no_two_resources_have_the_same_name(environment: Environment) -> Iterable[Broken]:
    """Rules know resources by their constructs' names, without CDK's hash; a namesake could stand in for another."""
    for name, count in Counter(resource.name for resource in environment.resources()).items():
        if count > 1:
            yield Broken(subject=name, what=f"{count} resources are called {name}")
