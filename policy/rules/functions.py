"""Functions: built code, their own log, and no variable that steers what they run on."""

import re
from collections.abc import Iterable

from ..finding import Rules
from ..model import Environment, Resource
from ..values import as_map, as_text

RULES = Rules()
FUNCTION = "AWS::Lambda::Function"
# Supported beyond 2027 (Lambda Developer Guide, Runtime deprecation policy).
_RUNTIMES = ("python3.12", "python3.13", "python3.14", "nodejs22.x", "nodejs24.x")


@RULES.of("LAMBDA-CODE", FUNCTION)
def functions_run_built_code(function: Resource, environment: Environment) -> Iterable[str]:
    """An asset that a build named by its content's hash, in the account's own bucket for assets."""
    code = as_map(function.get("Code"))
    bucket, key = as_text(code.get("S3Bucket")), as_text(code.get("S3Key"))
    if set(code) != {"S3Bucket", "S3Key"}:
        yield f"takes code by {', '.join(sorted(code)) or 'nothing'}, not as an asset"
    elif not bucket.endswith(f"-assets-{environment.account}-{environment.region}"):
        yield f"takes code from {bucket}, which is not this account's bucket for assets"
    elif not re.fullmatch(r"[0-9a-f]{64}\.(zip|jar)", key):
        yield f"runs {key}, which no build named by its hash"
    if function.text("Runtime") not in _RUNTIMES:
        yield f"runs on {function.text('Runtime') or 'no stated runtime'}, which is not supported for another year"


# Names that Lambda, the SDK, Python, Node, TLS or PostgreSQL's library obey. Each can send a function's requests
# elsewhere or run other code in it. In lower case it is a second value of another, because settings heed no case.
_STEERS = re.compile(
    r"^(_|AWS_(ACCESS|CONFIG|CONTAINER|CA|ENDPOINT|LAMBDA_EXEC|PROFILE|SECRET|SESSION|SHARED|WEB)|BOTO|CURL|GCONV|LD_"
    r"|MALLOC|NODE_|OPENSSL|PATH$|PG(?!SSLMODE|SSLROOTCERT)|PYTHON|REQUESTS_|SSL)|PROXY$|CA_BUNDLE|ENDPOINT_URL",
    re.IGNORECASE,
)


@RULES.of("LAMBDA-STEERED", FUNCTION)
def no_variable_steers_what_a_function_runs_on(function: Resource, environment: Environment) -> Iterable[str]:
    """AWS_LAMBDA_EXEC_WRAPPER runs another program first; AWS_ENDPOINT_URL and HTTPS_PROXY read every secret."""
    variables = {name: as_text(value) for name, value in as_map(function.get("Environment.Variables")).items()}
    for name in sorted(name for name in variables if _STEERS.search(name)):
        yield f"sets {name}, which another program obeys"
    if variables.get("PGSSLMODE", "verify-full") != "verify-full":
        yield f"does not verify the database's certificate: PGSSLMODE is {variables['PGSSLMODE']}"


def of_custom_resources(environment: Environment) -> set[str]:
    """Return the functions that only CloudFormation calls, while it changes a stack."""
    tokens = {resource.text("ServiceToken").replace(".Arn}", "}") for resource in environment.resources()}
    through = {alias.refers(): alias.text("FunctionName") for alias in environment.of("AWS::Lambda::Alias")}
    return tokens | {function for alias, function in through.items() if alias in tokens}
