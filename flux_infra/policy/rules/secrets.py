"""Secrets: generated, encrypted with our key, kept, and never written where people or templates can read them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..finding import Broken, Rules
from ..model import Environment
from ..values import Json, as_text, as_texts
from ..wanted import ABSENT, at_least, kept, one_of
from .domain import SIGNING_KEY

RULES = Rules()
SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a resource type
KEY = "AWS::KMS::Key"

RULES.demands(
    SECRET,
    (
        "SECRET-OWN-KEY",
        "KmsKeyId",
        one_of("${Data/Key.Arn}", "${Data/Key}"),
        "FSBP SecretsManager.1",
        "encrypt with the data layer's key",
    ),
    ("SECRET-GENERATED", "SecretString", ABSENT, "FSBP SecretsManager.1", "let Secrets Manager generate the value"),
    (
        "SECRET-LENGTH",
        "GenerateSecretString.PasswordLength",
        at_least(32),
        "NIST SP 800-63B",
        "generate 32 characters or more",
    ),
)
RULES.demands(
    KEY,
    (
        "KMS-ENABLED",
        "Enabled",
        one_of("", "true"),
        "KMS Developer Guide, Enabling keys",
        "do not disable a key that something is encrypted with",
    ),
)


@RULES.rule("KMS-ROTATION", source="FSBP KMS.4", remedy="set enable_key_rotation, and no key_spec")
def keys_rotate(environment: Environment) -> Iterable[Broken]:
    """All but the one that signs a zone: KMS rotates no asymmetric key, and so no other may be one."""
    for key in environment.of(KEY):
        if key.name == SIGNING_KEY:
            continue
        if key.flag("EnableKeyRotation") is not True:
            yield Broken(resource=key, what="is the same key for ever")
        if key.text("KeySpec") not in {"", "SYMMETRIC_DEFAULT"}:
            yield Broken(resource=key, what=f"is a {key.text('KeySpec')} key, which KMS does not rotate")


# What each secret generates. Functions read the field by this name.
_FIELDS = {
    "Data/CacheUser": "password",
    "Data/DatabaseFunctions": "password",
    "Data/DatabaseOwner": "password",
    "Data/SecretsTokenKeys": "key",
    "Data/SecretsOrigin": "value",
    "Data/SecretsSquareWebhook": "signature_key",
    "Data/SecretsSquareApplication": "application_secret",
    "Data/SecretsSquareAccess": "access_token",
}
_USERS = {"Data/CacheUser": "flux", "Data/DatabaseFunctions": "flux_app", "Data/DatabaseOwner": "flux_owner"}


@RULES.rule("SECRET-FIELDS", source="lambdas/flux_core settings", remedy="keep the names the functions read")
def secrets_hold_what_their_readers_expect(environment: Environment) -> Iterable[Broken]:
    """A generated field under another name is a sign-in that fails."""
    for secret in environment.of(SECRET):
        wanted = _FIELDS.get(secret.name)
        if wanted and secret.text("GenerateSecretString.GenerateStringKey") != wanted:
            yield Broken(resource=secret, what=f"does not generate its field {wanted}")
        user = _USERS.get(secret.name)
        if user and f'"username": "{user}"' not in secret.text("GenerateSecretString.SecretStringTemplate"):
            yield Broken(resource=secret, what=f"is not the secret of user {user}")


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


@RULES.rule("KMS-PENDING-WINDOW", source="FSBP KMS.3", remedy="leave at least 7 days, where data is kept 30")
def keys_can_be_had_back(environment: Environment) -> Iterable[Broken]:
    """A deleted key takes with it whatever it encrypts."""
    least = 30 if kept(environment) else 7
    for key in environment.of(KEY):
        days = key.number("PendingWindowInDays")
        if days is not None and days < least:
            yield Broken(resource=key, what=f"is gone {days:g} days after its deletion; must be {least} or more")


_LITERAL = re.compile(
    r"AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|-----BEGIN|gh[pousr]_[A-Za-z0-9]{20,}|xox[abp]-|sk_live_|EAAA[A-Za-z0-9_-]{20,}"
    r"|eyJ[A-Za-z0-9_-]{10,}\.eyJ|://[^/\s:@]+:[^/\s:@{$]+@"
)
_SECRET_NAME = re.compile(
    r"pass(word|wd|phrase)?$|pwd|secret|token|api_?key|private_?key|credential|signature", re.IGNORECASE
)


@RULES.rule(
    "SECRET-LITERAL",
    source="FSBP Lambda; OWASP Secrets Management",
    remedy="put it into Secrets Manager and hand over its name; rotate what was written here",
)
def nothing_is_written_that_looks_like_a_secret(environment: Environment) -> Iterable[Broken]:
    """Neither known shapes of credentials nor literals under a secret's name, anywhere."""
    for resource in environment.resources():
        for path, text in _texts(resource.properties):
            if _LITERAL.search(text) or _literal_secret(path, text, resource.type):
                yield Broken(resource=resource, what=f"{path} holds what looks like a secret")
                break


def _literal_secret(path: str, text: str, resource_type: str) -> bool:
    """Whether a literal stands under a name that asks for a secret."""
    name = path.rsplit(".", 1)[-1]
    if "Environment.Variables." in path:
        random = (
            re.fullmatch(r"[A-Za-z0-9+/_=-]{24,}", text) and re.search(r"\d", text) and re.search(r"[A-Za-z]", text)
        )
        random = None if name.endswith("_HASH") else random
        named = _SECRET_NAME.search(name) is not None
        return bool("${" not in text and text and "/" not in text[:1] and (named or random))
    if resource_type in ("AWS::RDS::DBInstance", "AWS::ElastiCache::User") and _SECRET_NAME.search(name.rstrip("s")):
        return "{{resolve:" not in text and "${" not in text and name != "MasterUserSecret"
    return False


@RULES.rule("SECRET-OUTPUT", source="CloudFormation User Guide, Outputs", remedy="put out the secret's name at most")
def outputs_show_no_secret(environment: Environment) -> Iterable[Broken]:
    """Everyone who may describe a stack reads its outputs."""
    for stack in environment.stacks:
        for name, value in stack.outputs.items():
            text = as_text(value)
            if "{{resolve:" in text or "SecretString" in text or _LITERAL.search(text):
                yield Broken(subject=name, what=f"output of {stack.name} shows a secret's value")
            elif re.search(r"password|secretvalue", name, re.IGNORECASE) and "${" not in text:
                yield Broken(subject=name, what=f"output of {stack.name} looks like a secret")


_FOR_PEOPLE = re.compile(r"(Description|Comment|Label|DisplayName|Tags\.(Key|Value))$")


@RULES.rule("CLEARTEXT", source="FSBP; PCI DSS 4.2.1", remedy="use the encrypted protocol")
def nothing_speaks_in_the_clear(environment: Environment) -> Iterable[Broken]:
    """No address begins with a protocol without encryption; only an emulator on the machine itself may be spoken to."""
    for resource in environment.resources():
        for path, text in _texts(resource.properties):
            if path.startswith("DashboardBody") or _FOR_PEOPLE.search(path):
                continue
            if re.search(r"\b(http|ftp|redis|amqp|ldap|telnet|smtp|mqtt|ws)://(?!127\.0\.0\.1[:/])", text):
                yield Broken(resource=resource, what=f"{path} names an address without encryption: {text[:80]}")
                break


def _texts(value: Json, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):  # first, because most are
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, f"{path}.{key}" if path else key)
    elif isinstance(value, Sequence):
        for item in value:
            yield from _texts(item, path)


@RULES.rule(
    "SECRET-PLACE", source="FSBP SecretsManager.1", remedy="keep exactly the attached, generated value's own settings"
)
def secrets_are_not_copied_elsewhere(environment: Environment) -> Iterable[Broken]:
    """A replica is another place to protect."""
    for secret in environment.of(SECRET):
        if as_texts(secret.get("ReplicaRegions")):
            yield Broken(resource=secret, what="is copied to another region, where no rule watches it")
