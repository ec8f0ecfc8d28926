"""Which instance classes AWS offers, as its own lists said on the day that instance_classes.json names.

A class that does not exist is otherwise found by CloudFormation, half-way through a deployment.
"""

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from .rules import require

# What the classes are for, and the prefix that AWS writes before them.
Service = Literal["database", "cache", "model"]
_PREFIXES: Mapping[Service, str] = {"database": "db.", "cache": "cache.", "model": "ml."}

# Classes that exist and that Flux cannot run on: a pattern of the class, and the reason.
_REFUSED: Mapping[Service, Mapping[str, str]] = {
    "database": {},
    "cache": {
        r"r6gd\.": "needs data tiering, which Flux's cache does not use (CreateReplicationGroup, DataTieringEnabled)",
    },
    "model": {
        # EC2 User Guide, "Instance store volumes": a `d` behind the generation, and accelerators by their names.
        r"([a-z]+[0-9]+[a-z]*d[a-z]*|g5|g6|g6e|g7|g7e|p5[a-z]*|p6-[a-z0-9]+|trn[0-9][a-z]*)\.": "has NVMe disks of "
        "its own, with which SageMaker refuses the endpoint's KmsKeyId (sagemaker-python-sdk #3677)",
        r"[a-z]+[0-9]+g[a-z]*\.": "has ARM processors, and the serving image is built for x86",
    },
}

# GiB for each vCPU of a family, and what the small sizes of the burstable one have (AWS, "Amazon RDS Instance Types").
_GIB_PER_VCPU = {"m": 4, "r": 8, "t": 4}
_SMALL_GIB = {"micro": 1, "small": 2, "medium": 4}
_OLDEST_GENERATION = {"m": 5, "r": 5, "t": 3}  # before it, families had other sizes


@cache
def _content() -> Mapping[str, object]:
    content: Mapping[str, object] = json.loads(Path(__file__).with_suffix(".json").read_text())
    return content


def list_date() -> str:
    """Return the day of the lists, like `2026-10-20`."""
    return str(_content()["date"])


@cache
def usable_classes(service: Service) -> tuple[str, ...]:
    """Return every class of a service that AWS offers and Flux can run on, without its prefix."""
    names = [name for name in _listed(service) if not _reason_against(service, name)]
    return tuple(name for name in names if service != "database" or database_memory_gib(name) is not None)


def require_class(service: Service, field: str, value: str) -> None:
    """Check that an instance class exists and that Flux can run on it.

    Raises:
        ConfigError: it does not; the message names the nearest class that does.
    """
    prefix = _PREFIXES[service]
    nearest = difflib.get_close_matches(value.removeprefix(prefix), usable_classes(service), n=1, cutoff=0.0)
    if value.startswith(prefix):
        rule = f"write it without {prefix!r}"
    elif reason := _reason_against(service, value):
        rule = reason
    elif value in _listed(service):
        rule = "its memory is not known here, and with it how many connections it takes"
    else:
        rule = f"AWS offers no such class here (list of {list_date()}, instance_classes.json)"
    require(value in usable_classes(service), field, value, f"{rule}; the nearest is {nearest[0]!r}")


def database_memory_gib(name: str) -> int | None:
    """Return the memory of a class of RDS, GiB; None of one whose family is not known here."""
    match = re.fullmatch(r"([a-z])([0-9])[a-z]*\.(micro|small|medium|large|([0-9]*)xlarge)", name)
    if match is None or int(match[2]) < _OLDEST_GENERATION.get(match[1], 99):
        return None
    if match[3] in _SMALL_GIB:
        return _SMALL_GIB[match[3]] if match[1] == "t" else None
    vcpus = 2 if match[3] == "large" else 4 * int(match[4] or 1)
    return vcpus * _GIB_PER_VCPU[match[1]]


def _listed(service: Service) -> list[str]:
    listed = _content()[service]
    if not isinstance(listed, Sequence):
        raise TypeError(f"instance_classes.json: {service} is no list")
    return [str(name) for name in listed]


def _reason_against(service: Service, name: str) -> str:
    return next((reason for pattern, reason in _REFUSED[service].items() if re.match(pattern, name)), "")
