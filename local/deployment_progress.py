"""How far `cdk deploy` is, from what it prints with `--progress events`."""

import re

from .console import Step

# Flux-local-Data |  3/41 | 4:40:42 PM | CREATE_COMPLETE | AWS::KMS::Key | Flux-local/Data/Key (Key961B73FD)
_EVENT = re.compile(r"\S+-(\w+) \| +(\d+)/(\d+) \|")
# A stack as it begins, "... (Flux-local-Data): deploying... [2/7]", and as it ends.
_BEGINS = re.compile(r"\S+/(\w+) \(\S+\): deploying\.\.\. ")
_ENDS = re.compile(r"\s*✅ +\S+/(\w+) \(\S+\)( \(no changes\))?")


class DeploymentProgress:
    """Tells the step of a deployment which stacks are under way and which are done. stacks: how many there are."""

    def __init__(self, step: Step, *, stacks: int) -> None:
        self._step = step
        self._stacks = stacks
        self._done: set[str] = set()
        self._under_way: dict[str, str] = {}

    def read(self, line: str) -> None:
        """Take in a line of the CLI; most say nothing of interest."""
        if event := _EVENT.match(line):
            layer, done, of = event.groups()
            self._under_way[layer] = f"{layer} {done} of {of} resources"
        elif begins := _BEGINS.match(line):
            self._under_way[begins[1]] = begins[1]
        elif ends := _ENDS.match(line):
            layer, same = ends.groups()
            self._under_way.pop(layer, None)
            self._done.add(layer)
            self._step.finish_part(f"{layer} is {'as it was' if same else 'deployed'}")
        else:
            return
        now = ", ".join(self._under_way.values())
        self._step.show(f"{len(self._done)} of {self._stacks} done{'; ' * bool(now)}{now}")
