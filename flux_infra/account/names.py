"""The names of the account's baseline that other resources must know beforehand."""

from ..config.account_baseline import AccountBaseline

STACK_NAME = "Flux-account"
TRAIL = "flux-account"
TOPIC = "flux-account-security"
LOG_GROUPS = "/flux/account"


def trail_arn(baseline: AccountBaseline) -> str:
    """Return the trail's ARN, for the policies that must be there before the trail."""
    return f"arn:aws:cloudtrail:{baseline.region}:{baseline.account}:trail/{TRAIL}"


def topic_arn(baseline: AccountBaseline) -> str:
    """Return the security alerts' ARN, for the key that encrypts them."""
    return f"arn:aws:sns:{baseline.region}:{baseline.account}:{TOPIC}"


def change_alarm_name(subject: str) -> str:
    """`flux-account-<subject>`, like `flux-account-root-used`."""
    return f"flux-account-{subject}"
