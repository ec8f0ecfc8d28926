"""FSBP: where Flux keeps what it knows."""

from collections.abc import Mapping

from .answers import Answer, Met, NotApplicable, Open, account, rules

_CLUSTERS = "about Aurora and Multi-AZ clusters; Flux has an instance"
_CLUSTER = ("AWS::RDS::DBCluster",)
_BY_HAND = "Square replaces two of its secrets in its console only: docs/runbooks/rotate-a-secret.md"

ANSWERS: Mapping[str, Answer] = {
    "Backup.1": Met(
        rules=("BACKUP-KEY",),
        tests=("tests/infra/test_backups.py::test_nobody_can_ever_unlock_the_copies",),
        note="the copies' vault in the second region has a key of its own",
    ),
    "ElastiCache.1": rules("CACHE-SNAPSHOTS"),
    "ElastiCache.2": rules("CACHE-MINOR-UPGRADES"),
    "ElastiCache.3": rules("CACHE-FAILOVER", "CACHE-SECOND-ZONE", note="dev opts out, and says why"),
    "ElastiCache.4": rules("CACHE-ENCRYPTED", "CACHE-OWN-KEY"),
    "ElastiCache.5": rules("CACHE-TLS", "CACHE-TLS-REQUIRED"),
    "ElastiCache.6": rules(
        "CACHE-USERS", "CACHE-USER-PASSWORD", "CACHE-USER-ACCESS", note="users with roles, which newer engines have"
    ),
    "ElastiCache.7": rules("CACHE-SUBNETS"),
    "RDS.1": rules("IAM-LEAST", note="no role may share a snapshot; nothing in Flux does"),
    "RDS.2": rules("RDS-PRIVATE", "RDS-SUBNETS"),
    "RDS.3": rules("RDS-ENCRYPTED", "RDS-OWN-KEY"),
    "RDS.4": rules("RDS-ENCRYPTED", note="snapshots of an encrypted instance are encrypted"),
    "RDS.5": rules("RDS-STANDBY", note="dev opts out, and says why"),
    "RDS.6": rules("RDS-ENHANCED-MONITORING", "RDS-MONITORING-ROLE"),
    "RDS.7": NotApplicable(reason=_CLUSTERS, absent=_CLUSTER),
    "RDS.8": rules("RDS-DELETION-PROTECTED", note="where data is kept; previews and dev are ephemeral"),
    "RDS.9": rules("RDS-LOGS"),
    "RDS.10": rules("RDS-IAM-LOGIN"),
    "RDS.11": rules("RDS-POINT-IN-TIME"),
    "RDS.12": NotApplicable(reason=_CLUSTERS, absent=_CLUSTER),
    "RDS.13": rules("RDS-MINOR-UPGRADES"),
    "RDS.14": NotApplicable(reason=_CLUSTERS, absent=_CLUSTER),
    "RDS.15": NotApplicable(reason=_CLUSTERS, absent=_CLUSTER),
    "RDS.16": NotApplicable(reason=_CLUSTERS, absent=_CLUSTER),
    "RDS.17": rules("RDS-TAGGED-SNAPSHOTS"),
    "RDS.18": rules("RDS-SUBNETS", "RDS-SECURITY-GROUP"),
    "RDS.19": NotApplicable(reason=_CLUSTERS, absent=_CLUSTER),
    "RDS.20": rules("RDS-EVENTS", "RDS-EVENTS-HEARD"),
    "RDS.21": rules("RDS-EVENTS", "RDS-EVENTS-HEARD"),
    "RDS.22": rules("RDS-EVENTS", "RDS-EVENTS-HEARD"),
    "RDS.23": rules("RDS-PORT"),
    "RDS.24": NotApplicable(reason=_CLUSTERS, absent=_CLUSTER),
    "RDS.25": rules("RDS-ADMIN-NAME"),
    "RDS.26": rules(
        *("BACKUP-DAILY", "BACKUP-RETENTION", "BACKUP-SELECTION", "BACKUP-LOCKED", "BACKUP-COPIED"),
        note="dev opts out, and says why",
    ),
    "RDS.27": NotApplicable(reason=_CLUSTERS, absent=_CLUSTER),
    "RDS.34": NotApplicable(reason=_CLUSTERS, absent=_CLUSTER),
    "RDS.35": NotApplicable(reason=_CLUSTERS, absent=_CLUSTER),
    "RDS.36": rules("RDS-LOGS", "RDS-LOG-GROUPS"),
    "RDS.37": NotApplicable(reason=_CLUSTERS, absent=_CLUSTER),
    "RDS.38": rules("RDS-PARAMETERS", "RDS-PARAMETER-VALUES"),
    "RDS.39": NotApplicable(reason="about MySQL; Flux's engine is PostgreSQL (gate: RDS-ENGINE)"),
    "S3.1": account("SettingsPublicAccessBlock"),
    "S3.2": rules("S3-NO-PUBLIC-POLICY", "S3-NO-PUBLIC-ACL", "S3-POLICY", "S3-NO-WEBSITE"),
    "S3.3": rules("S3-NO-PUBLIC-POLICY", "S3-NO-PUBLIC-ACL", "S3-POLICY"),
    "S3.5": rules("S3-POLICY"),
    "S3.6": rules("S3-POLICY"),
    "S3.7": Open(why="no bucket is copied: site and model can be built again, and versions undo what was deleted"),
    "S3.8": rules("S3-NO-PUBLIC-ACL", "S3-NO-PUBLIC-POLICY", "S3-IGNORE-ACL", "S3-RESTRICTED"),
    "S3.9": rules("S3-LOGGED", note="log buckets are not logged themselves, which would never end"),
    "S3.10": rules("S3-LIFECYCLE"),
    "S3.11": Open(why="nobody would read the notifications; access logs and CloudTrail record each object instead"),
    "S3.12": rules("S3-NO-ACL", "S3-OWNERSHIP", note="but for the log bucket that CloudFront can only write to by ACL"),
    "S3.13": rules("S3-LIFECYCLE"),
    "S3.14": rules("S3-VERSIONED"),
    "S3.15": Open(
        why="no bucket has Object Lock: deployments replace and clean up what buckets hold; old versions stay"
    ),
    "S3.17": Open(
        why="the assets and the account's records have keys of ours (gate: S3-ENCRYPTED); the site is public and log "
        "delivery takes S3's own keys only, so these have those"
    ),
    "S3.19": NotApplicable(reason="no bucket has an access point", absent=("AWS::S3::AccessPoint",)),
    "S3.20": Open(why="MFA delete needs the root user and forbids the lifecycle rules that S3.10 and S3.13 ask for"),
    "SecretsManager.1": rules("SECRET-ROTATES", "ROTATION-OWN", note=_BY_HAND),
    "SecretsManager.2": Met(
        rules=("ROTATION-STARTED-BY", "ALARM-EXISTS"),
        tests=(
            "tests/system/test_rotations.py::test_every_secret_is_rotated_twice_under_traffic_with_no_failed_request",
        ),
        note="a rotation that fails rings an alarm",
    ),
    "SecretsManager.3": rules("IAM-ENOUGH", note="every secret has a function that must be able to read it"),
    "SecretsManager.4": rules("SECRET-ROTATES", note=_BY_HAND),
    "KMS.1": rules("IAM-LEAST"),
    "KMS.2": rules("IAM-LEAST"),
    "KMS.3": Met(
        rules=("KEEP-STATE", "KMS-PENDING-WINDOW"),
        account=("ChangesKeyDisabled",),
        note="keys outlive their stack, wait before they go, and somebody hears of it",
    ),
    "KMS.4": rules("KMS-ROTATION", "KMS-ENABLED"),
    "KMS.5": rules("KMS-POLICY"),
}
