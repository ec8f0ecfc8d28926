"""One environment of Flux, and what must agree across its parts."""

import re
from dataclasses import dataclass, field, replace
from typing import Literal, Self

from .backups import Backups
from .checked import checked
from .datadog import Datadog
from .domain import Domain
from .functions import Functions
from .release_thresholds import ReleaseThresholds
from .releases import BypassedAlarms
from .resources import Cache, Database, Model, Network, Throttle
from .rules import is_email, require
from .safeguards import OptOut, Safeguard
from .severity import Severity

# CodeDeploy's predefined configurations (CodeDeploy User Guide, "Deployment configurations on a Lambda platform").
TrafficShift = Literal["ALL_AT_ONCE", "CANARY_10PERCENT_5MINUTES", "CANARY_10PERCENT_10MINUTES"]

# As long as RDS can keep its own (FSBP RDS.26 and Backup.1 say that backups must be, not how long they are kept).
LEAST_BACKUP_DAYS = 35

# The account of AWS on this machine.
EMULATED_ACCOUNT = "000000000000"

# CloudWatch Logs accepts only certain numbers of days; these are the ones that make sense for Flux.
LOG_RETENTION_DAYS = (7, 14, 30, 90, 180, 365, 400, 731)


@checked
@dataclass(frozen=True, kw_only=True)
class FluxConfig:
    """One environment of Flux. Everything that differs between environments is here; nothing else is.

    name: lower case; ends in stack names (`Flux-<name>`) and in operators' names (`flux-<name>-page`).
    account, region: where it lives.
    backups: of the database, beyond RDS's own; or the reason for having none.
    page_email: who is woken up by an alarm that hurts users now.
    ticket_email: who reads in the morning of what can wait.
    traffic_shift: how a new function version gets its traffic.
    rollback_errors: failures of a new version in one minute that roll it back. The least that is not noise: at
        production's traffic a release that changes nothing also fails now and then.
    rollback_error_percent: share of a new version's invocations that must fail besides, %. Above the errors that Flux
        always has (0.1 %) by far, below what anybody would call working.
    release_thresholds: what else rolls a release back, or refuses it before it takes traffic.
    bypassed_alarms: set for one deployment by `-c bypass_alarms="reason"`, never here.
    log_days: retention of every log group, days.
    square_api_url: base address of Square's API; its sandbox outside production.
    domain: a name of our own, or None for CloudFront's.
    stateful: what it holds outlives its stacks, which cannot be deleted by one command; or the reason why everything
        in it may go with them.
    objectives: whether somebody hears of what people were promised (flux_infra/monitoring/objectives.py), or the reason
        why nobody was promised anything.
    rotation_days: how old a secret gets before it is replaced, days; 90 at the most (FSBP SecretsManager.4).
    aws_url: where its AWS answers, for AWS on this machine; None is AWS itself.
    own_account: no other environment may live in its account (unless it is ephemeral itself), or the reason for
        sharing. An account is the border that no mistake in a policy can cross.
    datadog: where its metrics go besides CloudWatch, or None for nowhere.
    """

    name: str
    account: str
    region: str
    network: Network
    database: Database
    backups: Backups | OptOut
    cache: Cache
    model: Model
    functions: Functions
    throttle: Throttle
    page_email: str
    ticket_email: str
    traffic_shift: TrafficShift
    rollback_errors: int
    log_days: int
    square_api_url: str
    domain: Domain | None = None
    stateful: Safeguard = True
    objectives: Safeguard = True
    rotation_days: int | OptOut = 30
    rollback_error_percent: float = 2.0
    release_thresholds: ReleaseThresholds = field(default_factory=ReleaseThresholds)
    bypassed_alarms: BypassedAlarms | None = None
    own_account: Safeguard = True
    aws_url: str | None = None
    datadog: Datadog | None = None

    def __post_init__(self) -> None:
        require(
            re.fullmatch(r"[a-z][a-z0-9-]{1,19}", self.name) is not None,
            "FluxConfig.name",
            self.name,
            "must be 2 to 20 lower-case letters, digits or '-', beginning with a letter; it ends in resource names",
        )
        require(
            self.account.isdigit() and len(self.account) == 12,
            "FluxConfig.account",
            self.account,
            "an AWS account is 12 digits; find it with 'aws sts get-caller-identity'",
        )
        require(
            self.region == "us-east-1",
            "FluxConfig.region",
            self.region,
            "must be us-east-1; CloudFront reads its certificate and web ACL only there",
        )
        for severity in Severity:
            require(
                is_email(self.email(severity)),
                f"FluxConfig.{severity}_email",
                self.email(severity),
                "not an e-mail address; alarms would reach nobody",
            )
        require(
            re.fullmatch(r"https://[a-z0-9-]+(\.[a-z0-9-]+)+", self.square_api_url) is not None
            or (self.aws_url is not None and _is_on_this_machine(self.square_api_url)),
            "FluxConfig.square_api_url",
            self.square_api_url,
            "must be https:// and a host's name alone (restaurants' tokens travel to it), like "
            "'https://connect.squareup.com'; with aws_url also http://127.0.0.1:<1024 to 65535>",
        )
        require(
            self.aws_url is None or _is_on_this_machine(self.aws_url),
            "FluxConfig.aws_url",
            self.aws_url,
            "must be http://127.0.0.1:<1024 to 65535>; only AWS on this machine has an address of its own",
        )
        require(
            self.aws_url is None or self.account == EMULATED_ACCOUNT,
            "FluxConfig.aws_url",
            self.aws_url,
            f"AWS on this machine has account {EMULATED_ACCOUNT!r}, and {self.name} has {self.account!r}; leave "
            "aws_url out of what is deployed to AWS",
        )
        require(
            1 <= self.rollback_errors <= 10_000,
            "FluxConfig.rollback_errors",
            self.rollback_errors,
            "must be 1 to 10000; at 0 every release would be rolled back, and far above none",
        )
        require(
            0 < self.rollback_error_percent <= 100,
            "FluxConfig.rollback_error_percent",
            self.rollback_error_percent,
            "must be above 0 and at most 100 %",
        )
        require(
            self.log_days in LOG_RETENTION_DAYS,
            "FluxConfig.log_days",
            self.log_days,
            f"must be one of {LOG_RETENTION_DAYS}, which CloudWatch Logs accepts",
        )
        if not isinstance(self.rotation_days, OptOut):
            require(
                1 <= self.rotation_days <= 90,
                "FluxConfig.rotation_days",
                self.rotation_days,
                "must be 1 to 90 days (FSBP SecretsManager.4), or OptOut(reason=...)",
            )
        self._check_backups()
        self._check_datadog()
        wanted, budget = self.functions.database_connections, self.database.connection_budget
        require(
            wanted <= budget,
            "FluxConfig.functions",
            wanted,
            f"{self.name}'s functions may hold {wanted} connections at once but {self.database.instance_class} leaves "
            f"{budget}; lower a concurrency or take a larger Database.instance_class",
        )

    def email(self, severity: Severity) -> str:
        """Who hears of alarms of this severity."""
        return {Severity.PAGE: self.page_email, Severity.TICKET: self.ticket_email}[severity]

    @property
    def ephemeral(self) -> bool:
        """Whether everything in it may be deleted with its stacks."""
        return self.stateful is not True

    def _check_backups(self) -> None:
        kept = self.backups.retention_days if isinstance(self.backups, Backups) else 0
        require(
            self.ephemeral or kept >= LEAST_BACKUP_DAYS,
            "FluxConfig.backups",
            self.backups,
            f"{self.name} keeps its data, so it keeps backups for {LEAST_BACKUP_DAYS} days or more; give "
            f"Backups(retention_days={LEAST_BACKUP_DAYS}, ...), or stateful=OptOut(reason=...) if they may be lost",
        )
        require(
            not isinstance(self.backups, Backups) or self.backups.copy_region != self.region,
            "Backups.copy_region",
            self.region,
            f"is the region of {self.name} itself; a copy must survive its region, so name another one",
        )

    def _check_datadog(self) -> None:
        if self.datadog is None:
            return
        require(
            self.aws_url is None,
            "FluxConfig.datadog",
            self.datadog.site,
            "AWS on this machine streams no metrics; leave datadog out of the local environment",
        )
        self.datadog.check_place(account=self.account, region=self.region)

    def named(self, name: str) -> Self:
        """The same environment under another name: how a preview is made from dev.

        It gets CloudFront's name: one of our own belongs to one distribution only. Datadog hears of its
        account already.
        """
        return replace(self, name=name, domain=None, datadog=None)


def _is_on_this_machine(url: str) -> bool:
    found = re.fullmatch(r"http://127\.0\.0\.1:([0-9]{4,5})", url)
    return found is not None and 1024 <= int(found[1]) <= 65535
