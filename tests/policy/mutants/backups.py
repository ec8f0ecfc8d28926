"""Weakenings of the backups: of vault, plan, selection, role, alarms, and of the way to what a drill restored."""

import json

from .change import Change, Template, body, drop, put, remove

_VAULT, _PLAN, _SELECTION, _P = "BackupsVault", "BackupsPlan", "BackupsSelection", "Properties/"
_RULE = _P + "BackupPlan/BackupPlanRule/0/"
_CHOSEN = _P + "BackupSelection/"
_STATEMENT = _P + "PolicyDocument/Statement/"
_ARN = "arn:aws:rds:us-east-1:333333333333:"

_WAY_OUT = "FunctionsMigrateSecurityGrouptoFluxprodDataRestoredSecurityGroup7DF528155433"


def _widen_drills(template: Template) -> None:
    """Let the statement about drills' instances be about every instance."""
    policy = body(template, "FunctionsMigrateRoleDefaultPolicy")
    written = json.dumps(policy)
    policy.update(json.loads(written.replace(":db:flux-prod-drill-*", ":db:*")))


_DATA = (
    ("the vault is removed", remove(_VAULT)),
    ("the vault uses AWS's key", drop(_VAULT, _P + "EncryptionKeyArn")),
    ("the vault is not locked", drop(_VAULT, _P + "LockConfiguration")),
    ("the lock holds for a day", put(_VAULT, _P + "LockConfiguration/MinRetentionDays", 1)),
    ("the lock lets backups stay for ever", drop(_VAULT, _P + "LockConfiguration/MaxRetentionDays")),
    ("the vault goes with its stack", put(_VAULT, "DeletionPolicy", "Delete")),
    ("the vault goes when it is replaced", drop(_VAULT, "UpdateReplacePolicy")),
    ("the vault has another name", put(_VAULT, _P + "BackupVaultName", "flux-prod-new")),
    ("the vault has no tags", drop(_VAULT, _P + "BackupVaultTags")),
    (
        "the vault lets anybody delete",
        put(_VAULT, _P + "AccessPolicy", {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "backup:*"}]}),
    ),
    ("the plan is removed", remove(_PLAN)),
    ("backups are weekly", put(_PLAN, _RULE + "ScheduleExpression", "cron(0 10 ? * SUN *)")),
    ("backups have no schedule of ours", drop(_PLAN, _RULE + "ScheduleExpression")),
    ("backups in the vault are kept for a week", put(_PLAN, _RULE + "Lifecycle/DeleteAfterDays", "7")),
    ("backups are kept for ever", drop(_PLAN, _RULE + "Lifecycle")),
    ("backups go to the default vault", put(_PLAN, _RULE + "TargetBackupVault", "Default")),
    ("backups are not copied", drop(_PLAN, _RULE + "CopyActions")),
    (
        "backups are copied within the region",
        put(
            _PLAN,
            _RULE + "CopyActions/0/DestinationBackupVaultArn",
            "arn:aws:backup:us-east-1:333333333333:backup-vault:flux-prod-copies",
        ),
    ),
    (
        "backups are copied to another account",
        put(
            _PLAN,
            _RULE + "CopyActions/0/DestinationBackupVaultArn",
            "arn:aws:backup:us-west-2:999999999999:backup-vault:flux-prod-copies",
        ),
    ),
    ("copies are kept for a day", put(_PLAN, _RULE + "CopyActions/0/Lifecycle/DeleteAfterDays", 1)),
    ("nothing is selected", remove(_SELECTION)),
    ("another database is selected", put(_SELECTION, _CHOSEN + "Resources", [_ARN + "db:other"])),
    (
        "the selection depends on tags",
        put(
            _SELECTION,
            _CHOSEN + "ListOfTags",
            [{"ConditionKey": "backup", "ConditionType": "STRINGEQUALS", "ConditionValue": "yes"}],
        ),
    ),
    ("the database is left out", put(_SELECTION, _CHOSEN + "NotResources", [_ARN + "db:flux-prod-database"])),
    ("backups run in another role", put(_SELECTION, _CHOSEN + "IamRoleArn", "arn:aws:iam::333333333333:role/admin")),
    (
        "the role carries AWS's wide policy",
        put(
            "BackupsRole",
            _P + "ManagedPolicyArns",
            ["arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"],
        ),
    ),
    ("the role serves any account", drop("BackupsRole", _P + "AssumeRolePolicyDocument/Statement/0/Condition")),
    ("the role may delete any snapshot", put("BackupsRoleDefaultPolicy", _STATEMENT + "2/Resource", "*")),
    ("the role may not copy", put("BackupsRoleDefaultPolicy", _STATEMENT + "6/Action", "backup:DescribeBackupVault")),
    ("the role may use any key there", drop("BackupsRoleDefaultPolicy", _STATEMENT + "9/Condition")),
    (
        "everybody reaches what a drill restores",
        put(
            "RestoredSecurityGroup",
            _P + "SecurityGroupIngress",
            [{"CidrIp": "10.0.0.0/8", "IpProtocol": "tcp", "FromPort": 5433, "ToPort": 5433}],
        ),
    ),
)

_MONITORING = (
    ("nobody hears of failed backups", remove("BackupsBackupFailed")),
    ("nobody hears of missing backups", remove("BackupsBackupMissing")),
    ("nobody hears of failed copies", put("BackupsBackupCopyFailed", _P + "AlarmActions", [])),
    ("no backups at all is no alarm", put("BackupsBackupMissing", _P + "TreatMissingData", "notBreaching")),
    ("a week without a backup is no alarm", put("BackupsBackupMissing", _P + "EvaluationPeriods", 7)),
    ("one failed backup is no alarm", put("BackupsBackupFailed", _P + "Threshold", 3)),
)

_COMPUTE = (
    ("migrate may change the live database", _widen_drills),
    ("migrate reaches nothing that a drill restores", remove(_WAY_OUT)),
)

MUTANTS = (
    *(Change(layer="data", stack="Data", what=what, apply=apply) for what, apply in _DATA),
    *(Change(layer="monitoring", stack="Monitoring", what=what, apply=apply) for what, apply in _MONITORING),
    *(Change(layer="compute", stack="Compute", what=what, apply=apply) for what, apply in _COMPUTE),
)
