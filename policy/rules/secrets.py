"""Secrets: generated, encrypted with our key, kept, and in one place alone."""

from collections.abc import Iterable

from ..finding import Broken, Rules
from ..model import Environment
from ..values import as_texts
from ..wanted import ABSENT, NOT_TRUE, between, kept, one_of, or_absent
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
    (
        "KMS-LOCKOUT-CHECKED",
        "BypassPolicyLockoutSafetyCheck",
        NOT_TRUE,
        "KMS Developer Guide, Key policies",
        "let KMS refuse a policy under which nobody could change it again",
    ),
    (
        "KMS-ONE-REGION",
        "MultiRegion",
        NOT_TRUE,
        "KMS Developer Guide, Multi-Region keys",
        "keep the key in its region; a replica has a policy of its own",
    ),
    (
        "KMS-ROTATION-DAYS",
        "RotationPeriodInDays",
        or_absent(between(90, 365)),
        "FSBP KMS.4",
        "rotate once a year or more often",
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
        if key.text("KeyUsage") not in {"", "ENCRYPT_DECRYPT"}:
            yield Broken(resource=key, what=f"is a key for {key.text('KeyUsage')}, which encrypts nothing")


@RULES.rule("KMS-PENDING-WINDOW", source="FSBP KMS.3", remedy="leave at least 7 days, where data is kept 30")
def keys_can_be_had_back(environment: Environment) -> Iterable[Broken]:
    """A deleted key takes with it whatever it encrypts."""
    least = 30 if kept(environment) else 7
    for key in environment.of(KEY):
        days = key.number("PendingWindowInDays")
        if days is not None and days < least:
            yield Broken(resource=key, what=f"is gone {days:g} days after its deletion; must be {least} or more")


@RULES.rule(
    "SECRET-PLACE", source="FSBP SecretsManager.1", remedy="keep exactly the attached, generated value's own settings"
)
def secrets_are_not_copied_elsewhere(environment: Environment) -> Iterable[Broken]:
    """A replica is another place to protect."""
    for secret in environment.of(SECRET):
        if as_texts(secret.get("ReplicaRegions")):
            yield Broken(resource=secret, what="is copied to another region, where no rule watches it")
