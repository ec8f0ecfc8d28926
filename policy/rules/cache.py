"""Valkey: encrypted both ways, one user who cannot administer, standing by where configuration says."""

from collections.abc import Iterable

from ..finding import Broken, Rules
from ..model import Environment
from ..sizes import at_least_as_large
from ..wanted import (
    NOT_TRUE,
    TRUE,
    WHILE_ASLEEP,
    at_least,
    between,
    exactly,
    one_of,
)

RULES = Rules()
GROUP = "AWS::ElastiCache::ReplicationGroup"
USER = "AWS::ElastiCache::User"


def has_failover(environment: Environment) -> bool:
    """Whether configuration asks for a replica that takes over; it can opt out only with a reason."""
    return environment.config is None or environment.config.cache.failover is True


RULES.demands(
    GROUP,
    ("CACHE-ENCRYPTED", "AtRestEncryptionEnabled", TRUE, "FSBP ElastiCache.4", "set at_rest_encryption_enabled"),
    (
        "CACHE-OWN-KEY",
        "KmsKeyId",
        one_of("${Data/Key.Arn}", "${Data/Key}"),
        "FSBP ElastiCache.4",
        "encrypt with the data layer's key",
    ),
    ("CACHE-TLS", "TransitEncryptionEnabled", TRUE, "FSBP ElastiCache.5", "set transit_encryption_enabled"),
    (
        "CACHE-TLS-REQUIRED",
        "TransitEncryptionMode",
        one_of("required"),
        "FSBP ElastiCache.5",
        "require TLS; 'preferred' also takes plain text",
    ),
    (
        "CACHE-SNAPSHOTS",
        "SnapshotRetentionLimit",
        between(7, 35),
        "FSBP ElastiCache.1",
        "keep snapshots for 7 days or more; ElastiCache keeps none for more than 35",
    ),
    ("CACHE-MINOR-UPGRADES", "AutoMinorVersionUpgrade", TRUE, "FSBP ElastiCache.2", "set auto_minor_version_upgrade"),
    (
        "CACHE-SUBNETS",
        "CacheSubnetGroupName",
        one_of("${Data/CacheSubnets}"),
        "FSBP ElastiCache.7",
        "use the isolated subnets",
    ),
    (
        "CACHE-SECURITY-GROUP",
        "SecurityGroupIds",
        exactly("${Data/CacheSecurityGroup.GroupId}"),
        "FSBP ElastiCache.7",
        "use the cache's own group alone",
    ),
    (
        "CACHE-USERS",
        "UserGroupIds",
        exactly("${Data/CacheUsers}"),
        "FSBP ElastiCache.6",
        "let only the functions' user group in",
    ),
    ("CACHE-ENGINE", "Engine", one_of("valkey"), "README.md", "Flux speaks Valkey"),
    (
        "CACHE-ENGINE-VERSION",
        "EngineVersion",
        at_least(8),
        "ElastiCache User Guide, Engine versions",
        "use Valkey 8, whose behaviour Flux is tested for, or a newer one",
    ),
    ("CACHE-IN-MEMORY", "DataTieringEnabled", NOT_TRUE, "ElastiCache User Guide, Data tiering", "answer from memory"),
    ("CACHE-NETWORK", "NetworkType", one_of("", "ipv4"), "FSBP ElastiCache.7", "speak IPv4, as the VPC's rules do"),
    ("CACHE-PORT", "Port", one_of("6380"), "FSBP RDS.23, for caches", "do not listen on 6379"),
    (
        "CACHE-WINDOW",
        "PreferredMaintenanceWindow",
        WHILE_ASLEEP,
        "ElastiCache User Guide, Maintenance windows",
        "maintain while restaurants sleep",
    ),
    (
        "CACHE-SNAPSHOT-WINDOW",
        "SnapshotWindow",
        WHILE_ASLEEP,
        "ElastiCache User Guide, Backups",
        "back up while restaurants sleep",
    ),
)
RULES.demands(
    GROUP,
    (
        "CACHE-FAILOVER",
        "AutomaticFailoverEnabled",
        TRUE,
        "FSBP ElastiCache.3",
        "set automatic_failover_enabled, or opt out with a reason in Cache.failover",
    ),
    (
        "CACHE-SECOND-ZONE",
        "MultiAZEnabled",
        TRUE,
        "FSBP ElastiCache.3",
        "set multi_az_enabled, or opt out with a reason in Cache.failover",
    ),
    ("CACHE-REPLICA", "NumCacheClusters", at_least(2), "FSBP ElastiCache.3", "run two nodes or more"),
    when=has_failover,
)
RULES.demands(
    "AWS::ElastiCache::UserGroup",
    (
        "CACHE-GROUP-ID",
        "UserGroupId",
        one_of("flux-<name>-functions"),
        "data/cache.py",
        "keep it; another id is another group, and the cache lets nobody in meanwhile",
    ),
    (
        "CACHE-GROUP-USERS",
        "UserIds",
        exactly("${Data/CacheFunctionsUser}"),
        "FSBP ElastiCache.6",
        "keep the one user and no `default`",
    ),
    (
        "CACHE-GROUP-ENGINE",
        "Engine",
        one_of("valkey"),
        "ElastiCache User Guide, RBAC",
        "a Redis group would need the open user `default`",
    ),
)
RULES.demands(
    USER,
    ("CACHE-USER-ENGINE", "Engine", one_of("valkey"), "ElastiCache RBAC", "match the cache"),
    ("CACHE-USER-ID", "UserId", one_of("flux-<name>-functions"), "data/cache.py", "keep it; its rotation asks for it"),
    ("CACHE-USER-NAME", "UserName", one_of("flux"), "FSBP ElastiCache.6", "never `default`"),
    (
        "CACHE-USER-PASSWORD",
        "Passwords",
        exactly("{{resolve:secretsmanager:${Data/CacheUser}:SecretString:password::}}"),
        "FSBP ElastiCache.6",
        "resolve the generated secret; never write a password",
    ),
)


@RULES.rule("CACHE-USER-ACCESS", source="Valkey manual, ACL", remedy="end access strings in -@admin -@dangerous")
def the_user_cannot_administer(environment: Environment) -> Iterable[Broken]:
    """The user needs its password, and can neither administer nor empty the cache. Valkey reads from left to right."""
    for user in environment.of(USER):
        words = user.text("AccessString").lower().split()
        granted = [i for i, word in enumerate(words) if word.startswith("+") or word == "allcommands"]
        refused = [_last(words, word) for word in ("-@admin", "-@dangerous")]
        if not granted:
            yield Broken(resource=user, what="may do nothing")
        elif min(refused) < max(granted):
            yield Broken(resource=user, what=f"is given {words[max(granted)]} without -@admin -@dangerous after it")
        if _last(words, "on") <= _last(words, "off"):
            yield Broken(resource=user, what="is switched off")
        if not any(word.startswith("~") or word == "allkeys" for word in words) or "resetkeys" in words:
            yield Broken(resource=user, what="may touch no key")
        if any(word[:1] in "><#!(" or word in ("nopass", "resetpass", "reset") for word in words):
            yield Broken(resource=user, what="brings passwords or selectors of its own")
        if user.flag("NoPasswordRequired") is True:
            yield Broken(resource=user, what="needs no password")


def _last(words: list[str], word: str) -> int:
    """Return where a word stands for the last time; -1 if it does not."""
    return max((i for i, found in enumerate(words) if found == word), default=-1)


@RULES.rule("CACHE-LOGS", source="ElastiCache User Guide, Log delivery", remedy="deliver them to CloudWatch Logs")
def logs_stay_in_the_account(environment: Environment) -> Iterable[Broken]:
    """What is slow names keys, and so restaurants; a stream can lead anywhere."""
    for group in environment.of(GROUP):
        for delivery in group.items("LogDeliveryConfigurations"):
            if delivery.get("DestinationType") != "cloudwatch-logs":
                yield Broken(resource=group, what=f"delivers logs to {delivery.get('DestinationType')}")


@RULES.rule("CACHE-NODE", source="environments.py, Cache.node_class", remedy="run the class configured")
def nodes_have_the_configured_size(environment: Environment) -> Iterable[Broken]:
    """Memory decides how much the cache holds."""
    for group in environment.of(GROUP):
        wanted = f"cache.{environment.config.cache.node_class}" if environment.config else ""
        if wanted and not at_least_as_large(group.text("CacheNodeType"), wanted):
            yield Broken(resource=group, what=f"is a {group.text('CacheNodeType')}, but configuration says {wanted}")
