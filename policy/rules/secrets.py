"""Secrets: written nowhere, and nothing that cannot be read."""

import re
from collections.abc import Iterable, Iterator

from ..finding import Rules, Violation
from ..model import TOKEN, Environment, Stack
from ..values import as_flag, as_map, as_text, texts_within

RULES = Rules()
SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a resource type

# Credentials that their issuers made to be recognized.
_CREDENTIAL = re.compile(
    r"A[KS]IA[0-9A-Z]{16}|-----BEGIN|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|npm_[A-Za-z0-9]{30,}"
    r"|(xox[abeoprs]|xapp)-\w|hooks\.slack\.com/services/\w|[rs]k_(live|test)_\w|SG\.[\w-]{16,}\.\w|AIza[\w-]{30,}"
    r"|EAAA[\w-]{20,}|sq0(atp|csp)-\w|eyJ[\w-]{10,}\.eyJ"
    r"|://[^/\s:@]+:[^/\s:@{$]+@"  # a login in an address
    r"|(?i:\bbearer\s+[\w.~+/-]{8,}|\bbasic\s+[a-z0-9+/]{8,}={0,2}$)"
    r"|(?i:(password|passwd|pwd|secret|token|api[ _-]?key)\"?\s*=\s*\"?(?!\"?[{$])[^\s\"',;&]{4,})"
    r"|(?i:(password|passwd|pwd|secret|token|api[ _-]?key)[a-z0-9_]*\"?\s*:\s*\"?(?=[^\s\"]*\d)[^\s\"',;&{$]{6,})"
)
# Where a secret is kept: an address of Secrets Manager or of the parameter store holds no value.
_KEPT_ELSEWHERE = re.compile(r"arn:aws[a-z-]*:(secretsmanager|ssm|kms):\S*")

# Names under which people keep secrets, unless they end in what is said of a secret: its age, its hash, its place.
_SECRET_NAME = re.compile(
    r"(^|_|(?<=[a-z]))(pass|password|passwd|passphrase|pwd|pw|secret|token|credentials?|signature|auth|authorization|salt"
    r"|pepper|dsn|((api|access|private|secret|signing|signature|encryption|master|session|hmac|jwt|webhook|token"
    r"|service|account|deploy|ssh|aes)_?)key)s?(_|$|(?=[A-Z]))",
    re.IGNORECASE,
)
_SAID_OF_ONE = re.compile(
    r"(ttl|seconds|minutes|hours|days|length|prefix|name|arn|id|url|uri|path|file|header|count|limit|size|age|enabled"
    r"|required|hash|type|version|algorithm|strategy|issuer|audience|mode)$",
    re.IGNORECASE,
)
_RANDOM = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9+/_=-]{24,}")

# Where a service takes a secret's value, which must be a reference to it.
_TAKES_SECRETS = {
    "AWS::RDS::DBInstance": ("MasterUserPassword", "TdeCredentialPassword"),
    "AWS::ElastiCache::User": ("Passwords",),
    "AWS::ElastiCache::ReplicationGroup": ("AuthToken",),
    SECRET: ("SecretString",),
}
# Where a secret's value may be put in while deploying: type, and where in its properties.
_RESOLVED = {
    ("AWS::CloudFront::Distribution", "DistributionConfig.Origins.OriginCustomHeaders.HeaderValue"),
    ("AWS::ElastiCache::User", "Passwords"),
    ("AWS::RDS::DBInstance", "MasterUserPassword"),
}


@RULES.rule("SECRET-LITERAL")
def nothing_is_written_that_looks_like_a_secret(environment: Environment) -> Iterable[Violation]:
    """Neither known shapes of credentials nor literals under a secret's name, anywhere in a template."""
    for stack in environment.stacks:
        for resource in stack.resources:
            for path, text in resource.every_text:
                if is_credential(text) or _under_its_name(path, text, resource.type):
                    yield resource, f"{path} holds what looks like a secret"
                    break
        for path, text in _beside_properties(stack):
            name = path.split(".")[1] if path.startswith("Parameters.") else ""
            if is_credential(text) or (path.endswith(".Default") and _is_secret(name, text)):
                yield stack.layer, f"{path} of {stack.name} holds what looks like a secret"
                break


@RULES.rule("SECRET-SHOWN")
def values_of_secrets_go_only_where_they_must(environment: Environment) -> Iterable[Violation]:
    """Elsewhere everybody who may describe the resource or the stack reads them."""
    for resource in environment.resources():
        for path, text in resource.every_text:
            if "{{resolve:" in text and (resource.type, path) not in _RESOLVED:
                yield resource, f"{path} is given the value of a secret"
    for stack in environment.stacks:
        for name, value in stack.outputs.items():
            text = as_text(value)
            bare = "${" not in text and (_is_secret(name, text) or _RANDOM.fullmatch(text))
            if "{{resolve:" in text or "SecretString" in text or is_credential(text) or bare:
                yield name, f"the output {name} of {stack.name} shows a secret's value"


def _beside_properties(stack: Stack) -> Iterator[tuple[str, str]]:
    """Yield what a template says beside its resources' properties: words, parameters, metadata, outputs' words."""
    for section, value in stack.template.items():
        if section != "Resources":
            yield from texts_within(value, section)
    for logical_id, resource in as_map(stack.template.get("Resources")).items():
        yield from texts_within(as_map(resource).get("Metadata"), f"Resources.{logical_id}.Metadata")
    for name, value in as_map(stack.deployed.get("parameters")).items():
        yield f"Parameters.{name}.Default", as_text(value)


def is_credential(text: str) -> bool:
    """Whether a text holds what only a credential looks like."""
    return _CREDENTIAL.search(_KEPT_ELSEWHERE.sub("", text)) is not None


def _under_its_name(path: str, text: str, resource_type: str) -> bool:
    """Whether a literal stands under a name that asks for a secret: where code or a service reads values."""
    name = path.rsplit(".", 1)[-1]
    if "Environment." in path or "StageVariables." in path:
        random = _RANDOM.fullmatch(text) is not None and not name.endswith("_HASH")
        said_of_one = _SECRET_NAME.search(name) is not None and _SAID_OF_ONE.search(name) is not None
        return _is_secret(name, text) or (random and not said_of_one)
    if resource_type.startswith("Custom::"):
        return name != "ServiceToken" and _is_secret(name, text)
    return name in _TAKES_SECRETS.get(resource_type, ()) and not text.startswith("{{resolve:")


def _is_secret(name: str, text: str) -> bool:
    """Whether a text under this name is a secret's value, and not the name or the ARN of where it is kept."""
    asks = _SECRET_NAME.search(name) is not None and _SAID_OF_ONE.search(name) is None
    elsewhere = TOKEN.fullmatch(text) is not None or _KEPT_ELSEWHERE.fullmatch(text) is not None or "/" in text[:-1]
    return bool(text) and asks and not elsewhere and as_flag(text) is None


_IN_THE_CLEAR = re.compile(
    r"(?i)\b(http|ftp|redis|memcached?|amqp|ldap|telnet|smtp|mqtt|ws|tcp)://(?!127\.0\.0\.1(:\d+)?(/|$))"
    r"|\bsslmode=(disable|allow|prefer)\b|\bssl=(false|0|no)\b|\bssl_cert_reqs=(none|0)\b"
)
# What only people read.
_FOR_PEOPLE = re.compile(r"(Description|Comment|Label|DisplayName|Tags\.(Key|Value))$")


@RULES.rule("CLEARTEXT")
def nothing_speaks_in_the_clear(environment: Environment) -> Iterable[Violation]:
    """No address does without encryption; only one on the machine itself may be spoken to so."""
    for resource in environment.resources():
        for path, text in resource.every_text:
            if path.startswith("DashboardBody") or _FOR_PEOPLE.search(path):
                continue
            if _IN_THE_CLEAR.search(text):
                yield resource, f"{path} names an address without encryption: {text[:80]}"
                break


@RULES.rule("REF-READABLE")
def everything_can_be_read(environment: Environment) -> Iterable[Violation]:
    """A reference to nothing fails while deploying; what a macro or a parameter stands for, nobody has judged."""
    for stack in environment.stacks:
        resources = {resource.logical_id: resource for resource in stack.resources}
        spots = [(where, f"refers to {name}, which is not there") for where, name in stack.unresolved]
        spots += [(where, f"is written with {what}, which cannot be read") for where, what in stack.unreadable]
        for where, message in spots:
            yield resources.get(where, where), message
