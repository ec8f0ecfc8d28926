"""The baseline of one AWS account: what is recorded, watched and forbidden there, whatever is deployed later.

A stack apart from the environments, because it guards them: an administrator deploys it by hand, once per account, and
no workflow can change it.
"""

from aws_cdk import Environment, Stack
from constructs import Construct

from ..config.account_baseline import AccountBaseline
from ..constructs.tags import tag_stack
from .account_settings import AccountSettings
from .alerts import SecurityAlerts
from .budget import CostBudget
from .change_alarms import ChangeAlarms
from .cost_anomalies import CostAnomalies
from .detection import ThreatDetection
from .key import AuditKey
from .names import STACK_NAME
from .posture import Posture
from .recorder import ConfigurationRecorder
from .support import build_support_role
from .trail import AuditTrail


class AccountStack(Stack):
    """`Flux-account` of one account."""

    def __init__(self, scope: Construct, *, baseline: AccountBaseline) -> None:
        super().__init__(
            scope,
            f"{STACK_NAME}-{baseline.name}",
            stack_name=STACK_NAME,
            env=Environment(account=baseline.account, region=baseline.region),
            description=f"Flux: the baseline of the account of {baseline.name}",
            termination_protection=True,
        )
        tag_stack(self, {"Application": "flux", "Layer": "account"})
        key = AuditKey(self, "Audit", baseline=baseline).key
        alerts = SecurityAlerts(self, "Alerts", baseline=baseline, key=key)
        trail = AuditTrail(self, "Trail", baseline=baseline, key=key)
        ChangeAlarms(self, "Changes", events=trail.log_group, topic=alerts.topic)
        ConfigurationRecorder(self, "Config", baseline=baseline, key=key)
        ThreatDetection(self, "GuardDuty", topic=alerts.topic)
        Posture(self, "Posture", region=baseline.region)
        AccountSettings(self, "Settings", baseline=baseline, key=key)
        build_support_role(self, "Support", account=baseline.account)
        CostBudget(self, "Costs", baseline=baseline)
        CostAnomalies(self, "CostAnomalies", baseline=baseline)
