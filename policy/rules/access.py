"""Who may do what: no wildcard, no stranger, no way to more rights than were given."""

import re
from collections.abc import Iterable, Mapping

from ..finding import Rules, Violation
from ..model import Environment, Resource
from ..statements import ROLE, Document, Statement, documents, statements, version
from ..values import as_text

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


def _allows(environment: Environment, *kinds: str) -> Iterable[tuple[Document, Statement]]:
    for document in documents(environment):
        for statement in document.statements if document.kind in kinds else ():
            if statement.effect == "Allow":
                yield document, statement


@RULES.rule("POLICY-PUBLIC")
def nobody_is_let_in_by_a_wildcard(environment: Environment) -> Iterable[Violation]:
    """An endpoint's policy may let everybody pass to what it names; the resource behind it decides."""
    for document, statement in _allows(environment, "resource", "trust", "endpoint"):
        passes = document.kind == "endpoint" and not any(text.strip("*") == "" for text in statement.resources)
        if "*" in statement.principals and not _bounded(statement) and not passes:
            actions = ", ".join(sorted(statement.actions))
            yield document.holder, f"anybody in any account may call {actions}"


@RULES.rule("POLICY-SOURCE")
def services_act_for_this_account(environment: Environment) -> Iterable[Violation]:
    """A service asks for many accounts; without a condition it may be sent by any of them."""
    for document, statement in _allows(environment, "resource"):
        services = sorted(name for name in statement.principals if name.startswith("Service:"))
        if services and not _bounded(statement):
            yield document.holder, f"{services[0].removeprefix('Service:')} may call it on behalf of any account"


@RULES.rule("IAM-WILDCARD")
def nobody_may_do_everything(environment: Environment) -> Iterable[Violation]:
    """Neither every action, nor every action of a service; the account's own root in a resource's policy may."""
    for document, statement in _allows(environment, "identity", "resource"):
        for action in sorted(statement.actions):
            everything = action.strip("*") == ""
            service = action.endswith(":*")
            own = document.kind == "resource" and statement.principals == {f"account:{environment.account}"}
            anywhere = document.kind == "resource" or any(text.strip("*") == "" for text in statement.resources)
            if everything or (service and anywhere and not own):
                yield document.holder, f"allows {action} on everything it can reach"
    for role in environment.of(ROLE):
        for arn in role.texts("ManagedPolicyArns"):
            if re.search(r"iam::aws:policy/.*(AdministratorAccess|PowerUserAccess|FullAccess)", arn):
                yield role, f"carries {arn}, which allows whole services"


@RULES.rule("IAM-NEGATED")
def nothing_is_allowed_by_exclusion(environment: Environment) -> Iterable[Violation]:
    """It also permits what AWS adds later."""
    for document, statement in _allows(environment, "identity", "resource", "trust", "endpoint"):
        if statement.negated:
            message = f"allows by {', '.join(statement.negated)}, which permits everything that it does not list"
            yield document.holder, message


@RULES.rule("IAM-ESCALATION")
def no_role_can_give_itself_more(environment: Environment) -> Iterable[Violation]:
    """By passing or taking any role, or by changing what roles may do."""
    for document, statement in _allows(environment, "identity"):
        taken = [action for action in ("iam:passrole", "sts:assumerole") if statement.allows(action)]
        if taken and any("*" in text.rpartition("/")[2] for text in statement.resources):
            yield document.holder, f"allows {', '.join(taken)} on roles that it does not name"
        changes = [a for a in statement.actions if re.match(r"iam:(add|attach|create|delete|put|set|update)", a)]
        if changes:
            yield document.holder, f"allows {min(changes)}, which changes permissions"


@RULES.rule("POLICY-FORM")
def policies_are_well_formed(environment: Environment) -> Iterable[Violation]:
    """By the older version, which is the default, a variable is read as if it were a name."""
    for document in documents(environment):
        written = as_text(version(document.body))
        if written != "2012-10-17":
            yield document.holder, f"has a policy of version {written or '2008-10-17, the default'}"
        for statement in document.statements:
            if statement.effect not in ("Allow", "Deny"):
                yield document.holder, f"has a statement with the effect {statement.effect!r}"
            about = statement.principals if document.kind == "trust" else statement.resources
            if not statement.negated and not (statement.actions and about):
                yield document.holder, "has a statement without an action, or without what it is about"


# Accounts besides the environment's own that a template may name, and whose they are.
KNOWN_ACCOUNTS: Mapping[str, str] = {
    "683313688378": "AWS: its images of SageMaker in us-east-1 (SageMaker Developer Guide, Docker registry paths)",
}
_OF_AWS = {("iam", "aws"), ("apigateway", "lambda")}  # service, and what stands in the place of an account
_ARN = re.compile(r"arn:[^:\s]*:(?P<service>[^:\s]*):[^:\s]*:(?P<account>[^:\s]*):")
_NUMBER = re.compile(r"(?P<account>\d{12})(?=\.dkr\.ecr\.)|\bsqs\.[a-z0-9-]+\.amazonaws\.com/(?P<queue>\d{12})/")


@RULES.rule("ACCOUNT-FOREIGN")
def other_accounts_are_known(environment: Environment) -> Iterable[Violation]:
    """Each account that a template trusts, reads from or runs code of; once, however often it is named."""
    found: dict[str, list[tuple[Resource, str]]] = {}
    for resource in environment.resources():
        for path, text in resource.every_text:
            for account in _accounts(path, text) - {"", environment.account, *KNOWN_ACCOUNTS}:
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


# How a policy names the resource that it is about.
_POLICY_OF = {
    "AWS::S3::Bucket": ("AWS::S3::BucketPolicy", "Bucket"),
    "AWS::SNS::Topic": ("AWS::SNS::TopicPolicy", "Topics"),
    "AWS::SQS::Queue": ("AWS::SQS::QueuePolicy", "Queues"),
}


@RULES.of("TLS-ONLY", *_POLICY_OF)
def plain_http_is_refused(resource: Resource, environment: Environment) -> Iterable[str]:
    """By a policy of the resource that denies it to everybody, whatever else they may do."""
    policy_type, names = _POLICY_OF[resource.type]
    refusal = [("is", "aws:securetransport", frozenset({"false"}))]
    policies = (policy for policy in environment.of(policy_type) if resource.refers() in policy.texts(names))
    held = [statement for policy in policies for statement in statements(policy.get("PolicyDocument"))]
    if not any(one.effect == "Deny" and "*" in one.principals and one.conditions == refusal for one in held):
        yield "has no policy that refuses requests without TLS"
