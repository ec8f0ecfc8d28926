"""Whether one AWS machine is at least another: the same family, not older, not smaller."""

import re

_CLASS = re.compile(r"(?:db|cache|ml)\.([a-z]+)([0-9]+)([a-z-]*)\.([0-9]*)([a-z]+)")
_SIZES = ("nano", "micro", "small", "medium", "large", "xlarge")


def at_least_as_large(found: str, wanted: str) -> bool:
    """Whether `found` (like `db.r8g.4xlarge`) has the memory and processor of `wanted`, or more of both.

    A family's letter says how much memory each processor has; a `g` after its generation, that it is Arm's.
    """
    have, want = _CLASS.fullmatch(found), _CLASS.fullmatch(wanted)
    if have is None or want is None:
        return found == wanted
    same_kind = have[1] == want[1] and ("g" in have[3]) == ("g" in want[3])
    return same_kind and int(have[2]) >= int(want[2]) and _size(have) >= _size(want)


def _size(match: re.Match[str]) -> int:
    """Order sizes; one without a known name, like `metal`, is none of ours."""
    name, times = match[5], int(match[4] or 1)
    return _SIZES.index(name) + times - 1 if name in _SIZES else -1
