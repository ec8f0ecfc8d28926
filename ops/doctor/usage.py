"""What others in the account use of a quota: everything there is, without what is the environment's own."""

from collections import Counter

from .account import Account


def reserved_by_others(account: Account) -> float:
    """Concurrency that functions of others reserve."""
    limit = account.aws.functions.get_account_settings()["AccountLimit"]
    reserved = limit["ConcurrentExecutions"] - limit["UnreservedConcurrentExecutions"]
    own = sum(
        account.aws.functions.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions", 0)
        for name in account.own("AWS::Lambda::Function")
    )
    return max(0, reserved - own)


def other_endpoint_instances(account: Account) -> float:
    """Instances of the configured class behind endpoints of others."""
    kind = f"ml.{account.config.model.instance_class}"
    own = {name.rsplit("/", 1)[-1] for name in account.own("AWS::SageMaker::Endpoint")}
    total = 0
    for page in account.aws.sagemaker.get_paginator("list_endpoints").paginate():
        for endpoint in page["Endpoints"]:
            if endpoint["EndpointName"] in own:
                continue
            name = account.aws.sagemaker.describe_endpoint(EndpointName=endpoint["EndpointName"])["EndpointConfigName"]
            config = account.aws.sagemaker.describe_endpoint_config(EndpointConfigName=name)
            total += sum(
                variant.get("InitialInstanceCount", 0)
                for variant in config["ProductionVariants"]
                if variant.get("InstanceType") == kind
            )
    return total


def other_vpcs(account: Account) -> float:
    """VPCs of others; the default one counts."""
    pages = account.networks.get_paginator("describe_vpcs").paginate()
    return _others(account, "AWS::EC2::VPC", [vpc["VpcId"] for page in pages for vpc in page["Vpcs"]])


def other_internet_gateways(account: Account) -> float:
    """Internet gateways of others; that of the default VPC counts."""
    pages = account.networks.get_paginator("describe_internet_gateways").paginate()
    names = [gateway["InternetGatewayId"] for page in pages for gateway in page["InternetGateways"]]
    return _others(account, "AWS::EC2::InternetGateway", names)


def other_addresses(account: Account) -> float:
    """Elastic IP addresses of others. CloudFormation knows an address by its number, before a bar."""
    own = {name.split("|")[0] for name in account.own("AWS::EC2::EIP")}
    addresses = account.networks.describe_addresses()["Addresses"]
    return sum(address["PublicIp"] not in own for address in addresses)


def other_nat_gateways_in_a_zone(account: Account) -> float:
    """NAT gateways of others in the zone, of those that are configured, that has most of them."""
    own = set(account.own("AWS::EC2::NatGateway"))
    pages = account.networks.get_paginator("describe_nat_gateways").paginate(
        Filters=[{"Name": "state", "Values": ["pending", "available"]}]
    )
    subnets = [
        gateway["SubnetId"]
        for page in pages
        for gateway in page["NatGateways"]
        if gateway["NatGatewayId"] not in own and "SubnetId" in gateway
    ]
    if not subnets:
        return 0
    found = account.networks.describe_subnets(SubnetIds=sorted(set(subnets)))["Subnets"]
    zone = {subnet["SubnetId"]: subnet["AvailabilityZoneId"] for subnet in found}
    by_zone = Counter(zone[subnet] for subnet in subnets)
    return max(by_zone[each] for each in account.config.network.zones)


def other_databases(account: Account) -> float:
    """RDS instances of others."""
    pages = account.aws.databases.get_paginator("describe_db_instances").paginate()
    names = [instance["DBInstanceIdentifier"] for page in pages for instance in page["DBInstances"]]
    return _others(account, "AWS::RDS::DBInstance", names)


def other_event_subscriptions(account: Account) -> float:
    """RDS event subscriptions of others."""
    pages = account.aws.databases.get_paginator("describe_event_subscriptions").paginate()
    names = [each["CustSubscriptionId"] for page in pages for each in page["EventSubscriptionsList"]]
    return _others(account, "AWS::RDS::EventSubscription", names)


def other_cache_nodes(account: Account) -> float:
    """Nodes of others; a replication group's clusters bear its name."""
    own = set(account.own("AWS::ElastiCache::ReplicationGroup"))
    return sum(
        cluster["NumCacheNodes"]
        for page in account.caches.get_paginator("describe_cache_clusters").paginate()
        for cluster in page["CacheClusters"]
        if cluster.get("ReplicationGroupId") not in own
    )


def other_distributions(account: Account) -> float:
    """Distributions of others."""
    pages = account.edge.get_paginator("list_distributions").paginate()
    names = [each["Id"] for page in pages for each in page["DistributionList"].get("Items", [])]
    return _others(account, "AWS::CloudFront::Distribution", names)


def other_header_policies(account: Account) -> float:
    """Response headers policies of others; AWS's own do not count."""
    names: list[str] = []
    marker = ""
    while True:
        answer = account.edge.list_response_headers_policies(Type="custom", **({"Marker": marker} if marker else {}))
        page = answer["ResponseHeadersPolicyList"]
        names += [each["ResponseHeadersPolicy"]["Id"] for each in page.get("Items", [])]
        if not (marker := page.get("NextMarker", "")):
            return _others(account, "AWS::CloudFront::ResponseHeadersPolicy", names)


def other_web_acls(account: Account) -> float:
    """Web ACLs of others. CloudFormation knows one as name, id and scope with bars between them."""
    own = {part for name in account.own("AWS::WAFv2::WebACL") for part in name.split("|")}
    answer = account.firewalls.list_web_acls(Scope="CLOUDFRONT", Limit=100)
    return sum(acl["Id"] not in own for acl in answer["WebACLs"])


def _others(account: Account, kind: str, names: list[str]) -> float:
    own = set(account.own(kind))
    return sum(name not in own for name in names)
