"""The table of AWS Backup's role: it backs up one database, copies what it made, and gives it to nobody."""

from .request import Table, calls

_DATABASE = "Data/DatabaseInstance"
_BACKUP = "arn:aws:rds:<region>:<account>:snapshot:awsbackup:job-0123456789abcdef"
_COPY = "arn:aws:rds:<copy-region>:<account>:snapshot:awsbackup:copyjob-0123456789abcdef"
_COPIES = "arn:aws:backup:<copy-region>:<account>:backup-vault:flux-<name>-copies"
_COPIES_KEY = "arn:aws:kms:<copy-region>:<account>:key/0123456789abcdef"

_USE = "kms:Decrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo"
_HERE = {"kms:ViaService": "rds.<region>.amazonaws.com"}
_THERE = {"kms:ViaService": "rds.<copy-region>.amazonaws.com"}
_FOR_AWS = {"kms:GrantIsForAWSResource": "true"}
_ALIAS = {"kms:ResourceAliases": "alias/flux-<name>-copies"}
_OTHER_ALIAS = {"kms:ResourceAliases": "alias/another"}

BACKUPS = Table(
    allowed=(
        *calls("rds:CreateDBSnapshot", _DATABASE, _BACKUP),
        *calls("rds:DescribeDBInstances", _DATABASE),
        *calls("rds:DescribeDBSnapshots ListTagsForResource", _DATABASE, _BACKUP, _COPY),
        *calls("rds:AddTagsToResource CopyDBSnapshot DeleteDBSnapshot", _BACKUP, _COPY),
        *calls("backup:DescribeBackupVault", "Data/BackupsVault", _COPIES),
        *calls("backup:CopyIntoBackupVault", _COPIES),
        *calls("backup:CopyFromBackupVault", _BACKUP),
        *calls("tag:GetResources", "*"),
        *calls("kms:DescribeKey", "Data/Key"),
        *calls("kms:CreateGrant", "Data/Key", when={**_HERE, **_FOR_AWS}),
        *calls(_USE, "Data/Key", when=_HERE),
        *calls("kms:DescribeKey", _COPIES_KEY, when=_ALIAS),
        *calls("kms:CreateGrant", _COPIES_KEY, when={**_THERE, **_FOR_AWS, **_ALIAS}),
        *calls(_USE, _COPIES_KEY, when={**_THERE, **_ALIAS}),
    ),
    denied=(
        *calls("rds:DeleteDBInstance ModifyDBInstance", _DATABASE),
        *calls("rds:CreateDBSnapshot", "arn:aws:rds:<region>:<account>:db:another"),
        *calls("rds:DeleteDBSnapshot", "arn:aws:rds:<region>:<account>:snapshot:flux-<name>-migration-0007"),
        # Shared with another account, or restored, a backup has left our hands.
        *calls("rds:ModifyDBSnapshotAttribute RestoreDBInstanceFromDBSnapshot", _BACKUP, _COPY),
        *calls("backup:DeleteBackupVault DeleteBackupVaultLockConfiguration PutBackupVaultAccessPolicy", _COPIES),
        *calls("backup:CopyIntoBackupVault", "arn:aws:backup:<copy-region>:<account>:backup-vault:another"),
        *calls("kms:Decrypt", "Data/Key", when={"kms:ViaService": "secretsmanager.<region>.amazonaws.com"}),
        *calls("kms:Decrypt", _COPIES_KEY, when={**_THERE, **_OTHER_ALIAS}),
        *calls("kms:Decrypt", "Data/TokenKey", when=_HERE),
        *calls("kms:CreateGrant", "Data/Key", when=_HERE),
    ),
)
