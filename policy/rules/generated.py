"""What Secrets Manager generates: under the names that readers expect, and of a kind that its users take."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..finding import Broken, Rules
from ..model import Environment, Resource
from ..values import Json, as_map
from ..wanted import at_least

RULES = Rules()
SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a resource type
_LONGEST = 128  # characters of a password, to RDS for PostgreSQL and to ElastiCache
_REFUSED = set('/@"')  # by RDS (CreateDBInstance, MasterUserPassword) and ElastiCache (Authenticating with AUTH)

RULES.demands(
    SECRET,
    (
        "SECRET-LENGTH",
        "GenerateSecretString.PasswordLength",
        at_least(32),
        "NIST SP 800-63B",
        "generate 32 characters or more",
    ),
)


@dataclass(frozen=True, kw_only=True)
class _Content:
    """generated: the field that is generated. beside: the others; None where people fill in what they hold."""

    generated: str
    beside: Mapping[str, str | None]


# What Secrets Manager's own functions want of a database's secret; the attachment adds them as well.
_OF_A_DATABASE = {"engine", "host", "port", "dbname", "dbInstanceIdentifier"}
# Functions read the fields by these names.
_CONTENTS = {
    "Data/CacheUser": _Content(generated="password", beside={"username": "flux"}),
    "Data/DatabaseFunctions": _Content(generated="password", beside={"username": "flux_app"}),
    "Data/DatabaseOwner": _Content(generated="password", beside={"username": "flux_owner"}),
    "Data/SecretsTokenKeys": _Content(generated="key", beside={"kid": None}),
    "Data/SecretsOrigin": _Content(generated="value", beside={}),
    "Data/SecretsSquareWebhook": _Content(generated="signature_key", beside={"notification_url": None}),
    "Data/SecretsSquareApplication": _Content(generated="application_secret", beside={"application_id": None}),
    "Data/SecretsSquareAccess": _Content(generated="access_token", beside={"subscription_id": None}),
}
# Whose password a service takes as it was generated.
_TAKEN = ("Data/CacheUser", "Data/DatabaseOwner")


@RULES.rule("SECRET-FIELDS", source="lambdas/flux_core settings", remedy="keep the names the functions read")
def secrets_hold_what_their_readers_expect(environment: Environment) -> Iterable[Broken]:
    """A field under another name is a sign-in that fails; one more is a value that somebody wrote down."""
    for secret in environment.of(SECRET):
        content = _CONTENTS.get(secret.name)
        if content is None:
            continue
        if secret.text("GenerateSecretString.GenerateStringKey") != content.generated:
            yield Broken(resource=secret, what=f"does not generate its field {content.generated}")
        fields = _fields(secret)
        if fields is None or not set(content.beside) <= set(fields) <= set(content.beside) | _OF_A_DATABASE:
            yield Broken(resource=secret, what=f"must hold {', '.join(content.beside) or 'nothing'} beside it, as JSON")
        for field, value in content.beside.items():
            if fields and value is not None and fields.get(field) != value:
                yield Broken(resource=secret, what=f"is not the secret of user {value}")


def _fields(secret: Resource) -> Mapping[str, Json] | None:
    """Return the template's fields; None if it is no JSON object, or says a field twice."""
    try:
        return as_map(json.loads(secret.text("GenerateSecretString.SecretStringTemplate"), object_pairs_hook=_once))
    except ValueError:
        return None


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a field is said twice")
    return dict(pairs)


@RULES.rule("SECRET-TAKEN", source="RDS API, MasterUserPassword; ElastiCache, RBAC", remedy="exclude what is refused")
def services_take_what_is_generated_for_them(environment: Environment) -> Iterable[Broken]:
    """Otherwise it depends on chance whether a deployment fails."""
    for secret in environment.of(SECRET):
        if secret.name not in _TAKEN:
            continue
        possible = set() if secret.flag("GenerateSecretString.ExcludePunctuation") is True else set(_REFUSED)
        if secret.flag("GenerateSecretString.IncludeSpace") is True:
            possible.add(" ")
        if possible - set(secret.text("GenerateSecretString.ExcludeCharacters")):
            yield Broken(resource=secret, what="may contain characters that its service refuses")
        if (secret.number("GenerateSecretString.PasswordLength") or 0) > _LONGEST:
            yield Broken(resource=secret, what=f"is longer than the {_LONGEST} characters that its service takes")


@RULES.rule(
    "SECRET-WEAK-CHARACTERS", source="NIST SP 800-63B", remedy="leave letters and digits in what is generated from"
)
def generated_values_keep_their_entropy(environment: Environment) -> Iterable[Broken]:
    """Digits alone, or letters of one case, make a long value weak."""
    for secret in environment.of(SECRET):
        off = [
            name
            for name in ("ExcludeLowercase", "ExcludeUppercase", "ExcludeNumbers")
            if secret.flag(f"GenerateSecretString.{name}") is True
        ]
        excluded = secret.text("GenerateSecretString.ExcludeCharacters")
        if off or sum(character.isalnum() for character in excluded) > 10:
            yield Broken(resource=secret, what="generates from too few characters")
