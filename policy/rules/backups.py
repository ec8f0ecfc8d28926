"""Backups of the database: every day, for long enough, locked, copied, and of the database that Flux uses."""

import re
from collections.abc import Iterable, Mapping

from ..finding import Broken, Rules
from ..model import Environment, Resource, plain
from ..statements import statements
from ..values import Json, as_list, as_map, as_number, as_text, dig
from ..wanted import between, fill, one_of
from .policies import shuts_out

RULES = Rules()
VAULT, PLAN, SELECTION = "Data/BackupsVault", "Data/BackupsPlan", "Data/BackupsSelection"
_START_BY_DEFAULT, _END_BY_DEFAULT = 480, 10_080  # minutes
_LONGEST_DAYS = 3_650  # a locked backup that is kept for ever is paid for, for ever

# Any minutes, any hours, every day of every month.
_DAILY = re.compile(
    r"cron\([\d,*/-]+ [\d,*/-]+ (\* \* \?|\? \* \*|1/1 \* \?) \*\)|rate\(([1-9]|1\d|2[0-4]) hours?\)|rate\(1 day\)"
)


def _days(environment: Environment) -> int:
    return environment.backups.retention_days if environment.backups else 35


def _locked(environment: Environment) -> bool:
    return environment.backups is None or environment.backups.locked is True


RULES.demands(
    VAULT,
    (
        "BACKUP-KEY",
        "EncryptionKeyArn",
        one_of("${Data/Key.Arn}"),
        "FSBP Backup.1",
        "encrypt the vault with the data layer's key",
    ),
    (
        "BACKUP-VAULT-NAME",
        "BackupVaultName",
        one_of("flux-<name>-backups"),
        "building/naming.py",
        "keep it; another name is another, empty, vault",
    ),
)
RULES.demands(
    VAULT,
    (
        "BACKUP-LOCKED",
        "LockConfiguration.MinRetentionDays",
        between(_days, _LONGEST_DAYS),
        "AWS Backup Developer Guide, Vault Lock",
        "lock the vault for Backups.retention_days, or opt out with a reason",
    ),
    (
        "BACKUP-LOCK-LONGEST",
        "LockConfiguration.MaxRetentionDays",
        between(_days, _LONGEST_DAYS),
        "AWS Backup Developer Guide, Vault Lock",
        "let nobody keep a backup for ever, which could never be deleted",
    ),
    when=_locked,
)


@RULES.rule(
    "BACKUP-VAULT-POLICY",
    source="AWS Backup Developer Guide, Vault access policies",
    remedy="permit nothing by the vault; roles have what they need",
)
def the_vault_permits_nothing_by_itself(environment: Environment) -> Iterable[Broken]:
    """It may deny: that only makes it stricter."""
    for vault in _named(environment, VAULT):
        for statement in statements(vault.get("AccessPolicy")):
            if statement.effect != "Deny":
                yield Broken(resource=vault, what=f"permits {', '.join(sorted(statement.actions))}")
            elif what := shuts_out(vault, statement):
                yield Broken(resource=vault, what=what)


def _named(environment: Environment, name: str) -> list[Resource]:
    """Return the resource in a list, or an empty one; that it is there is the inventory's to say."""
    found = environment.named(name)
    return [found] if found else []


def _daily(plan: Resource) -> list[Mapping[str, Json]]:
    return [rule for rule in _rules(plan) if _DAILY.fullmatch(_text(rule, "ScheduleExpression"))]


def _rules(plan: Resource) -> list[Mapping[str, Json]]:
    return [as_map(rule) for rule in as_list(plan.get("BackupPlan.BackupPlanRule"))]


def _text(rule: Mapping[str, Json], path: str) -> str:
    return plain(as_text(dig(rule, path)))


@RULES.rule("BACKUP-DAILY", source="FSBP RDS.26", remedy="a rule of the plan that runs every day")
def the_plan_backs_up_every_day(environment: Environment) -> Iterable[Broken]:
    """Into the vault that is locked and watched."""
    for plan in _named(environment, PLAN):
        vaults = {"${Data/BackupsVault.BackupVaultName}", "${Data/BackupsVault}", f"flux-{environment.name}-backups"}
        if not _daily(plan):
            yield Broken(resource=plan, what="has no rule that runs every day")
        for rule in _rules(plan):
            if _text(rule, "TargetBackupVault") not in vaults:
                yield Broken(resource=plan, what=f"fills {_text(rule, 'TargetBackupVault')}, not Flux's vault")


@RULES.rule("BACKUP-RETENTION", source="environments.py, Backups.retention_days", remedy="keep backups for as long")
def backups_are_kept_as_long_as_configured(environment: Environment) -> Iterable[Broken]:
    """Backups and copies; not for ever either, because a locked one cannot be deleted."""
    low = _days(environment)
    for plan in _named(environment, PLAN):
        for rule in _rules(plan):
            copies = [as_map(copy) for copy in as_list(rule.get("CopyActions"))]
            for kept in (rule, *copies):
                days = as_number(dig(kept, "Lifecycle.DeleteAfterDays"))
                if days is None or not low <= days <= _LONGEST_DAYS:
                    yield Broken(
                        resource=plan,
                        what=f"keeps a backup for {days or 'ever'}; must be {low} to {_LONGEST_DAYS} days",
                    )


@RULES.rule("BACKUP-FITS-LOCK", source="AWS Backup Developer Guide, Vault Lock", remedy="keep backups as the lock asks")
def the_lock_takes_what_the_plan_makes(environment: Environment) -> Iterable[Broken]:
    """A locked vault fails every job that would keep a backup for less, or for longer, than it was told."""
    for vault, plan in zip(_named(environment, VAULT), _named(environment, PLAN), strict=False):
        least, most = (vault.number(f"LockConfiguration.{end}RetentionDays") for end in ("Min", "Max"))
        for rule in _rules(plan):
            days = as_number(dig(rule, "Lifecycle.DeleteAfterDays"))
            if days is not None and not (least or 0) <= days <= (most or _LONGEST_DAYS):
                yield Broken(resource=plan, what=f"keeps a backup for {days:g} days, which the vault's lock refuses")


@RULES.rule("BACKUP-WINDOWS", source="AWS Backup API, BackupRule", remedy="an hour to start, and an hour more to end")
def a_backup_has_time_to_start_and_to_end(environment: Environment) -> Iterable[Broken]:
    """A job that has not begun or ended in its windows is given up. RDS keeps no backup in cold storage."""
    for plan in _named(environment, PLAN):
        for rule in _rules(plan):
            start = as_number(rule.get("StartWindowMinutes", _START_BY_DEFAULT)) or 0
            end = as_number(rule.get("CompletionWindowMinutes", _END_BY_DEFAULT)) or 0
            if start < 60 or end < start + 60:
                yield Broken(resource=plan, what=f"has {start:g} minutes to start, and {end:g} to end")
            for kept in (rule, *(as_map(copy) for copy in as_list(rule.get("CopyActions")))):
                if dig(kept, "Lifecycle.MoveToColdStorageAfterDays") is not None:
                    yield Broken(resource=plan, what="moves backups to cold storage, which RDS's have none of")


@RULES.rule("BACKUP-COPIED", source="Well-Architected REL09", remedy="copy every backup to Backups.copy_region")
def backups_are_copied_to_the_second_region(environment: Environment) -> Iterable[Broken]:
    """By every daily rule, into the vault that another stack locks for good; and by none to anywhere else."""
    vault = fill("arn:aws:backup:<copy-region>:<account>:backup-vault:flux-<name>-copies", environment)
    wanted = [vault] if environment.copy_region else []
    for plan in _named(environment, PLAN):
        for rule in _rules(plan):
            found = [_text(as_map(copy), "DestinationBackupVaultArn") for copy in as_list(rule.get("CopyActions"))]
            missing = rule in _daily(plan) and found != wanted
            if environment.config is not None and (missing or set(found) - set(wanted)):
                yield Broken(resource=plan, what=f"copies to {found or 'nowhere'}; must be {wanted or 'nowhere'}")


@RULES.rule("BACKUP-SELECTION", source="FSBP RDS.26", remedy="select the database by its ARN, whatever its tags")
def the_plan_is_about_the_database(environment: Environment) -> Iterable[Broken]:
    """Chosen by name and by nothing that could leave it out, and backed up in its own role."""
    databases = [
        fill(f"arn:aws:rds:<region>:<account>:db:{name}", environment)
        for name in ("${Data/DatabaseInstance}", "flux-<name>-database")
    ]
    for selection in _named(environment, SELECTION):
        chosen = selection.texts("BackupSelection.Resources")
        if not set(chosen) & {*databases, "${Data/DatabaseInstance.DBInstanceArn}"}:
            yield Broken(resource=selection, what=f"selects {chosen or 'nothing by name'}, not the database")
        for narrowing in ("NotResources", "Conditions", "ListOfTags"):
            if selection.get(f"BackupSelection.{narrowing}"):
                yield Broken(resource=selection, what=f"narrows what it selects by {narrowing}")
        if selection.text("BackupSelection.IamRoleArn") != "${Data/BackupsRole.Arn}":
            yield Broken(resource=selection, what="does not back up in its own role")
        if selection.text("BackupPlanId") not in ("${Data/BackupsPlan.BackupPlanId}", "${Data/BackupsPlan}"):
            yield Broken(resource=selection, what="belongs to another plan")
