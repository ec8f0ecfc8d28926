"""Databases and caches: connections by TLS, and logins that need a password and give no more than is needed."""

from collections.abc import Iterable

from ..finding import Rules
from ..model import Environment, Resource
from ..values import as_map, as_text

RULES = Rules()


@RULES.of("RDS-TLS", "AWS::RDS::DBInstance")
def connections_are_encrypted(instance: Resource, environment: Environment) -> Iterable[str]:
    """PostgreSQL is asked by rds.force_ssl, MySQL by require_secure_transport."""
    group = environment.find(instance.text("DBParameterGroupName"))
    parameters = as_map(group.get("Parameters")) if group else {}
    demanded = {as_text(parameters.get(name)).lower() for name in ("rds.force_ssl", "require_secure_transport")}
    if not demanded & {"1", "on", "true"}:
        yield "accepts connections without TLS" if group else "has no parameter group that demands TLS"


@RULES.of("CACHE-USER-RIGHTS", "AWS::ElastiCache::User")
def users_cannot_administer(user: Resource, environment: Environment) -> Iterable[str]:
    """Valkey reads an access string from left to right, so what refuses must come after what grants."""
    words = user.text("AccessString").lower().split()
    granted = max((n for n, word in enumerate(words) if word.startswith("+") or word == "allcommands"), default=-1)
    for refused in ("-@admin", "-@dangerous"):
        if granted >= 0 and refused not in words[granted:]:
            yield f"is given {words[granted]} without {refused} after it"
    if user.flag("NoPasswordRequired") is True or not user.texts("Passwords") or "nopass" in words:
        yield "needs no password"
