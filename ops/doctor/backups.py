"""Whether AWS Backup may back the database up, here and where its copies go."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from flux_infra.config import Backups
from flux_infra.constructs.names import backup_copies_name

from .account import Account
from .check import Answer, Check, missing, ok


def checks(account: Account) -> Iterator[Check]:
    """Nothing where the environment has no backups."""
    settings = account.config.backups
    if not isinstance(settings, Backups):
        return
    yield _opt_in(account, account.config.region)
    if isinstance(settings.copy_region, str):
        region = settings.copy_region
        yield _opt_in(account, region)
        yield Check(
            what=f"vault of the copies in {region}",
            needed=backup_copies_name(account.config),
            ask=lambda: _copies(account, region),
            emulated=True,
        )


def _opt_in(account: Account, region: str) -> Check:
    return Check(what=f"AWS Backup's opt-in in {region}", needed="RDS", ask=lambda: _opted_in(account, region))


def _opted_in(account: Account, region: str) -> Answer:
    settings = account.backups_in(region).describe_region_settings()["ResourceTypeOptInPreference"]
    if settings.get("RDS"):
        return ok("RDS is on")
    return missing(
        "RDS is off",
        f"aws backup update-region-settings --region {region} --resource-type-opt-in-preference RDS=true",
    )


def _copies(account: Account, region: str) -> Answer:
    name = backup_copies_name(account.config)
    try:
        vault = account.backups_in(region).describe_backup_vault(BackupVaultName=name)
    except ClientError as error:
        # AWS Backup answers AccessDeniedException for a vault that does not exist, to whoever may see every other one.
        if error.response["Error"]["Code"] not in {"ResourceNotFoundException", "AccessDeniedException"}:
            raise
        return missing(
            "no such vault",
            "scripts/cdk deploy --app '.venv/bin/python -m flux_infra.apps.backup_copies' --build '' "
            f"Flux-backup-copies-{account.config.name}",
        )
    return ok(f"there, {'locked' if vault.get('Locked') else 'not locked'}")
