"""What an AWS account of Flux has before an environment is deployed to it."""

import re
from dataclasses import dataclass
from decimal import Decimal

from .checked import checked
from .regions import REGIONS
from .rules import is_email, require
from .safeguards import Safeguard


@checked
@dataclass(frozen=True, kw_only=True)
class SecurityContact:
    """Whom AWS calls when it finds something about the account (FSBP Account.1).

    name, title: the person's. phone: international, like `+1 555 0100`. email: a list that several people read.
    """

    name: str
    title: str
    email: str
    phone: str

    def __post_init__(self) -> None:
        require(bool(self.name.strip()), "SecurityContact.name", self.name, "must be somebody's name")
        require(bool(self.title.strip()), "SecurityContact.title", self.title, "must say what the person does")
        _require_email("SecurityContact.email", self.email)
        # The pattern of PutAlternateContact (AWS Account Management API Reference).
        require(
            re.fullmatch(r"\+?[\s0-9()-]{4,25}", self.phone) is not None and len(re.findall("[0-9]", self.phone)) >= 4,
            "SecurityContact.phone",
            self.phone,
            "must be a telephone number of digits, spaces and hyphens, like '+1 555 0100'",
        )


@checked
@dataclass(frozen=True, kw_only=True)
class AccountBaseline:
    """The baseline of one account.

    name: ends in the stack's name, `Flux-account-<name>`; the environment's that lives there.
    account, region: the account, and the region that Flux uses in it.
    security_email: who hears of findings, of changes to what guards the account, and of costs.
    contact: whom AWS calls.
    monthly_budget_usd: costs per month that are expected at most, USD.
    audit_days: how long the records of CloudTrail and Config are kept, days. PCI DSS 10.5.1 asks for a year.
    record_objects: whether reading and writing every object of S3 is recorded (CIS 4.8, 4.9), or the reason for not
        doing so. CloudTrail charges for each such event.
    """

    name: str
    account: str
    region: str
    security_email: str
    contact: SecurityContact
    monthly_budget_usd: Decimal
    audit_days: int = 400
    record_objects: Safeguard = True

    def __post_init__(self) -> None:
        require(
            re.fullmatch(r"[a-z][a-z0-9-]{0,19}", self.name) is not None,
            "AccountBaseline.name",
            self.name,
            "must be lower case letters, digits and hyphens, at most 20, like 'prod'",
        )
        require(
            re.fullmatch(r"[0-9]{12}", self.account) is not None,
            "AccountBaseline.account",
            self.account,
            "an AWS account is 12 digits",
        )
        require(
            self.region in REGIONS,
            "AccountBaseline.region",
            self.region,
            "must be an AWS region, like 'us-east-1'",
        )
        _require_email("AccountBaseline.security_email", self.security_email)
        require(
            self.monthly_budget_usd > 0,
            "AccountBaseline.monthly_budget_usd",
            self.monthly_budget_usd,
            "must be what the account may cost a month, in USD",
        )
        require(
            365 <= self.audit_days <= 3_650,
            "AccountBaseline.audit_days",
            self.audit_days,
            "must be 365 to 3650; PCI DSS 10.5.1 asks for a year",
        )


def _require_email(field: str, value: str) -> None:
    require(is_email(value), field, value, "must be an e-mail address")


def require_one_baseline_per_account(baselines: tuple[AccountBaseline, ...]) -> None:
    """Check that no account and no name has two baselines.

    Raises:
        ConfigError: two baselines are for one account, or are called the same.
    """
    for field in ("account", "name"):
        values = [str(getattr(baseline, field)) for baseline in baselines]
        require(
            len(set(values)) == len(values),
            f"AccountBaseline.{field}",
            values,
            "each account has one baseline, called by a name of its own; leave one of them out",
        )
