"""The site's publication: into its bucket, hashed files before the pages that load them, nothing pruned."""

from collections.abc import Iterable

from ..finding import Broken, Rules
from ..model import Environment
from ..wanted import PRESENT, exactly, one_of

RULES = Rules()

_PUBLISHER = "Frontend/CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C"
RULES.demands(
    f"{_PUBLISHER}81C01536",
    (
        "SITE-PUBLISHER-ROLE",
        "Role",
        one_of(f"${{{_PUBLISHER}ServiceRole.Arn}}"),
        "FSBP IAM; least privilege",
        "publish as its own role",
    ),
    (
        "SITE-PUBLISHER-LOGS",
        "LoggingConfig.LogGroup",
        one_of("${Frontend/PublicationLogs}"),
        "CIS; Lambda Developer Guide, Log groups",
        "log to its own group",
    ),
)
RULES.demands(
    "Frontend/PublicationHashedFilesCustomResource",
    ("SITE-NOT-PRUNED", "Prune", one_of("false"), "cdk-nextjs #159", "never delete files that open pages still load"),
    (
        "SITE-BUCKET",
        "DestinationBucketName",
        one_of("${Frontend/SiteBucket}"),
        "README.md",
        "publish to the site's bucket",
    ),
    ("SITE-PUBLISHED", "ServiceToken", PRESENT, "aws-cdk-lib, BucketDeployment", "publish it"),
    ("SITE-SOURCE", "SourceObjectKeys", PRESENT, "aws-cdk-lib, BucketDeployment", "publish the built site"),
    ("SITE-HASHED", "Include", exactly("_next/static/*"), "cdk-nextjs #159", "only hashed files live for ever"),
)
RULES.demands(
    "Frontend/PublicationPagesCustomResource",
    ("PAGES-NOT-PRUNED", "Prune", one_of("false"), "cdk-nextjs #159", "never delete files that open pages still load"),
    (
        "PAGES-BUCKET",
        "DestinationBucketName",
        one_of("${Frontend/SiteBucket}"),
        "README.md",
        "publish to the site's bucket",
    ),
    ("PAGES-PUBLISHED", "ServiceToken", PRESENT, "aws-cdk-lib, BucketDeployment", "publish it"),
    ("PAGES-SOURCE", "SourceObjectKeys", PRESENT, "aws-cdk-lib, BucketDeployment", "publish the built site"),
    (
        "PAGES-FRESH",
        "SystemMetadata.cache-control",
        one_of("no-cache", "no-store"),
        "MDN, Cache-Control",
        "ask each time",
    ),
)


@RULES.rule("SITE-ORDER", source="cdk-nextjs #159", remedy="publish hashed files before the pages that load them")
def pages_come_after_what_they_load(environment: Environment) -> Iterable[Broken]:
    """A page that is there before its scripts is a broken page."""
    pages = environment.named("Frontend/PublicationPagesCustomResource")
    files = environment.named("Frontend/PublicationHashedFilesCustomResource")
    if pages and files and files.logical_id not in pages.depends_on:
        yield Broken(resource=pages, what="may be published before the files that they load")
