"""What RDS publishes of an instance's storage: FreeStorageSpace.

Source: RDS User Guide, "Amazon CloudWatch metrics for Amazon RDS". A file counts with its length and not with the
blocks that it takes of this machine's disk, so a sparse file fills the instance's storage and nothing else.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

import threading
from collections.abc import Iterator
from pathlib import Path

from ministack.core.responses import request_scope
from ministack.services import rds

from .metrics import publish
from .rds import DATABASES
from .settings import ACCOUNT, REGION
from .shutdown import at_shutdown
from .telemetry.sample import Sample

PUBLISH_SECONDS = 15.0
"""How often; on RDS once a minute."""


def _samples() -> Iterator[Sample]:
    for instance, database in list(DATABASES.items()):
        record = rds._instances.get(instance)
        if record is not None and record["DBInstanceStatus"] != "stopped":
            free = int(record["AllocatedStorage"]) * 1024**3 - _used(database.server.data)
            yield Sample(
                namespace="AWS/RDS",
                name="FreeStorageSpace",
                value=float(max(0, free)),
                unit="Bytes",
                dimensions={"DBInstanceIdentifier": instance},
            )


def _used(folder: Path) -> int:
    """Bytes of all files below; one that is deleted meanwhile counts nothing."""
    used = 0
    for below, _, names in folder.walk():
        for name in names:
            try:
                used += (below / name).lstat().st_size
            except FileNotFoundError:
                continue
    return used


def install() -> None:
    """Publish it until the server ends."""
    ended = threading.Event()

    def pump() -> None:
        with request_scope(ACCOUNT, REGION):
            while not ended.wait(PUBLISH_SECONDS):
                publish(_samples())

    threading.Thread(target=pump, name="storage-metrics", daemon=True).start()
    at_shutdown("RDS metrics", ended.set)
