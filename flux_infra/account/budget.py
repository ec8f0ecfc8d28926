"""What the account may cost."""

from aws_cdk import aws_budgets as budgets
from constructs import Construct

from ..config.account_baseline import AccountBaseline

_Notification = budgets.CfnBudget.NotificationWithSubscribersProperty

# In percent of the budget. The forecast speaks first, while there is time to look.
_WARNINGS = (("FORECASTED", 100), ("ACTUAL", 80), ("ACTUAL", 100))


class CostBudget(Construct):
    """A monthly budget of the account that warns by e-mail, before and when it is used up."""

    def __init__(self, scope: Construct, construct_id: str, *, baseline: AccountBaseline) -> None:
        super().__init__(scope, construct_id)
        budgets.CfnBudget(
            self,
            "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name=f"flux-account-{baseline.name}",
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=float(baseline.monthly_budget_usd), unit="USD"),
            ),
            notifications_with_subscribers=[
                _warning(kind, percent, address=baseline.security_email) for kind, percent in _WARNINGS
            ],
        )


def _warning(kind: str, percent: int, *, address: str) -> _Notification:
    return _Notification(
        notification=budgets.CfnBudget.NotificationProperty(
            notification_type=kind, comparison_operator="GREATER_THAN", threshold=percent, threshold_type="PERCENTAGE"
        ),
        subscribers=[budgets.CfnBudget.SubscriberProperty(subscription_type="EMAIL", address=address)],
    )
