"""Who may start a function: this environment's API, and Secrets Manager for the secret that the function rotates."""

from collections.abc import Iterable

from ..finding import Broken, Rules
from ..model import Environment
from ..workloads import API, AUTHORIZER, ROTATIONS, WEBHOOK

RULES = Rules()
PERMISSION = "AWS::Lambda::Permission"

# Function, and what of the API may ask its alias.
_ASKED_FOR = (
    (API, "*/*/api/{proxy+}"),
    (WEBHOOK, "*/*/api/v1/webhooks/{provider}"),
    (AUTHORIZER, "authorizers/${Api/HttpApiOriginLock}"),
)


def _callers(environment: Environment) -> set[tuple[str, ...]]:
    """Return who may start what: the function's reference, the service, and on whose behalf it asks."""
    api = f"arn:aws:execute-api:{environment.region}:{environment.account}:${{Api/HttpApi}}"
    return {
        *((f"${{{w.part('Live')}}}", "apigateway.amazonaws.com", f"{api}/{path}") for w, path in _ASKED_FOR),
        *((f"${{{w.name}.Arn}}", "secretsmanager.amazonaws.com", f"${{{w.rotates}}}") for w in ROTATIONS),
    }


@RULES.rule("LAMBDA-CALLERS", source="FSBP Lambda.1; confused deputy", remedy="remove the permission, or name it here")
def functions_are_started_by_whom_they_should(environment: Environment) -> Iterable[Broken]:
    """Queues are polled and roles ask by their own rights; every other caller stands here."""
    known = _callers(environment)
    for permission in environment.of(PERMISSION):
        caller = tuple(permission.text(name) for name in ("FunctionName", "Principal", "SourceArn"))
        if caller not in known:
            function, service, source = caller
            yield Broken(resource=permission, what=f"lets {service} start {function} for {source or 'anybody'}")
        elif permission.text("SourceAccount") not in ("", environment.account):
            yield Broken(resource=permission, what=f"is for the account {permission.text('SourceAccount')}")
