"""Monitoring of the network: the NAT gateways, and what the VPC turns away."""

from collections.abc import Iterable, Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..config import FluxConfig, Severity
from ..constructs.names import log_group_name
from ..network.flow_logs import FLOW_LOGS
from .section import FIVE_MINUTES, GRAPH_COLUMNS, GRAPH_ROWS, Section

# Both, as of functions. Above this share AWS itself sends one to its health dashboard ("NAT gateway metrics and
# dimensions", VPC User Guide).
DROPPED = 100
DROPPED_PERCENT = 0.01


class NetworkSection(Section):
    """The way out of the VPC, which nobody sees to be full but by what cannot be reached any more."""

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig, nat_gateways: Sequence[str]) -> None:
        """Create them. nat_gateways: their ids."""
        super().__init__(scope, construct_id, title="Network", config=config)
        self._gateways = nat_gateways
        out, back = self._sum("BytesOutToDestination", "out"), self._sum("BytesInFromDestination", "back")
        self._graph("NAT: bytes", [out, back])
        self._graph("NAT: connections at once", [self._sum("ActiveConnectionCount", "connections", "Maximum")])
        self._ports()
        self._drops()
        self.graphs.append(_rejections(config))

    def _ports(self) -> None:
        refused = self._sum("ErrorPortAllocation", "refused")
        alarm = self._alarm(
            "nat-ports",
            severity=Severity.TICKET,
            metric=refused,
            threshold=0,
            impact="A NAT gateway has no port left for one address, most likely Square's: new connections there fail.",
            first="see on the dashboard whether connections at once have grown: who opens them and keeps none?",
            runbook="an-alarm-fires",
        )
        self._graph("NAT: connections without a port", [refused], alarms=[alarm])

    def _drops(self) -> None:
        dropped = self._each("PacketsDropCount", "dropped")
        packets = {**self._each("PacketsInFromSource", "sent"), **self._each("PacketsInFromDestination", "received")}
        share = cloudwatch.MathExpression(
            expression=f"IF({_sum(dropped)} >= {DROPPED}, 100 * {_sum(dropped)} / {_sum(packets)}, 0)",
            using_metrics={**dropped, **packets},
            period=FIVE_MINUTES,
            label="dropped",
        )
        alarm = self._alarm(
            "nat-drops",
            severity=Severity.TICKET,
            metric=share,
            threshold=DROPPED_PERCENT,
            periods=3,
            impact=f"NAT has dropped over {DROPPED_PERCENT:g} % of its packets for a quarter of an hour; answers of "
            "Square's come late or never.",
            first="read AWS's health dashboard; see whether bytes or connections are more than they ever were.",
            runbook="an-alarm-fires",
        )
        self._graph("NAT: packets dropped, %", [share], alarms=[alarm])

    def _sum(self, name: str, label: str, statistic: str = "Sum") -> cloudwatch.MathExpression:
        using = self._each(name, label, statistic)
        return cloudwatch.MathExpression(expression=_sum(using), using_metrics=using, period=FIVE_MINUTES, label=label)

    def _each(self, name: str, label: str, statistic: str = "Sum") -> dict[str, cloudwatch.IMetric]:
        """The metric of each gateway. label: their ids begin with it, so that a graph may have several metrics."""
        return {
            f"{label}{number}": cloudwatch.Metric(
                namespace="AWS/NATGateway",
                metric_name=name,
                dimensions_map={"NatGatewayId": gateway},
                statistic=statistic,
                period=FIVE_MINUTES,
            )
            for number, gateway in enumerate(self._gateways, start=1)
        }


def _sum(metrics: Iterable[str]) -> str:
    return f"SUM([{', '.join(metrics)}])"


def _rejections(config: FluxConfig) -> cloudwatch.LogQueryWidget:
    """What security groups and network ACLs turned away; read from the flow logs whenever somebody looks."""
    return cloudwatch.LogQueryWidget(
        title="Network: flows rejected",
        log_group_names=[log_group_name(config, FLOW_LOGS)],
        query_lines=['filter action = "REJECT"', "stats count(*) as flows by bin(5m)"],
        view=cloudwatch.LogQueryVisualizationType.LINE,
        width=GRAPH_COLUMNS,
        height=GRAPH_ROWS,
    )
