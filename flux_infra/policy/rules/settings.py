"""No setting that nobody has judged."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..finding import Broken, Rules
from ..model import Environment
from ..settings import SETTINGS
from ..values import Json, as_list, as_map

RULES = Rules()


@RULES.rule(
    "SETTINGS", source="flux_infra/policy/settings.py", remedy="leave it out; or judge it by a rule, and list it there"
)
def no_resource_has_a_setting_that_nobody_judged(environment: Environment) -> Iterable[Broken]:
    """What a rule does not read it cannot refuse."""
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
