"""Log groups: kept, encrypted, named, complete, and read by nobody outside."""

from collections.abc import Iterable

from ..finding import Broken, Rules
from ..model import Environment
from ..wanted import ABSENT, NOT_TRUE, one_of
from ..workloads import WORKLOADS
from .storage import log_days

RULES = Rules()
GROUP = "AWS::Logs::LogGroup"

RULES.demands(
    GROUP,
    (
        "LOGS-CLASS",
        "LogGroupClass",
        one_of("", "STANDARD"),
        "CloudWatch Logs User Guide, Log classes",
        "STANDARD: no other class turns lines into the metrics that release alarms watch",
    ),
    (
        "LOGS-NO-POLICY",
        "ResourcePolicyDocument",
        ABSENT,
        "CloudFormation, AWS::Logs::LogGroup",
        "permit roles to read it, never the group to be read",
    ),
    (
        "LOGS-NO-TOKENS",
        "BearerTokenAuthenticationEnabled",
        NOT_TRUE,
        "CloudFormation, AWS::Logs::LogGroup",
        "sign requests: a bearer token writes from anywhere",
    ),
)


@RULES.rule("LOGS-RETENTION", source="FSBP CloudWatch.16; CIS", remedy="build_log_group(config=...)")
def logs_are_kept_as_long_as_configured(environment: Environment) -> Iterable[Broken]:
    """Longer is allowed, for ever is not: logs hold addresses of people."""
    for group in environment.of(GROUP):
        days = group.number("RetentionInDays")
        if days is None or days < log_days(environment):
            yield Broken(
                resource=group, what=f"is kept {days or 'for ever'}; must be {log_days(environment)} days or more"
            )


_KEYS = {
    "Network": "${Network/FlowLogsKey.Arn}",
    "Data": "${Data/Key.Arn}",
    "Ml": "${Ml/Key.Arn}",
    "Compute": "${Compute/Key.Arn}",
    "Api": "${Compute/Key.Arn}",
    "Frontend": "${Compute/Key.Arn}",
}


@RULES.rule("LOGS-ENCRYPTED", source="FSBP CloudWatch; PCI DSS 3.5", remedy="build_log_group(key=...)")
def logs_are_encrypted_with_the_layers_key(environment: Environment) -> Iterable[Broken]:
    """API and frontend have no key of their own, and use that of the functions behind them."""
    for group in environment.of(GROUP):
        wanted = {_KEYS[group.layer]} if group.layer in _KEYS else set(_KEYS.values())
        if group.text("KmsKeyId") not in wanted:
            yield Broken(resource=group, what=f"is not encrypted with {' or '.join(sorted(wanted))}")


# Names that services derive, and operators type.
_LOG_NAMES = {
    **{workload.part("Logs"): f"/flux/<name>/{workload.service_name}" for workload in WORKLOADS},
    "Network/FlowLogsLogGroup": "/flux/<name>/flow-logs",
    "Frontend/FirewallLogs": "aws-waf-logs-flux-<name>",  # WAF writes to no group without this prefix
    "Ml/ForecastLogs": "/aws/sagemaker/Endpoints/flux-<name>-forecast",  # SageMaker derives it from the endpoint
    "Api/FrontDoorLogs": "/aws/vendedlogs/flux/<name>/api-access",
}


@RULES.rule("LOGS-NAMES", source="building/naming.py", remedy="keep the name under which operators and AWS look")
def log_groups_have_their_names(environment: Environment) -> Iterable[Broken]:
    """Under another name AWS writes to a group of its own making, which nobody encrypted or limits."""
    for name, wanted in _LOG_NAMES.items():
        group = environment.named(name)
        expected = wanted.replace("<name>", environment.name)
        if group and group.text("LogGroupName") != expected:
            yield Broken(
                resource=group, what=f"is called {group.text('LogGroupName') or 'anything'}; must be {expected}"
            )
