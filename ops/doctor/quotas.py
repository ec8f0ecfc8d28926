"""Quotas of the account that the environment could reach: what it needs, with what others have already."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

from botocore.exceptions import ClientError

from flux_infra.config import FluxConfig

from . import usage
from .account import Account
from .check import Answer, Check, missing, ok, unknown
from .needs import (
    DISTRIBUTIONS,
    EVENT_SUBSCRIPTIONS,
    HEADER_POLICIES,
    INTERNET_GATEWAYS,
    UNRESERVED,
    VPCS,
    WEB_ACLS,
    cache_nodes,
    databases,
    model_instances,
    nat_gateways_in_a_zone,
    reserved_concurrency,
)


@dataclass(frozen=True, kw_only=True)
class Quota:
    """One quota.

    what: in the field's words. service, quota: as Service Quotas knows them; `quota` is its code, or its name where the
        code differs for each instance class.
    needs: by the environment, at the most that it ever has.
    others: what else in the account counts against it.
    why: what a number larger than one would expect is made of.
    """

    what: str
    service: str
    quota: str
    needs: float
    others: Callable[[Account], float]
    why: str = ""


def quotas_of(config: FluxConfig) -> tuple[Quota, ...]:
    """Those that `config` counts against and that are small in a new account."""
    instances = model_instances(config)
    return (
        Quota(
            what="Lambda concurrent executions",
            service="lambda",
            quota="L-B99A9384",
            needs=reserved_concurrency(config) + UNRESERVED,
            others=usage.reserved_by_others,
            why=f"{reserved_concurrency(config)} reserved, {UNRESERVED} that AWS keeps free",
        ),
        Quota(
            what="SageMaker endpoint instances",
            service="sagemaker",
            quota=f"ml.{config.model.instance_class} for endpoint usage",
            needs=instances,
            others=usage.other_endpoint_instances,
            why=f"{config.model.instances} serving, as many again while a model is released",
        ),
        Quota(what="VPCs", service="vpc", quota="L-F678F1CE", needs=VPCS, others=usage.other_vpcs),
        Quota(
            what="internet gateways",
            service="vpc",
            quota="L-A4707A72",
            needs=INTERNET_GATEWAYS,
            others=usage.other_internet_gateways,
        ),
        Quota(
            what="Elastic IP addresses",
            service="ec2",
            quota="L-0263D0A3",
            needs=config.network.nat_gateways,
            others=usage.other_addresses,
            why="one for each NAT gateway",
        ),
        Quota(
            what="NAT gateways in a zone",
            service="vpc",
            quota="L-FE5A380F",
            needs=nat_gateways_in_a_zone(config),
            others=usage.other_nat_gateways_in_a_zone,
        ),
        Quota(
            what="RDS instances",
            service="rds",
            quota="L-7B6409FD",
            needs=databases(config),
            others=usage.other_databases,
            why="the database, and one more while a restore is drilled" if databases(config) > 1 else "",
        ),
        Quota(
            what="RDS event subscriptions",
            service="rds",
            quota="L-A59F4C87",
            needs=EVENT_SUBSCRIPTIONS,
            others=usage.other_event_subscriptions,
        ),
        Quota(
            what="ElastiCache nodes",
            service="elasticache",
            quota="L-DFE45DF3",
            needs=cache_nodes(config),
            others=usage.other_cache_nodes,
        ),
        Quota(
            what="CloudFront distributions",
            service="cloudfront",
            quota="L-24B04930",
            needs=DISTRIBUTIONS,
            others=usage.other_distributions,
        ),
        Quota(
            what="CloudFront response headers policies",
            service="cloudfront",
            quota="L-CF0D4FC5",
            needs=HEADER_POLICIES,
            others=usage.other_header_policies,
        ),
        Quota(
            what="WAF web ACLs for CloudFront",
            service="wafv2",
            quota="Maximum web ACLs per account in WAF for CloudFront",
            needs=WEB_ACLS,
            others=usage.other_web_acls,
        ),
    )


def checks(account: Account) -> Iterator[Check]:
    """One row for each."""
    listed = cache(lambda service: _names(account, service))
    for quota in quotas_of(account.config):
        yield Check(
            what=quota.what,
            needed=f"{quota.needs:g}" + (f" ({quota.why})" if quota.why else ""),
            ask=partial(_compare, account, quota, listed),
        )


def _compare(account: Account, quota: Quota, listed: Callable[[str], dict[str, str]]) -> Answer:
    others = quota.others(account)
    code = quota.quota if quota.quota.startswith("L-") else listed(quota.service).get(quota.quota.lower())
    if code is None:
        return unknown(
            f"Service Quotas has no '{quota.quota}' for {quota.service}",
            f"look for it in the console of Service Quotas, {quota.service}",
        )
    allowed = _value(account, quota.service, code)
    needed = math.ceil(quota.needs + others)
    present = f"{allowed:g}" + (f", of which others have {others:g}" if others else "")
    if allowed >= needed:
        return ok(present)
    return missing(
        present,
        f"aws service-quotas request-service-quota-increase --region {account.config.region}"
        f" --service-code {quota.service} --quota-code {code} --desired-value {needed}",
    )


def _value(account: Account, service: str, code: str) -> float:
    """The account's own value, or AWS's default where the account has none (Service Quotas API, GetServiceQuota)."""
    try:
        return account.quotas.get_service_quota(ServiceCode=service, QuotaCode=code)["Quota"]["Value"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchResourceException":
            raise
        return account.quotas.get_aws_default_service_quota(ServiceCode=service, QuotaCode=code)["Quota"]["Value"]


def _names(account: Account, service: str) -> dict[str, str]:
    """Code by name in lower case, of every quota that the service has."""
    pages = account.quotas.get_paginator("list_aws_default_service_quotas").paginate(ServiceCode=service)
    return {quota["QuotaName"].lower(): quota["QuotaCode"] for page in pages for quota in page["Quotas"]}
