"""The questions that are asked of the logs, kept in CloudWatch Logs Insights under `flux/<environment>/`.

A metric that functions count is an array in its line, and Insights calls the array's first value `<name>.0`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_logs as logs
from constructs import Construct

from ..config import FluxConfig
from ..constructs.names import access_log_group_name, log_group_name

ACCESS_LOG = "api-access"


@dataclass(frozen=True, kw_only=True)
class SavedQuery:
    """One question. functions: whose logs are asked, by name, ACCESS_LOG among them; none: those of all functions."""

    name: str
    functions: tuple[str, ...] = ()
    query: str


QUERIES = (
    SavedQuery(
        name="errors by function",
        # Of its own lines Lambda writes only reports of invocations that failed; they have neither level nor message.
        query='filter level in ["ERROR", "CRITICAL"] or type = "platform.report"'
        "\n| fields coalesce(message, record.status) as what"
        "\n| stats count(*) as errors, latest(@timestamp) as last by @log, what"
        "\n| sort errors desc",
    ),
    SavedQuery(
        name="slow requests",
        functions=(ACCESS_LOG,),
        query="filter latencyMs > 1000"
        "\n| fields @timestamp, method, path, status, latencyMs, integrationLatencyMs, integrationRequestId"
        "\n| sort latencyMs desc"
        "\n| limit 50",
    ),
    SavedQuery(
        name="one request by its id",
        functions=("api", "webhook", "sync"),
        # The x-amz-cf-id of CloudFront's answer and log, or the x-request-id of the api's.
        query="fields @timestamp, @log, @message\n| filter @message like /REQUEST-ID/\n| sort @timestamp asc",
    ),
    SavedQuery(
        name="orders set aside by reason",
        functions=("sync",),
        query="filter ispresent(SalesSetAside.0)\n| stats sum(SalesSetAside.0) as orders by Reason\n| sort orders desc",
    ),
    SavedQuery(
        name="events refused by reason",
        functions=("webhook",),
        query="filter ispresent(EventsRefused.0)\n| stats sum(EventsRefused.0) as events by Reason, bin(5m)",
    ),
    SavedQuery(
        name="busiest restaurants",
        functions=("sync",),
        query='filter message = "batch taken" and ispresent(busiest_restaurant)'
        "\n| stats sum(busiest_messages) as messages by busiest_restaurant"
        "\n| sort messages desc"
        "\n| limit 20",
    ),
)


class SavedQueries(Construct):
    """All of them. functions: the names of the environment's functions."""

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig, functions: Sequence[str]) -> None:
        super().__init__(scope, construct_id)
        for each in QUERIES:
            logs.CfnQueryDefinition(
                self,
                "".join(word.capitalize() for word in each.name.split()),
                name=f"flux/{config.name}/{each.name}",
                query_string=each.query,
                log_group_names=[_group(config, name) for name in each.functions or functions],
            )


def _group(config: FluxConfig, name: str) -> str:
    return access_log_group_name(config) if name == ACCESS_LOG else log_group_name(config, name)
