"""What functions use: time, log lines, traces, metrics, keys and queues."""

from collections.abc import Iterator

from policy.model import Resource

from ..meter import GB, MILLION, Meters, Site, Use
from ..traffic import DAYS, SECONDS, Calls

METERS = Meters()

# X-Ray's default: one a second, and of the rest one in twenty (X-Ray Developer Guide, "Configuring sampling rules").
_TRACES_A_SECOND, _TRACED_SHARE = 1.0, 0.05

# CloudWatch Logs keeps lines compressed; AWS's own calculator counts with 15 %.
_KEPT_SHARE = 0.15


@METERS.of("AWS::Lambda::Function")
def function(resource: Resource, site: Site) -> Iterator[Use]:
    """Everything that a call of it costs. Functions of aws-cdk-lib run at deployments alone, and have no name."""
    name = resource.text("Environment.Variables.POWERTOOLS_SERVICE_NAME")
    if not name:
        return
    calls = site.traffic.calls(name)
    millions = calls.calls / MILLION
    yield Use(item=f"calls of {name}", price="function-requests", quantity=millions, traffic=True)
    seconds = calls.milliseconds / 1_000
    memory = (resource.number("MemorySize") or 128) / 1_024
    yield Use(item=f"time of {name}", price="function-time", quantity=millions * seconds * memory, traffic=True)
    yield from _logs(name, resource, calls, site)
    if resource.text("TracingConfig.Mode") == "Active":
        yield Use(item=f"traces of {name}", price="traces", quantity=_traced(calls.calls) / MILLION, traffic=True)
    yield Use(item="custom metrics", price="metric", quantity=calls.metrics, traffic=True)
    yield Use(
        item=f"messages of {name}", price="queue-requests", quantity=millions * calls.queue_requests, traffic=True
    )
    if resource.get("Environment.Variables.POS_TOKEN_KEY"):
        decryptions = site.traffic.sales * site.traffic.token_decryptions / MILLION
        yield Use(item="decryption of OAuth tokens", price="key-requests", quantity=decryptions, traffic=True)


def _logs(name: str, resource: Resource, calls: Calls, site: Site) -> Iterator[Use]:
    own = calls.calls * calls.log_bytes / GB
    quiet = resource.text("LoggingConfig.SystemLogLevel") == "WARN"
    platform = 0.0 if quiet else calls.calls * site.traffic.platform_line_bytes / GB
    yield Use(item=f"log lines of {name}", price="log-gb", quantity=own, traffic=True)
    yield Use(item="Lambda's own log lines", price="log-gb", quantity=platform, traffic=True)
    group = site.environment.find(resource.text("LoggingConfig.LogGroup"))
    days = (group.number("RetentionInDays") if group else None) or 0.0
    kept = (own + platform) * days / DAYS * _KEPT_SHARE
    yield Use(item="log lines kept", price="log-kept-gb", quantity=kept, traffic=True)


def _traced(calls: float) -> float:
    """Of so many calls a month, spread evenly."""
    always = min(calls, SECONDS * _TRACES_A_SECOND)
    return always + (calls - always) * _TRACED_SHARE
