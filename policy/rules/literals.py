"""What a template writes down for everybody to read: no secret, and no address without encryption."""

import re
from collections.abc import Iterable, Iterator

from ..finding import Broken, Rules
from ..model import TOKEN, Environment, Stack
from ..values import as_flag, as_map, as_text, texts_within

RULES = Rules()

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
}


@RULES.rule(
    "SECRET-LITERAL",
    source="FSBP Lambda; OWASP Secrets Management",
    remedy="put it into Secrets Manager and hand over its name; rotate what was written here",
)
def nothing_is_written_that_looks_like_a_secret(environment: Environment) -> Iterable[Broken]:
    """Neither known shapes of credentials nor literals under a secret's name, anywhere in a template."""
    for stack in environment.stacks:
        for resource in stack.resources:
            for path, text in texts_within(resource.properties):
                if _CREDENTIAL.search(text) or _under_its_name(path, text, resource.type):
                    yield Broken(resource=resource, what=f"{path} holds what looks like a secret")
                    break
        for path, text in _beside_properties(stack):
            name = path.split(".")[1] if path.startswith("Parameters.") else ""
            if _CREDENTIAL.search(text) or (path.endswith(".Default") and _is_secret(name, text)):
                yield Broken(subject=stack.layer, what=f"{path} of {stack.name} holds what looks like a secret")
                break


def _beside_properties(stack: Stack) -> Iterator[tuple[str, str]]:
    """Yield what a template says beside its resources' properties and its outputs: words, parameters, metadata."""
    for section, value in stack.written.items():
        if section not in ("Resources", "Outputs"):
            yield from texts_within(value, section)
    for logical_id, resource in as_map(stack.written.get("Resources")).items():
        yield from texts_within(as_map(resource).get("Metadata"), f"Resources.{logical_id}.Metadata")
    for name, value in as_map(stack.deployed.get("parameters")).items():
        yield f"Parameters.{name}.Default", as_text(value)


def _under_its_name(path: str, text: str, resource_type: str) -> bool:
    """Whether a literal stands under a name that asks for a secret: where code or a service reads values."""
    name = path.rsplit(".", 1)[-1]
    if "Environment." in path or "StageVariables." in path:
        return _is_secret(name, text) or (_RANDOM.fullmatch(text) is not None and not name.endswith("_HASH"))
    if resource_type.startswith("Custom::"):
        return name != "ServiceToken" and _is_secret(name, text)
    return name in _TAKES_SECRETS.get(resource_type, ()) and not text.startswith("{{resolve:")


def _is_secret(name: str, text: str) -> bool:
    """Whether a text under this name is a secret's value, and not the name or the ARN of where it is kept."""
    return bool(text) and _asks_for_a_secret(name) and TOKEN.fullmatch(text) is None and as_flag(text) is None


def _asks_for_a_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None and _SAID_OF_ONE.search(name) is None


@RULES.rule("SECRET-OUTPUT", source="CloudFormation User Guide, Outputs", remedy="put out the secret's name at most")
def outputs_show_no_secret(environment: Environment) -> Iterable[Broken]:
    """Everyone who may describe a stack reads its outputs."""
    for stack in environment.stacks:
        for name, value in stack.outputs.items():
            text = as_text(value)
            said = _said_of(stack, name)
            if "{{resolve:" in text or "SecretString" in text or _CREDENTIAL.search(text) or _CREDENTIAL.search(said):
                yield Broken(subject=name, what=f"output of {stack.name} shows a secret's value")
            elif "${" not in text and (_asks_for_a_secret(name) or _RANDOM.fullmatch(text)):
                yield Broken(subject=name, what=f"output of {stack.name} looks like a secret")


def _said_of(stack: Stack, output: str) -> str:
    return as_text(as_map(as_map(stack.written.get("Outputs")).get(output)).get("Description"))


_IN_THE_CLEAR = re.compile(
    r"(?i)\b(http|ftp|redis|memcached?|amqp|ldap|telnet|smtp|mqtt|ws|tcp)://(?!127\.0\.0\.1(:\d+)?(/|$))"
    r"|\bsslmode=(disable|allow|prefer)\b|\bssl=(false|0|no)\b|\bssl_cert_reqs=(none|0)\b"
)


# What only people read.
_FOR_PEOPLE = re.compile(r"(Description|Comment|Label|DisplayName|Tags\.(Key|Value))$")


@RULES.rule("CLEARTEXT", source="FSBP; PCI DSS 4.2.1", remedy="use the encrypted protocol")
def nothing_speaks_in_the_clear(environment: Environment) -> Iterable[Broken]:
    """No address does without encryption; only an emulator on the machine itself may be spoken to so."""
    for resource in environment.resources():
        for path, text in texts_within(resource.properties):
            if path.startswith("DashboardBody") or _FOR_PEOPLE.search(path):
                continue
            if _IN_THE_CLEAR.search(text):
                yield Broken(resource=resource, what=f"{path} names an address without encryption: {text[:80]}")
                break


# Where a secret's value may be put in while deploying: type, and where in its properties.
_RESOLVED = {
    ("AWS::CloudFront::Distribution", "DistributionConfig.Origins.OriginCustomHeaders.HeaderValue"),
    ("AWS::ElastiCache::User", "Passwords"),
    ("AWS::RDS::DBInstance", "MasterUserPassword"),
}


@RULES.rule("SECRET-RESOLVED", source="CloudFormation User Guide, Dynamic references", remedy="hand over the name")
def values_of_secrets_go_only_where_they_must(environment: Environment) -> Iterable[Broken]:
    """Elsewhere everybody who may describe the resource reads them."""
    for resource in environment.resources():
        for path, text in texts_within(resource.properties):
            if "{{resolve:" in text and (resource.type, path) not in _RESOLVED:
                yield Broken(resource=resource, what=f"{path} is given the value of a secret")
