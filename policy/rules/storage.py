"""Buckets: private, encrypted, versioned, TLS only, logged, cleaned up; and keys' and buckets' own policies."""

from collections.abc import Iterable

from ..finding import Broken, Rules
from ..model import Environment
from ..values import as_flag, as_list, as_map, as_number, as_text, dig
from ..wanted import TRUE, one_of

RULES = Rules()
BUCKET = "AWS::S3::Bucket"
_LOG_BUCKETS = {"Data/AssetsAccessLogs", "Frontend/AccessLogsBucket"}
# Access logs are delivered to buckets with S3's own keys; the site is served to everyone anyway.
_OWN_KEY = {"Data/AssetsBucket": ("${Data/Key.Arn}", "${Data/Key}")}
_LOGS_OF = {"Data/AssetsBucket": "Data/AssetsAccessLogs", "Frontend/SiteBucket": "Frontend/AccessLogsBucket"}
# Under which the log bucket's policy lets S3 deliver.
_LOGS_UNDER = {"Data/AssetsBucket": "assets/", "Frontend/SiteBucket": "site/"}
_OLD_DAYS = "NoncurrentVersionExpiration.NoncurrentDays"
# What lifecycle rules are made of.
_LIFECYCLE = {
    *("AbortIncompleteMultipartUpload", "ExpirationInDays", "ExpiredObjectDeleteMarker", "Id"),
    *("NoncurrentVersionExpiration", "Prefix", "NoncurrentVersionTransitions", "Status", "TagFilters", "Transitions"),
}
# From colder storage reading takes hours, which old versions may; one zone is lost with its zone.
_READ_AT_ONCE = {"STANDARD_IA", "INTELLIGENT_TIERING", "GLACIER_IR"}
_ACCESS = "PublicAccessBlockConfiguration"

RULES.demands(
    BUCKET,
    ("S3-NO-PUBLIC-ACL", f"{_ACCESS}.BlockPublicAcls", TRUE, "FSBP S3.8", "BlockPublicAccess.BLOCK_ALL"),
    ("S3-NO-PUBLIC-POLICY", f"{_ACCESS}.BlockPublicPolicy", TRUE, "FSBP S3.8", "BlockPublicAccess.BLOCK_ALL"),
    ("S3-IGNORE-ACL", f"{_ACCESS}.IgnorePublicAcls", TRUE, "FSBP S3.8", "BlockPublicAccess.BLOCK_ALL"),
    ("S3-RESTRICTED", f"{_ACCESS}.RestrictPublicBuckets", TRUE, "FSBP S3.8", "BlockPublicAccess.BLOCK_ALL"),
    ("S3-VERSIONED", "VersioningConfiguration.Status", one_of("Enabled"), "FSBP S3.14", "set versioned"),
    ("S3-NO-ACL", "AccessControl", one_of("", "Private"), "FSBP S3.12", "grant by policy"),
)


def log_days(environment: Environment) -> int:
    """How long the environment keeps its logs, days."""
    return environment.config.log_days if environment.config else 90


@RULES.rule("S3-ENCRYPTED", source="FSBP S3.17; CIS 3.1", remedy="encrypt, assets with the data layer's key")
def buckets_are_encrypted(environment: Environment) -> Iterable[Broken]:
    """Assets with our key, so that reading them needs a second permission."""
    for bucket in environment.of(BUCKET):
        rules = bucket.items("BucketEncryption.ServerSideEncryptionConfiguration")
        kinds = {as_text(dig(rule, "ServerSideEncryptionByDefault.SSEAlgorithm")) for rule in rules}
        wanted = _OWN_KEY.get(bucket.name)
        if not kinds or kinds - {"aws:kms", "aws:kms:dsse", "AES256"}:
            yield Broken(resource=bucket, what="is not encrypted")
        elif wanted:
            key = bucket.text(
                "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.KMSMasterKeyID"
            )
            cheap = as_flag(rules[0].get("BucketKeyEnabled")) is True
            if "AES256" in kinds or key not in wanted or not cheap:
                yield Broken(resource=bucket, what="is not encrypted with the data layer's key, by a bucket key")


@RULES.rule("S3-OWNERSHIP", source="FSBP S3.12", remedy="BucketOwnerEnforced; CloudFront's log bucket Preferred")
def buckets_own_what_is_in_them(environment: Environment) -> Iterable[Broken]:
    """ACLs are off, except where CloudFront's standard logging needs one."""
    for bucket in environment.of(BUCKET):
        wanted = "BucketOwnerPreferred" if bucket.name == "Frontend/AccessLogsBucket" else "BucketOwnerEnforced"
        found = [as_text(rule.get("ObjectOwnership")) for rule in bucket.items("OwnershipControls.Rules")]
        if found != [wanted]:
            yield Broken(resource=bucket, what=f"has the ownership {', '.join(found) or 'of AWS'}; must be {wanted}")


@RULES.rule("S3-LOGGED", source="FSBP S3.9", remedy="log to the layer's log bucket")
def reading_leaves_a_trace(environment: Environment) -> Iterable[Broken]:
    """A log bucket does not log into itself, which would never end."""
    for bucket in environment.of(BUCKET):
        target = bucket.text("LoggingConfiguration.DestinationBucketName")
        wanted = _LOGS_OF.get(bucket.name)
        if bucket.name in _LOG_BUCKETS:
            if target == bucket.refers():
                yield Broken(resource=bucket, what="logs into itself, without end")
        elif wanted is None:
            if environment.find(target) is None:
                yield Broken(resource=bucket, what="does not log who reads it")
        elif target != f"${{{wanted}}}":
            yield Broken(resource=bucket, what=f"does not log who reads it to {wanted}")
        elif not bucket.text("LoggingConfiguration.LogFilePrefix").startswith(_LOGS_UNDER[bucket.name]):
            yield Broken(resource=bucket, what=f"does not log under {_LOGS_UNDER[bucket.name]}, as it may")


@RULES.rule("S3-LIFECYCLE", source="FSBP S3.10, S3.13", remedy="clean up old versions, and logs when they have served")
def buckets_clean_up(environment: Environment) -> Iterable[Broken]:
    """Old versions stay long enough to go back to; logs as long as all logs; broken uploads do not stay."""
    for bucket in environment.of(BUCKET):
        rules = [r for r in bucket.items("LifecycleConfiguration.Rules") if as_text(r.get("Status")) == "Enabled"]
        whole = [r for r in rules if not r.get("Prefix") and not r.get("TagFilters")]
        if not any(as_number(dig(r, "AbortIncompleteMultipartUpload.DaysAfterInitiation")) for r in whole):
            yield Broken(resource=bucket, what="keeps broken uploads for ever")
        old_days = [days for r in whole if (days := as_number(dig(r, _OLD_DAYS))) is not None]
        oldest = [days for r in rules if (days := as_number(dig(r, _OLD_DAYS))) is not None]
        expires = [days for r in rules if (days := as_number(r.get("ExpirationInDays"))) is not None]
        if not old_days:
            yield Broken(resource=bucket, what="keeps old versions for ever")
        if bucket.name in _LOG_BUCKETS:
            if not expires or min(expires) < log_days(environment):
                yield Broken(
                    resource=bucket, what=f"does not keep logs for {log_days(environment)} days, and then delete"
                )
        else:
            if oldest and min(oldest) < 30:
                yield Broken(resource=bucket, what="deletes old versions before anybody can go back to them")
            if expires and bucket.name in _LOGS_OF:
                yield Broken(resource=bucket, what="deletes what is in use")


@RULES.rule("S3-LIFECYCLE-KINDS", source="S3 User Guide, Lifecycle", remedy="keep objects where they are read at once")
def lifecycles_do_only_what_rules_judge(environment: Environment) -> Iterable[Broken]:
    """A date, or a count of versions, deletes as well; and a move can put objects out of reach."""
    for bucket in environment.of(BUCKET):
        for rule in bucket.items("LifecycleConfiguration.Rules"):
            if unknown := sorted(set(rule) - _LIFECYCLE):
                yield Broken(resource=bucket, what=f"cleans up by {', '.join(unknown)}, which no rule judges")
            moves = [as_text(dig(move, "StorageClass")) for move in as_list(rule.get("Transitions"))]
            if set(moves) - _READ_AT_ONCE:
                yield Broken(resource=bucket, what=f"moves objects to {', '.join(moves)}, where they wait or are alone")


@RULES.rule("S3-NO-WEBSITE", source="FSBP S3.2", remedy="serve through CloudFront")
def no_bucket_is_a_website(environment: Environment) -> Iterable[Broken]:
    """A bucket's website speaks plain HTTP; and CORS would open it to other sites."""
    for bucket in environment.of(BUCKET):
        if bucket.get("WebsiteConfiguration"):
            yield Broken(resource=bucket, what="serves a website of its own, in the clear")
        if bucket.get("CorsConfiguration"):
            yield Broken(resource=bucket, what="lets pages of other origins read it")
        if set(as_map(bucket.get("NotificationConfiguration"))) - {"EventBridgeConfiguration"}:
            yield Broken(resource=bucket, what="tells others of its objects")
        if bucket.get("ReplicationConfiguration"):
            yield Broken(resource=bucket, what="copies its objects elsewhere")
