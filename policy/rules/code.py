"""What functions run, and what steers it: the built bundle, and no variable that another program obeys."""

import re
from collections.abc import Iterable

from ..finding import Broken, Rules
from ..model import Environment, Resource
from ..values import as_map, as_text
from ..wanted import NOT_TRUE, at_least, at_most, kept, one_of
from ..workloads import WORKLOADS

RULES = Rules()
FUNCTION = "AWS::Lambda::Function"
_GATE, _MIGRATE = "Compute/FunctionsReleaseGateFunction", "Compute/FunctionsMigrateFunction"
_GUIDE = "Lambda Developer Guide"

RULES.demands(
    FUNCTION,
    (
        "LAMBDA-BUCKET",
        "Code.S3Bucket",
        one_of("cdk-hnb659fds-assets-<account>-<region>"),
        f"{_GUIDE}, Deployment packages",
        "take code from the account's own assets alone",
    ),
    ("LAMBDA-MEMORY", "MemorySize", at_most(10_240), f"{_GUIDE}, Quotas", "10,240 MiB or less"),
    (
        "LAMBDA-KEY",
        "KmsKeyArn",
        one_of("", "${Compute/Key.Arn}"),
        "FSBP Lambda; KMS Developer Guide",
        "encrypt variables with the functions' key, or leave it to Lambda",
    ),
    ("LAMBDA-IPV4", "VpcConfig.Ipv6AllowedForDualStack", NOT_TRUE, "FSBP Lambda.3", "leave IPv6 off"),
    # With Lambda's own filter at a higher level, Powertools' records never arrive.
    (
        "LAMBDA-LOGS-ALL",
        "LoggingConfig.ApplicationLogLevel",
        one_of("", "INFO"),
        f"{_GUIDE}, Log-level filtering",
        "let every record through",
    ),
    (
        "LAMBDA-LOGS-SYSTEM",
        "LoggingConfig.SystemLogLevel",
        one_of("", "INFO"),
        f"{_GUIDE}, Log-level filtering",
        "let Lambda's own records through",
    ),
)

# Names that Lambda, the SDK, Python, TLS, PostgreSQL's library or Powertools obey. Each can send a function's requests
# elsewhere, run other code in it, or write people's data into logs; so only what Flux sets is allowed.
_OBEYED = re.compile(
    r"^(_|AWS|BOTO|CURL|GCONV|LAMBDA|LD|LOG_LEVEL|MALLOC|NODE|OPENSSL|OTEL|PATH|PG|POWERTOOLS|PYTHON|REQUESTS_|SSL|TZ)"
    r"|PROXY$|CA_BUNDLE|ENDPOINT_URL",
    re.IGNORECASE,
)
_OURS = {"PGSSLMODE", "PGSSLROOTCERT", "POWERTOOLS_LOG_LEVEL", "POWERTOOLS_SERVICE_NAME"}


def _variables(function: Resource) -> dict[str, str]:
    return {name: as_text(value) for name, value in as_map(function.get("Environment.Variables")).items()}


@RULES.rule("LAMBDA-STEERED", source=f"{_GUIDE}, Environment variables", remedy="leave such variables alone")
def no_variable_steers_what_a_function_runs_on(environment: Environment) -> Iterable[Broken]:
    """AWS_LAMBDA_EXEC_WRAPPER runs another program first, AWS_ENDPOINT_URL and HTTPS_PROXY read every secret.

    Settings heed no case, so a name in lower case is a second value of another.
    """
    for function in environment.of(FUNCTION):
        names = _variables(function)
        steering = sorted(n for n in names if (_OBEYED.search(n) and n not in _OURS) or n != n.upper())
        if steering:
            yield Broken(resource=function, what=f"is steered by {', '.join(steering)}")


@RULES.rule("LAMBDA-OWN-CODE", source="lambdas/", remedy="give the function its own bundle")
def every_function_runs_its_own_bundle(environment: Environment) -> Iterable[Broken]:
    """Built by its content's hash; rotations share theirs, and nobody else shares any."""
    users: dict[str, str] = {}
    for function in environment.of(FUNCTION):
        key = function.text("Code.S3Key")
        if not re.fullmatch(r"[0-9a-f]{64}\.zip", key):
            yield Broken(resource=function, what=f"runs {key or 'nothing'}, which no build named by its hash")
        for other in sorted(set(as_map(function.get("Code"))) - {"S3Bucket", "S3Key"}):
            yield Broken(resource=function, what=f"takes code by {other}")
    for workload in WORKLOADS:
        found = environment.named(workload.name)
        if found is None:
            continue
        user = users.setdefault(found.text("Code.S3Key"), workload.config)
        if user != workload.config:
            yield Broken(resource=found, what=f"runs the bundle of {user}")


@RULES.rule("LAMBDA-ARCHITECTURE", source="make build", remedy="run on x86_64, which the bundles are built for")
def functions_run_where_their_bundles_do(environment: Environment) -> Iterable[Broken]:
    """The bundles hold machine code."""
    for function in environment.of(FUNCTION):
        if function.texts("Architectures") not in ([], ["x86_64"]):
            yield Broken(resource=function, what=f"runs on {function.texts('Architectures')}")


RULES.demands(
    _GATE,
    # A hundred and twenty find what fails once in forty (docs/canary.md).
    (
        "GATE-ASKS",
        "Environment.Variables.REQUESTS",
        at_least(120),
        "docs/canary.md",
        "ask as often as production needs",
    ),
    ("GATE-REFUSES", "Environment.Variables.REFUSED_AT", at_most(3), "docs/canary.md", "refuse at three failures"),
    when=kept,
)
RULES.demand(
    "MIGRATE-SNAPSHOT",
    _MIGRATE,
    "Environment.Variables.SNAPSHOT_INSTANCE",
    one_of("flux-<name>-database"),
    source="decision 0009",
    remedy="take a snapshot of this environment's database first",
    when=kept,
)


@RULES.rule("MIGRATE-SAME", source="decision 0002", remedy="run when the bundle's migrations change")
def migrations_run_when_the_bundle_changes(environment: Environment) -> Iterable[Broken]:
    """CloudFormation runs them only when this property changes; and the function compares it with its bundle."""
    run, function = environment.named("Compute/MigrationsRun"), environment.named(_MIGRATE)
    if run and function and run.text("Migrations") != function.text("Environment.Variables.MIGRATIONS_HASH"):
        yield Broken(resource=run, what=f"runs for {run.text('Migrations')}, which is not the state in the bundle")
