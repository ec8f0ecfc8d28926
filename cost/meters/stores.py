"""What keeps data: database, backups, cache, buckets, secrets and keys."""

from collections.abc import Iterator

from policy.model import Resource
from policy.values import as_list, as_number, dig

from ..meter import GB, HOURS, Meters, Site, Use
from ..traffic import DAYS

METERS = Meters()


def _database_gb(resource: Resource, site: Site) -> tuple[float, float]:
    """Return the database's storage as created, and what it grows to by the sales that it keeps."""
    created = resource.number("AllocatedStorage") or 0.0
    most = resource.number("MaxAllocatedStorage") or created
    return created, max(created, min(most, site.traffic.stored_gb))


@METERS.of("AWS::RDS::DBInstance")
def database(resource: Resource, site: Site) -> Iterator[Use]:
    """Its hours and storage, both twice with a standby. Its own backups are free up to the size of its storage."""
    copies = 2 if resource.flag("MultiAZ") else 1
    yield Use(item="database", price=resource.text("DBInstanceClass"), quantity=HOURS * copies)
    created, grown = _database_gb(resource, site)
    yield Use(item="database storage", price="database-storage-gb", quantity=created * copies)
    yield Use(
        item="database storage of sales",
        price="database-storage-gb",
        quantity=(grown - created) * copies,
        traffic=True,
    )


@METERS.of("AWS::Backup::BackupPlan")
def backups(resource: Resource, site: Site) -> Iterator[Use]:
    """One full copy of the sales and each day's news, in this region and in others that a rule copies to."""
    (instance,) = site.environment.of("AWS::RDS::DBInstance")
    _, grown = _database_gb(instance, site)
    stored = min(grown, site.traffic.stored_gb)
    for rule in resource.items("BackupPlan.BackupPlanRule"):
        days = as_number(dig(rule, "Lifecycle.DeleteAfterDays")) or 0.0
        kept = stored + days * site.traffic.new_gb_a_day
        free = grown  # RDS gives as much as the database has
        yield Use(item="backups", price="database-backup-gb", quantity=max(kept - free, 0.0), traffic=True)
        for _ in as_list(rule.get("CopyActions")):
            yield Use(item="backups in a second region", price="database-backup-gb", quantity=kept, traffic=True)
            yield Use(
                item="bytes to a second region",
                price="region-transfer-gb",
                quantity=site.traffic.new_gb_a_day * DAYS,
                traffic=True,
            )


@METERS.of("AWS::ElastiCache::ReplicationGroup")
def cache(resource: Resource, site: Site) -> Iterator[Use]:
    """Its nodes."""
    nodes = resource.number("NumCacheClusters") or 1
    yield Use(item="cache", price=resource.text("CacheNodeType"), quantity=HOURS * nodes)


@METERS.of("AWS::S3::Bucket")
def bucket(resource: Resource, site: Site) -> Iterator[Use]:
    """What CloudFront writes about its requests; site, assets and other logs are a few gigabytes, for cents."""
    written_to = {
        distribution.text("DistributionConfig.Logging.Bucket")
        for distribution in site.environment.of("AWS::CloudFront::Distribution")
    }
    if resource.refers("RegionalDomainName") not in written_to:
        return
    days = max(
        (as_number(rule.get("ExpirationInDays")) or 0.0 for rule in resource.items("LifecycleConfiguration.Rules")),
        default=0.0,
    )
    kept = site.traffic.edge_requests * site.traffic.edge_line_bytes / GB * days / DAYS
    yield Use(item="access logs kept", price="bucket-gb", quantity=kept, traffic=True)


@METERS.of("AWS::SecretsManager::Secret")
def secret(resource: Resource, site: Site) -> Iterator[Use]:
    """Each, whatever is read of it: functions keep what they read."""
    yield Use(item="secrets", price="secret", quantity=1)


@METERS.of("AWS::KMS::Key")
def key(resource: Resource, site: Site) -> Iterator[Use]:
    """Each. Its rotations add a dollar a month twice, in the second and third year."""
    yield Use(item="keys", price="key", quantity=1)
