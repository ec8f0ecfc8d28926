"""What `cdk bootstrap` left in the account: bucket and roles that the CDK CLI deploys through."""

import re
from collections.abc import Iterator
from functools import partial

from botocore.exceptions import ClientError

from flux_infra.config import Backups

from ..aws import CHECKOUT
from .account import Account
from .check import Answer, Check, missing, ok, to_do

STACK = "CDKToolkit"

# Below this the CLI refuses to deploy: `requiresBootstrapStackVersion` of an assembly with assets (aws-cdk-lib).
LEAST_VERSION = 8

_TEMPLATE = CHECKOUT / "node_modules" / "aws-cdk" / "lib" / "api" / "bootstrap" / "bootstrap-template.yaml"
_VERSION = re.compile(r"^  CdkBootstrapVersion:\n(?:^    .*\n)*?^      Value: '(\d+)'", re.MULTILINE)


def pinned_version() -> int:
    """Version of the template that the CDK CLI of this repository bootstraps with.

    Raises:
        LookupError: the template does not say.
    """
    found = re.search(
        r"^  CdkBootstrapVersion:\n(?:^    .*\n)*?^      Value: '(\d+)'", _TEMPLATE.read_text(), re.MULTILINE
    )
    if found is None:
        raise LookupError(f"{_TEMPLATE}: no CdkBootstrapVersion; see how this version of the CDK CLI states it")
    return int(found[1])


def checks(account: Account) -> Iterator[Check]:
    """The environment's region, and that of its copies."""
    needed, config = pinned_version(), account.config
    regions = [config.region]
    if isinstance(config.backups, Backups) and isinstance(config.backups.copy_region, str):
        regions.append(config.backups.copy_region)
    for region in regions:
        yield Check(
            what=f"CDK bootstrap in {region}",
            needed=f"version {needed}",
            ask=partial(_version, account, region, needed),
            emulated=True,
        )


def _version(account: Account, region: str, needed: int) -> Answer:
    remedy = f"scripts/cdk bootstrap aws://{account.config.account}/{region}"
    try:
        (stack,) = account.stacks_in(region).describe_stacks(StackName=STACK)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":  # which is how CloudFormation says that there is none
            raise
        return missing("none", remedy)
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    present = int(outputs.get("BootstrapVersion", "0"))
    if present >= needed:
        return ok(f"version {present}")
    return (missing if present < LEAST_VERSION else to_do)(f"version {present}", remedy)
