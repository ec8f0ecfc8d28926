"""Who may do what: no stranger, nothing by exclusion, no way to more rights than were given."""

import re
from collections.abc import Iterable, Mapping

from ..finding import Rules, Violation
from ..model import Environment, Resource
from ..statements import ROLE, Statement, allowing, matches

RULES = Rules()

# Condition keys that bound a statement to callers or sources that somebody named.
_BOUNDS = {
    *("aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:sourceaccount", "aws:sourcearn"),
    *("aws:sourceorgid", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce", "kms:calleraccount", "kms:viaservice"),
}


def _bounded(statement: Statement) -> bool:
    """Whether a condition that always applies names who asks, or for what."""
    return any(
        (
            operator == "is"
            and all(value.strip("*?") for value in values)
            and (key in _BOUNDS or key.startswith("kms:encryptioncontext:"))
        )
        or (key == "kms:grantisforawsresource" and values == {"true"})
        for operator, key, values in statement.conditions
    )


@RULES.rule("POLICY-PUBLIC")
def nobody_is_let_in_by_a_wildcard(environment: Environment) -> Iterable[Violation]:
    """An endpoint's policy may let everybody pass to what it names; the resource behind it decides."""
    for holder, kind, statement in allowing(environment, "resource", "trust", "endpoint"):
        passes = kind == "endpoint" and not any(text.strip("*") == "" for text in statement.resources)
        if "*" in statement.principals and not _bounded(statement) and not passes:
            actions = ", ".join(sorted(statement.actions))
            yield holder, f"anybody in any account may call {actions}"


@RULES.rule("POLICY-SOURCE")
def services_act_for_this_account(environment: Environment) -> Iterable[Violation]:
    """A service asks for many accounts; without a condition it may be sent by any of them."""
    for holder, _, statement in allowing(environment, "resource"):
        services = sorted(name for name in statement.principals if name.startswith("Service:"))
        if services and not _bounded(statement):
            yield holder, f"{services[0].removeprefix('Service:')} may call it on behalf of any account"


@RULES.rule("IAM-NEGATED")
def nothing_is_allowed_by_exclusion(environment: Environment) -> Iterable[Violation]:
    """It also permits what AWS adds later."""
    for holder, _, statement in allowing(environment, "identity", "resource", "trust", "endpoint"):
        if statement.negated:
            message = f"allows by {', '.join(statement.negated)}, which permits everything that it does not list"
            yield holder, message


@RULES.rule("IAM-ESCALATION")
def no_role_can_give_itself_more(environment: Environment) -> Iterable[Violation]:
    """By passing or taking any role, or by changing what roles may do."""
    for holder, _, statement in allowing(environment, "identity"):
        taken = [a for a in ("iam:passrole", "sts:assumerole") if any(matches(p, a) for p in statement.actions)]
        if taken and any("*" in text.rpartition("/")[2] for text in statement.resources):
            yield holder, f"allows {', '.join(taken)} on roles that it does not name"
        changes = [a for a in statement.actions if re.match(r"iam:(add|attach|create|delete|put|set|update)", a)]
        if changes:
            yield holder, f"allows {min(changes)}, which changes permissions"


@RULES.rule("TRUST-EXTERNAL-ID")
def other_accounts_say_for_whom_they_ask(environment: Environment) -> Iterable[Violation]:
    """Another company's account asks for many customers; the external id tells it which one is meant."""
    for holder, _, statement in allowing(environment, "trust"):
        accounts = {match[0] for name in statement.principals if (match := re.search(r"\b\d{12}\b", name))}
        named = any((operator, key) == ("is", "sts:externalid") for operator, key, _ in statement.conditions)
        for account in sorted(accounts - {environment.account}):
            if not named:
                yield holder, f"account {account} may take it without an external id"


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


# Accounts besides the environment's own that a template may name, and whose they are.
KNOWN_ACCOUNTS: Mapping[str, str] = {
    "683313688378": "AWS: its images of SageMaker in us-east-1 (SageMaker Developer Guide, Docker registry paths)",
}
# Where the account of Datadog may stand, and only in an environment that has Datadog: no code comes from there.
_TRUSTED = (ROLE, "AssumeRolePolicyDocument.Statement.Principal.AWS")
_OF_AWS = {("iam", "aws"), ("apigateway", "lambda")}  # service, and what stands in the place of an account
_ARN = re.compile(r"arn:[^:\s]*:(?P<service>[^:\s]*):[^:\s]*:(?P<account>[^:\s]*):")
_NUMBER = re.compile(r"(?P<account>\d{12})(?=\.dkr\.ecr\.)|\bsqs\.[a-z0-9-]+\.amazonaws\.com/(?P<queue>\d{12})/")


@RULES.rule("ACCOUNT-FOREIGN")
def other_accounts_are_known(environment: Environment) -> Iterable[Violation]:
    """Each account that a template trusts, reads from or runs code of; once, however often it is named."""
    found: dict[str, list[tuple[Resource, str]]] = {}
    datadog = environment.config.datadog if environment.config else None
    for resource in environment.resources():
        for path, text in resource.every_text:
            known = {"", environment.account, *KNOWN_ACCOUNTS}
            if datadog and (resource.type, path) == _TRUSTED:
                known.add(datadog.aws_account)
            for account in _accounts(path, text) - known:
                found.setdefault(account, []).append((resource, path))
    for account, places in found.items():
        resource, path = places[0]
        others = f", and {len(places) - 1} more name it" if len(places) > 1 else ""
        yield resource, f"{path} names account {account}, which is not known{others}"


def _accounts(path: str, text: str) -> set[str]:
    arns = {m["account"] for m in _ARN.finditer(text) if (m["service"], m["account"]) not in _OF_AWS}
    numbers = {m["account"] or m["queue"] for m in _NUMBER.finditer(text)}
    words = path.lower()
    alone = {text} if re.fullmatch(r"\d{12}", text) and ("account" in words or "principal" in words) else set()
    return arns | numbers | alone
