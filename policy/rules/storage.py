"""Buckets, keys, log groups: private, encrypted, versioned, and cleaned up."""

from collections.abc import Iterable

from ..finding import Rules
from ..model import Environment, Resource
from ..values import as_number, as_text, dig

RULES = Rules()
BUCKET = "AWS::S3::Bucket"
_BLOCK = "PublicAccessBlockConfiguration"


@RULES.of("S3-ENCRYPTED", BUCKET, source="FSBP S3.17; CIS 3.1", remedy="set encryption")
def buckets_are_encrypted(bucket: Resource, environment: Environment) -> Iterable[str]:
    """With a key of the stack, or with S3's own where logs are delivered or everybody reads."""
    rules = bucket.items("BucketEncryption.ServerSideEncryptionConfiguration")
    kinds = {as_text(dig(rule, "ServerSideEncryptionByDefault.SSEAlgorithm")) for rule in rules}
    if not kinds or kinds - {"aws:kms", "aws:kms:dsse", "AES256"}:
        yield f"is encrypted by {', '.join(sorted(kinds)) or 'nothing that its template states'}"


def _log_targets(environment: Environment) -> set[str]:
    """Return the buckets that access logs of others are delivered to."""
    return {bucket.text("LoggingConfiguration.DestinationBucketName") for bucket in environment.of(BUCKET)} | {
        distribution.text("DistributionConfig.Logging.Bucket").rpartition(".")[0] + "}"
        for distribution in environment.of("AWS::CloudFront::Distribution")
    }


@RULES.of("S3-LOGGED", BUCKET, source="FSBP S3.9", remedy="set server_access_logs_bucket")
def reading_leaves_a_trace(bucket: Resource, environment: Environment) -> Iterable[str]:
    """A bucket that logs are delivered to does not log its own deliveries, which would never end."""
    target = bucket.text("LoggingConfiguration.DestinationBucketName")
    if bucket.refers() in _log_targets(environment):
        if target == bucket.refers():
            yield "logs its own deliveries into itself, without end"
    elif environment.find(target) is None:
        yield "does not log who reads it into a bucket of these stacks"


@RULES.of("S3-LIFECYCLE", BUCKET, source="FSBP S3.10, S3.13", remedy="add a lifecycle rule for the whole bucket")
def buckets_clean_up(bucket: Resource, environment: Environment) -> Iterable[str]:
    """Old versions stay long enough to go back to, and end; broken uploads end; logs end."""
    rules = [r for r in bucket.items("LifecycleConfiguration.Rules") if as_text(r.get("Status")) == "Enabled"]
    whole = [r for r in rules if not r.get("Prefix") and not r.get("TagFilters")]
    if not any(as_number(dig(r, "AbortIncompleteMultipartUpload.DaysAfterInitiation")) for r in whole):
        yield "keeps broken uploads for ever"
    if not any(as_number(dig(r, "NoncurrentVersionExpiration.NoncurrentDays")) for r in whole):
        yield "keeps old versions for ever"
    if bucket.refers() in _log_targets(environment) and not any(as_number(r.get("ExpirationInDays")) for r in whole):
        yield "keeps access logs, which hold addresses of people, for ever"
