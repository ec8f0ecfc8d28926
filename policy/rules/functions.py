"""Functions: their own role, log group and security group; private, traced, bounded; told the right things."""

import json
from collections.abc import Iterable

from ..finding import Broken, Rules
from ..model import Environment, Resource
from ..values import as_map, as_text
from ..wanted import ABSENT, PRESENT, fill, one_of
from ..workloads import RELEASED, WORKLOADS, Workload

RULES = Rules()
FUNCTION = "AWS::Lambda::Function"
_API_GATEWAY_SECONDS = 29
_AUTHORIZER_SECONDS = 9
_LEAST_TIME = 0.75  # of what configuration says; less cuts off work that is merely slow

RULES.demands(
    FUNCTION,
    ("LAMBDA-CODE", "Code", PRESENT, "Lambda Developer Guide, Deployment packages", "deploy the built bundle"),
    ("LAMBDA-NO-IMAGE", "Code.ImageUri", ABSENT, "Lambda Developer Guide, Deployment packages", "deploy the bundle"),
    ("LAMBDA-NO-LAYERS", "Layers", ABSENT, "README.md, one bundle per function", "put it into the bundle"),
    ("LAMBDA-NO-INLINE-CODE", "Code.ZipFile", ABSENT, "FSBP Lambda.2", "deploy the built bundle"),
    ("LAMBDA-RUNTIME", "Runtime", one_of("python3.13", "python3.14", "nodejs24.x"), "FSBP Lambda.2", "use it"),
)


def _functions(environment: Environment) -> Iterable[tuple[Workload, Resource]]:
    for workload in WORKLOADS:
        function = environment.named(workload.name)
        if function is not None:
            yield workload, function


@RULES.rule("LAMBDA-OWN-ROLE", source="FSBP IAM; least privilege", remedy="give every function its own role")
def every_function_has_its_own_role(environment: Environment) -> Iterable[Broken]:
    """Sharing a role shares its secrets and queues."""
    for workload, function in _functions(environment):
        wanted = f"${{{workload.part('Role')}.Arn}}"
        if function.text("Role") != wanted:
            yield Broken(resource=function, what=f"runs as {function.text('Role')}, not as {wanted}")


@RULES.rule("LAMBDA-LOGS", source="CIS; Lambda Developer Guide, Log groups", remedy="give it its own log group")
def every_function_logs_to_its_own_group(environment: Environment) -> Iterable[Broken]:
    """A group that Lambda makes by itself is kept for ever and unencrypted."""
    for workload, function in _functions(environment):
        if function.text("LoggingConfig.LogGroup") != f"${{{workload.part('Logs')}}}":
            yield Broken(resource=function, what="does not log to its own log group")


@RULES.rule("LAMBDA-PRIVATE", source="FSBP Lambda.3, Lambda.5", remedy="place it into every private subnet")
def every_function_runs_in_the_private_subnets(environment: Environment) -> Iterable[Broken]:
    """In all of them, so that one zone's failure leaves others; behind its own security group."""
    subnets = {s.refers() for s in environment.of("AWS::EC2::Subnet") if "PrivateSubnet" in s.logical_id}
    for workload, function in _functions(environment):
        if set(function.texts("VpcConfig.SubnetIds")) != subnets:
            yield Broken(resource=function, what="is not in all private subnets, or in others too")
        group = f"${{{workload.part('SecurityGroup')}.GroupId}}"
        if function.texts("VpcConfig.SecurityGroupIds") != [group]:
            yield Broken(resource=function, what="is not behind its own security group alone")


@RULES.rule("LAMBDA-HANDLER", source="lambdas/", remedy="run the function's own handler")
def every_function_runs_its_own_handler(environment: Environment) -> Iterable[Broken]:
    """Another entry point is other code, without the checks of this one."""
    for workload, function in _functions(environment):
        if function.text("Handler") != f"{workload.config}.handler.handler":
            yield Broken(resource=function, what=f"runs {function.text('Handler') or 'nothing'}")


@RULES.rule("LAMBDA-TRACED", source="FSBP Lambda.7", remedy="set tracing to ACTIVE")
def every_function_is_traced(environment: Environment) -> Iterable[Broken]:
    """A request can be followed through every function."""
    for _, function in _functions(environment):
        if function.text("TracingConfig.Mode") != "Active":
            yield Broken(resource=function, what="is not traced")


@RULES.rule("LAMBDA-CONCURRENCY", source="environments.py, Functions", remedy="reserve what configuration says")
def every_function_has_its_reserved_concurrency(environment: Environment) -> Iterable[Broken]:
    """Zero stops a function, none lets it take the whole account's, and more breaks the connection budget."""
    for workload, function in _functions(environment):
        found = function.number("ReservedConcurrentExecutions")
        size = environment.config.functions if environment.config else None
        wanted = getattr(size, workload.config).concurrency if size else None
        if found is None or found < 1:
            yield Broken(resource=function, what="has no reserved concurrency, or none left")
        elif wanted is not None and found != wanted:
            yield Broken(resource=function, what=f"reserves {found:g} instances; configuration says {wanted}")


@RULES.rule("LAMBDA-SIZE", source="environments.py, Functions", remedy="give what configuration says")
def every_function_has_its_memory_and_time(environment: Environment) -> Iterable[Broken]:
    """Less memory is less CPU, too; less time cuts work off; more time outlives callers and visibility timeouts."""
    for workload, function in _functions(environment):
        if environment.config is None:
            continue
        size = getattr(environment.config.functions, workload.config)
        memory, seconds = function.number("MemorySize") or 128, function.number("Timeout") or 3
        if memory < size.memory_mib:
            yield Broken(resource=function, what=f"has {memory:g} MiB; configuration says {size.memory_mib}")
        if not _LEAST_TIME * size.timeout_seconds <= seconds <= size.timeout_seconds:
            yield Broken(resource=function, what=f"may run {seconds:g} s; configuration says {size.timeout_seconds}")


@RULES.rule("LAMBDA-API-TIMEOUT", source="API Gateway quotas, HTTP API", remedy="29 s or less")
def what_the_api_calls_ends_before_the_api_gives_up(environment: Environment) -> Iterable[Broken]:
    """API Gateway stops waiting at 30 s; a function that runs on works for nobody."""
    for name in ("Compute/FunctionsApiFunction", "Compute/FunctionsWebhookFunction"):
        function = environment.named(name)
        if function and (function.number("Timeout") or 0) > _API_GATEWAY_SECONDS:
            yield Broken(resource=function, what="may run for longer than API Gateway waits")


@RULES.rule("LAMBDA-AUTHORIZER-TIMEOUT", source="API Gateway quotas, HTTP API", remedy="9 s or less")
def the_authorizer_ends_before_the_api_gives_up(environment: Environment) -> Iterable[Broken]:
    """API Gateway stops waiting for an authorizer at 10 s."""
    function = environment.named("Compute/FunctionsAuthorizerFunction")
    if function and (function.number("Timeout") or 3) > _AUTHORIZER_SECONDS:
        yield Broken(resource=function, what="may run for longer than API Gateway waits")


@RULES.rule(
    "DB-CONNECTION-BUDGET", source="RDS User Guide, Quotas", remedy="lower a concurrency or take a larger class"
)
def functions_cannot_exhaust_the_database(environment: Environment) -> Iterable[Broken]:
    """Every instance of a function that speaks to PostgreSQL may hold one connection."""
    if environment.config is None:
        return
    budget = environment.config.database.connection_budget
    used = sum(f.number("ReservedConcurrentExecutions") or 0 for w, f in _functions(environment) if w.holds_connections)
    if used > budget:
        yield Broken(
            subject="connections", what=f"functions may hold {used:g} connections, the database leaves {budget}"
        )


@RULES.rule("LAMBDA-VARIABLES", source="policy/workloads.py", remedy="hand it the right resource")
def every_function_is_told_the_right_things(environment: Environment) -> Iterable[Broken]:
    """The right secret, queue, host and key; TLS to PostgreSQL verified in full."""
    for workload, function in _functions(environment):
        wanted = {
            "FLUX_ENVIRONMENT": "<name>",
            "POWERTOOLS_SERVICE_NAME": workload.service_name,
            **workload.variables,
        }
        for name, value in wanted.items():
            found = function.text(f"Environment.Variables.{name}")
            if found != fill(value, environment):
                yield Broken(
                    resource=function, what=f"{name} is {found or 'absent'}; must be {fill(value, environment)}"
                )


@RULES.rule("LAMBDA-LOG-LEVEL", source="Powertools for AWS Lambda, Logger", remedy="log at INFO")
def functions_log_what_happens_and_no_more(environment: Environment) -> Iterable[Broken]:
    """WARNING hides what happened, DEBUG writes people's data."""
    for _, function in _functions(environment):
        level = function.text("Environment.Variables.POWERTOOLS_LOG_LEVEL").upper()
        if level != "INFO":
            yield Broken(resource=function, what=f"logs at {level or 'no stated level'}; must be INFO")


@RULES.rule("LAMBDA-SQUARE-URL", source="environments.py, square_api_url", remedy="use configuration's address")
def sales_are_fetched_from_the_configured_square(environment: Environment) -> Iterable[Broken]:
    """Sandbox and production must not be mixed up, and tokens must go to Square alone."""
    for asking in ("Compute/FunctionsSyncFunction", "Compute/RotationsSquareWebhookRotateFunction"):
        function = environment.named(asking)
        if function is None or environment.config is None:
            continue
        variables, wanted = as_map(function.get("Environment.Variables")), environment.config.square_api_url
        urls = [as_text(url) for name, url in variables.items() if name.startswith("SQUARE") and name.endswith("URL")]
        if urls != [wanted]:
            yield Broken(resource=function, what=f"asks {urls or 'nobody'}; configuration says {wanted}")


@RULES.rule("LAMBDA-GATE-KNOWS", source="docs, releases", remedy="let the release gate try every released function")
def the_release_gate_knows_every_released_function(environment: Environment) -> Iterable[Broken]:
    """With the right kind of request for each."""
    gate = environment.named("Compute/FunctionsReleaseGateFunction")
    if gate is None:
        return
    try:
        gated = as_map(json.loads(gate.text("Environment.Variables.GATED_FUNCTIONS") or "{}"))
    except ValueError:
        gated = {}
    for workload in RELEASED:
        kind = workload.config
        if gated.get(f"${{{workload.name}}}") != kind:
            yield Broken(resource=gate, what=f"does not try {workload.config} as {kind}")


@RULES.rule("LAMBDA-CUSTOM-RESOURCE", source="FSBP IAM", remedy="keep aws-cdk-lib's own wiring")
def other_functions_run_as_their_own_roles(environment: Environment) -> Iterable[Broken]:
    """Functions behind custom resources share no role with Flux's."""
    ours = {workload.name for workload in WORKLOADS}
    roles = {f"${{{workload.part('Role')}.Arn}}" for workload in WORKLOADS}
    for function in environment.of(FUNCTION):
        if function.name not in ours and (function.text("Role") in roles or not function.text("Role").startswith("${")):
            yield Broken(resource=function, what="runs as the role of one of Flux's functions")


RULES.demands(
    "Compute/FunctionsMigrateLiveEventInvokeConfig",
    ("MIGRATE-NO-RETRY", "MaximumRetryAttempts", one_of("0"), "Lambda Developer Guide, Asynchronous invocation", "0"),
    (
        "MIGRATE-NO-DELAY",
        "MaximumEventAgeInSeconds",
        one_of("60"),
        "Lambda Developer Guide, Asynchronous invocation",
        "60 s",
    ),
    (
        "MIGRATE-ASYNC",
        "FunctionName",
        one_of("${Compute/FunctionsMigrateFunction}"),
        "Lambda Developer Guide",
        "migrate",
    ),
    (
        "MIGRATE-ASYNC-ALIAS",
        "Qualifier",
        one_of("live"),
        "Lambda Developer Guide",
        "configure the alias that is invoked",
    ),
)
RULES.demands(
    "Compute/MigrationsRun",
    (
        "MIGRATE-RUN",
        "ServiceToken",
        one_of("${Compute/FunctionsMigrateLive}"),
        "decision 0002",
        "run the migrate alias",
    ),
    ("MIGRATE-HASH", "Migrations", PRESENT, "decision 0002", "run when the migrations change"),
)


@RULES.rule("MIGRATE-FIRST", source="decision 0002", remedy="let every released alias depend on the migrations")
def traffic_waits_for_the_migrations(environment: Environment) -> Iterable[Broken]:
    """A version must not take traffic before the schema it was written for is there."""
    for workload in RELEASED:
        alias = environment.named(workload.part("Live"))
        if alias and not any(name.startswith("MigrationsRun") for name in alias.depends_on):
            yield Broken(resource=alias, what="may move before the migrations have run")


@RULES.rule("MIGRATE-TIMEOUT", source="decision 0002", remedy="wait a minute longer than the function may run")
def cloudformation_waits_for_the_migrations(environment: Environment) -> Iterable[Broken]:
    """Shorter, and CloudFormation gives up while the schema still changes; by itself it would wait an hour."""
    run, function = environment.named("Compute/MigrationsRun"), environment.named("Compute/FunctionsMigrateFunction")
    if run and function:
        seconds, least = run.number("ServiceTimeout") or 0, (function.number("Timeout") or 3) + 30
        if not least <= seconds <= 3_600:
            yield Broken(resource=run, what=f"waits {seconds:g} s; must be {least:g} s to an hour")
