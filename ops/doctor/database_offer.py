"""Whether RDS offers the configured instance as it is configured, in the configured zones."""

from collections.abc import Iterator

from flux_infra.config.resources import POSTGRES_VERSION

from .account import Account
from .check import Answer, Check, missing, ok


def checks(account: Account) -> Iterator[Check]:
    """The engine's version, and the class."""
    database = account.config.database
    yield Check(
        what="PostgreSQL on RDS",
        needed=f"version {POSTGRES_VERSION}",
        ask=lambda: _version(account),
    )
    standby = ", with a standby" if database.standby is True else ""
    yield Check(
        what="RDS instance class",
        needed=f"db.{database.instance_class} in every zone{standby}",
        ask=lambda: _instance_class(account),
    )


def _version(account: Account) -> Answer:
    major = POSTGRES_VERSION.split(".", maxsplit=1)[0]
    pages = account.aws.databases.get_paginator("describe_db_engine_versions").paginate(Engine="postgres")
    offered = [
        version["EngineVersion"]
        for page in pages
        for version in page["DBEngineVersions"]
        if version["EngineVersion"].split(".")[0] == major
    ]
    if POSTGRES_VERSION in offered:
        return ok(f"version {POSTGRES_VERSION}")
    return missing(
        f"of {major} only {', '.join(offered) or 'none'}",
        "POSTGRES_VERSION in flux_infra/config/resources.py: take one of them",
    )


def _instance_class(account: Account) -> Answer:
    config = account.config
    pages = account.aws.databases.get_paginator("describe_orderable_db_instance_options").paginate(
        Engine="postgres",
        EngineVersion=POSTGRES_VERSION,
        DBInstanceClass=f"db.{config.database.instance_class}",
        Vpc=True,
    )
    options = [
        option
        for page in pages
        for option in page["OrderableDBInstanceOptions"]
        if option.get("StorageType") == "gp3"
        and option["SupportsStorageEncryption"]
        and (config.database.standby is not True or option["MultiAZCapable"])
    ]
    zones = sorted({zone["Name"] for option in options for zone in option["AvailabilityZones"]})
    lacking = [zone for zone in config.network.zones if account.zone_names.get(zone) not in zones]
    if not lacking:
        return ok(f"in {', '.join(zones)}")
    return missing(
        f"in {', '.join(zones) or 'no zone'}",
        f"another Database.instance_class of {config.name} in flux_infra/environments.py, or zones that have it; see "
        f"aws rds describe-orderable-db-instance-options --region {config.region} --engine postgres "
        f"--engine-version {POSTGRES_VERSION} --vpc --query 'OrderableDBInstanceOptions[].DBInstanceClass'",
    )
