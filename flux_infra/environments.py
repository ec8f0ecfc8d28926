"""The environments of Flux: the one file an operator edits.

Accounts: replace them by your own before the first deployment.
"""

from dataclasses import replace
from decimal import Decimal

from .config import (
    Backups,
    Branch,
    BypassedAlarms,
    Cache,
    Database,
    Delivery,
    FluxConfig,
    Functions,
    LatencyObjective,
    Model,
    Network,
    OptOut,
    ReleasedFunction,
    Throttle,
    Worker,
)
from .config.account_baseline import AccountBaseline, SecurityContact, require_one_baseline_per_account
from .config.accounts import require_own_accounts
from .config.domain import require_own_zones
from .config.flux import EMULATED_ACCOUNT
from .config.selection import preview_of, select
from .config.standing import require_standing

# Not in dev, where a sign-in alone (Argon2 on a third of a vCPU) may take longer and nobody was promised anything.
OWNERS = LatencyObjective(p99_seconds=1.0, reason="owners wait for the page, and Flux promises them one second")

DEV = FluxConfig(
    name="dev",
    account="111111111111",
    region="us-east-1",
    network=Network(
        cidr="10.10.0.0/16",
        zones=("use1-az1", "use1-az2"),
        nat_gateways=1,
        interface_endpoints=OptOut(
            reason="they would be a third of what dev costs, and it holds nothing of restaurants"
        ),
    ),
    database=Database(
        instance_class="t4g.micro",
        storage_gib=20,
        backup_days=14,
        standby=OptOut(reason="dev data is rebuilt from seeds in minutes"),
    ),
    backups=OptOut(reason="data come from seeds, and a preview's vault with backups in it could not be deleted"),
    cache=Cache(node_class="t4g.micro", failover=OptOut(reason="a cold cache in dev costs nobody anything")),
    model=Model(instance_class="t2.medium", instances=1),
    functions=Functions(
        api=ReleasedFunction(memory_mib=512, timeout_seconds=10, concurrency=50),
        webhook=ReleasedFunction(memory_mib=256, timeout_seconds=10, concurrency=50),
        sync=Worker(memory_mib=512, timeout_seconds=60, concurrency=10, polled_concurrency=8),
        forecast=Worker(memory_mib=512, timeout_seconds=60, concurrency=10, polled_concurrency=8),
    ),
    throttle=Throttle(rate=100, burst=200),
    page_email="ops@flux.app",  # nobody is woken up for dev
    ticket_email="ops@flux.app",
    traffic_shift="ALL_AT_ONCE",
    rollback_errors=1,
    log_days=14,
    square_api_url="https://connect.squareupsandbox.com",
    stateful=OptOut(reason="dev data is rebuilt from seeds in minutes"),
    objectives=OptOut(reason="nobody was promised anything of dev and previews"),
)

# AWS on this machine: dev in the emulator's account, released like production so that a canary can be watched.
LOCAL = replace(
    DEV,
    name="local",
    account=EMULATED_ACCOUNT,
    backups=Backups(
        retention_days=7,
        copy_region=OptOut(reason="AWS on this machine has one region"),
        rpo_hours=25,
        rto_minutes=5,
        locked=OptOut(reason="everything here ends with the emulator, backups included"),
    ),
    traffic_shift="CANARY_10PERCENT_5MINUTES",
    model=replace(DEV.model, bake_minutes=5),
    network=replace(DEV.network, interface_endpoints=True),
    objectives=True,
    aws_url="http://127.0.0.1:4566",
    square_api_url="http://127.0.0.1:4567",
)

STAGING = FluxConfig(
    name="staging",
    account="222222222222",
    region="us-east-1",
    network=Network(cidr="10.20.0.0/16", zones=("use1-az1", "use1-az2"), nat_gateways=2),
    database=Database(instance_class="r7g.large", storage_gib=100, backup_days=14),
    backups=Backups(
        retention_days=35,
        copy_region=OptOut(reason="staging rehearses restores; losing its region costs only a rebuild"),
        rpo_hours=26,
        rto_minutes=90,
    ),
    cache=Cache(node_class="r7g.large"),
    model=Model(instance_class="m5.large", instances=2, bake_minutes=10),
    functions=Functions(
        api=ReleasedFunction(memory_mib=1024, timeout_seconds=10, concurrency=200, latency_objective=OWNERS),
        webhook=ReleasedFunction(memory_mib=512, timeout_seconds=10, concurrency=200),
        sync=Worker(memory_mib=1024, timeout_seconds=60, concurrency=50, polled_concurrency=40),
        forecast=Worker(memory_mib=1024, timeout_seconds=60, concurrency=50, polled_concurrency=40),
    ),
    throttle=Throttle(rate=500, burst=1_000),
    page_email="on-call@flux.app",
    ticket_email="ops@flux.app",
    traffic_shift="CANARY_10PERCENT_10MINUTES",
    rollback_errors=1,
    log_days=90,
    square_api_url="https://connect.squareupsandbox.com",
)

PROD = FluxConfig(
    name="prod",
    account="333333333333",
    region="us-east-1",
    network=Network(cidr="10.30.0.0/16", zones=("use1-az1", "use1-az2", "use1-az4"), nat_gateways=3),
    database=Database(instance_class="r7g.2xlarge", storage_gib=1_000, backup_days=35),
    # The copies' vault is a stack of its own, deployed once: see flux_infra/apps/backup_copies.py.
    backups=Backups(retention_days=35, copy_region="us-west-2", rpo_hours=26, rto_minutes=120),
    cache=Cache(node_class="r7g.large"),
    model=Model(instance_class="m5.large", instances=2, bake_minutes=10),
    # 1,863 instances reserved: the account's Lambda quota must be raised from 1,000 before the first deployment.
    functions=Functions(
        api=ReleasedFunction(memory_mib=1769, timeout_seconds=10, concurrency=800, latency_objective=OWNERS),
        webhook=ReleasedFunction(memory_mib=512, timeout_seconds=10, concurrency=600),
        sync=Worker(memory_mib=1769, timeout_seconds=60, concurrency=200, polled_concurrency=180),
        forecast=Worker(memory_mib=1769, timeout_seconds=60, concurrency=200, polled_concurrency=180),
        authorizer=ReleasedFunction(memory_mib=512, timeout_seconds=8, concurrency=50),
    ),
    # The burst of an account, by AWS's default: no stage gets more (API Gateway Developer Guide, "Throttle requests to
    # your HTTP APIs").
    throttle=Throttle(rate=5_000, burst=5_000),
    page_email="on-call@flux.app",
    ticket_email="ops@flux.app",
    traffic_shift="CANARY_10PERCENT_10MINUTES",
    rollback_errors=5,
    log_days=365,
    square_api_url="https://connect.squareup.com",
)

# How GitHub Actions ships. Production takes only what staging has run. A repository of your own needs owner_id and
# repository_id as well.
DELIVERY = Delivery(
    repository="flux-app/flux-platform",
    branches=(
        Branch(name="staging", environment="staging"),
        Branch(name="main", environment="prod", tried_on="staging"),
    ),
    previews="dev",
)

# Whom AWS calls about an account: replace by your own before deploying the baseline.
SECURITY_CONTACT = SecurityContact(
    name="Flux operations", title="Security contact", email="ops@flux.app", phone="+1 555 0100"
)

# What the accounts have before an environment is deployed there; optional, deployed by `apps/account.py`. Their budgets
# are what `./flux cost` estimates, with the margin of docs/cost.md; a test says when one no longer fits.
DEV_ACCOUNT = AccountBaseline(
    name="dev",
    account=DEV.account,
    region=DEV.region,
    security_email=DEV.ticket_email,
    contact=SECURITY_CONTACT,
    monthly_budget_usd=Decimal(800),
    record_objects=OptOut(reason="dev's buckets hold nothing of any restaurant"),
)
STAGING_ACCOUNT = replace(
    DEV_ACCOUNT,
    name="staging",
    account=STAGING.account,
    region=STAGING.region,
    security_email=STAGING.ticket_email,
    monthly_budget_usd=Decimal(1_200),
    record_objects=True,
)
PROD_ACCOUNT = replace(
    STAGING_ACCOUNT,
    name="prod",
    account=PROD.account,
    region=PROD.region,
    security_email=PROD.ticket_email,
    monthly_budget_usd=Decimal(29_000),
)


def account_baselines() -> tuple[AccountBaseline, ...]:
    """Every account's baseline.

    Raises:
        ConfigError: an account has two of them.
    """
    baselines = (DEV_ACCOUNT, STAGING_ACCOUNT, PROD_ACCOUNT)
    require_one_baseline_per_account(baselines)
    return baselines


def environments(
    *, preview: str | None = None, only: str | None = None, bypassed_alarms: BypassedAlarms | None = None
) -> tuple[FluxConfig, ...]:
    """Every environment; with `preview` (`-c preview=pr-123`) also an ephemeral one.

    only: from `-c only=staging,prod`: the names of those to return.
    bypassed_alarms: from `-c bypass_alarms="reason"`, for the deployment that is being made.

    Raises:
        ConfigError: `preview` is not `pr-` and a number, `only` names an environment that does not exist, or
            environments do not fit each other.
    """
    configs: tuple[FluxConfig, ...] = (LOCAL, DEV, STAGING, PROD)
    require_standing(configs, delivery=DELIVERY)
    require_own_accounts(configs)
    require_own_zones(config.domain for config in configs)
    if preview is not None:
        model = next(config for config in configs if config.name == DELIVERY.previews)
        configs = (*configs, preview_of(model, name=preview))
    return tuple(replace(config, bypassed_alarms=bypassed_alarms) for config in select(configs, only=only))
