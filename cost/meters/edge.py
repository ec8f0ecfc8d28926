"""The way in: CloudFront, its firewall, and the API behind it."""

from collections.abc import Iterator

from policy.model import Resource

from ..meter import GB, MILLION, Meters, Site, Use

METERS = Meters()

# Count, 4xx, 5xx, Latency, IntegrationLatency, DataProcessed (API Gateway Developer Guide, "Working with metrics for
# HTTP APIs").
_ROUTE_METRICS = 6


@METERS.of("AWS::CloudFront::Distribution")
def distribution(resource: Resource, site: Site) -> Iterator[Use]:
    """Every request, webhooks included, and what people load."""
    traffic = site.traffic
    yield Use(item="CloudFront", price="edge-requests", quantity=traffic.edge_requests / MILLION, traffic=True)
    loaded = traffic.page_loads * traffic.page_bytes + traffic.people * traffic.answer_bytes
    yield Use(item="CloudFront bytes", price="edge-gb", quantity=loaded / GB, traffic=True)


@METERS.of("AWS::CloudFront::Function")
def edge_function(resource: Resource, site: Site) -> Iterator[Use]:
    """Runs for pages, not for hashed files and not for the API: about two requests of a load."""
    quantity = site.traffic.page_loads * 2 / MILLION
    yield Use(item="CloudFront functions", price="edge-function-runs", quantity=quantity, traffic=True)


@METERS.of("AWS::WAFv2::WebACL")
def firewall(resource: Resource, site: Site) -> Iterator[Use]:
    """The web ACL, its rules, and every request that passes it."""
    yield Use(item="firewall", price="firewall", quantity=1)
    yield Use(item="firewall rules", price="firewall-rule", quantity=len(resource.items("Rules")))
    quantity = site.traffic.edge_requests / MILLION
    yield Use(item="firewall requests", price="firewall-requests", quantity=quantity, traffic=True)


@METERS.of("AWS::ApiGatewayV2::Stage")
def stage(resource: Resource, site: Site) -> Iterator[Use]:
    """Requests, the line that each leaves in the access log, and metrics by route where they are switched on."""
    requests = site.traffic.api_requests
    yield Use(item="API requests", price="api-requests", quantity=requests / MILLION, traffic=True)
    if resource.get("AccessLogSettings"):
        quantity = requests * site.traffic.access_line_bytes / GB
        yield Use(item="API access log", price="log-gb", quantity=quantity, traffic=True)
    if resource.flag("DefaultRouteSettings.DetailedMetricsEnabled"):
        routes = len(site.environment.of("AWS::ApiGatewayV2::Route"))
        quantity = routes * _ROUTE_METRICS * site.traffic.metrics_share
        yield Use(item="metrics by route", price="metric", quantity=quantity, traffic=True)
