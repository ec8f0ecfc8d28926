"""Every module that patches ministack, in the order of installation."""

import importlib
from typing import Protocol, cast

from .expectations import LIST, check

INSTALLED = (
    # What the others build on.
    "resources",
    "network",
    # Records.
    "records",
    "change_sets",
    "generated_secrets",
    "origin_access",
    # Real servers and processes.
    "rds",
    "rds_metrics",
    "rds_operations",
    "rds_snapshots",
    "backups",
    "elasticache",
    "sagemaker",
    "emptied_buckets",
    "functions",
    "function_versions",
    "partial_batches",
    "message_moves",
    "log_patterns",
    "secret_rotation",
    # What happens between services.
    "codedeploy",
    "metrics",
    "metric_data",
    "metric_alarms",
    "composite_alarms",
    "cloudfront",
    "cloudfront_stores",
    "gateway",
    "gateway_authorizer",
)
"""Names of the modules of this package that patch ministack, in the order of their installation."""


class Patch(Protocol):
    """A module that changes ministack."""

    def install(self) -> None:
        """Change ministack; called once, after every expectation was checked."""


def install_all() -> None:
    """Check what every module expects, then install every patch. ministack must be configured by then.

    Raises:
        StartError: ministack is not what the patches were written for; nothing was changed.
    """
    check(LIST.read_text().splitlines())
    for name in INSTALLED:
        patch = cast("Patch", importlib.import_module(f"{__package__}.{name}"))
        patch.install()
