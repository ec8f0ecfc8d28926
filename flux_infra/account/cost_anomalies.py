"""Who hears that a service suddenly costs more than it used to, long before the budget is used up."""

import json

from aws_cdk import aws_ce as ce
from constructs import Construct

from ..config.account_baseline import AccountBaseline

# Less is noise; of production's budget it is a day of one busy item.
_SHARE_OF_BUDGET = 100


class CostAnomalies(Construct):
    """Cost Anomaly Detection by service, and a mail on each day on which it found something worth one.

    An account has one monitor by service at the most, and Cost Explorer may have made one: docs/deploy-to-aws.md.
    """

    def __init__(self, scope: Construct, construct_id: str, *, baseline: AccountBaseline) -> None:
        super().__init__(scope, construct_id)
        monitor = ce.CfnAnomalyMonitor(
            self,
            "Monitor",
            monitor_name=f"flux-account-{baseline.name}",
            monitor_type="DIMENSIONAL",
            monitor_dimension="SERVICE",
        )
        least_usd = int(baseline.monthly_budget_usd) // _SHARE_OF_BUDGET
        ce.CfnAnomalySubscription(
            self,
            "Subscription",
            subscription_name=f"flux-account-{baseline.name}",
            # By mail only once a day or a week; at once only to a topic (API reference, "AnomalySubscription").
            frequency="DAILY",
            monitor_arn_list=[monitor.attr_monitor_arn],
            subscribers=[ce.CfnAnomalySubscription.SubscriberProperty(type="EMAIL", address=baseline.security_email)],
            threshold_expression=json.dumps(
                {
                    "Dimensions": {
                        "Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                        "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
                        "Values": [str(least_usd)],
                    }
                }
            ),
        )
