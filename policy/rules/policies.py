"""Policies of queues, buckets, topics, keys and endpoints: whom they let in, and what they refuse to everybody."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ..finding import Broken, Rules
from ..model import Environment, Resource
from ..statements import Grant, Statement, exceeds, lacks, matches, statements
from ..values import Json, as_map

RULES = Rules()

_EVERYBODY = ("*",)
_PLAIN_HTTP = {"bool aws:securetransport": ("false",)}
_OLD_TLS = {"numericlessthan s3:tlsversion": ("1.2",)}
_OUR_ACCOUNT = {"equals aws:sourceaccount": ("<account>",)}
_OUR_ALARMS = {
    "equals aws:sourceaccount": ("<account>",),
    "equals aws:sourcearn": ("arn:aws:cloudwatch:<region>:<account>:alarm:flux-<name>-*",),
}
_OUR_DATABASES = {
    "equals aws:sourceaccount": ("<account>",),
    "equals aws:sourcearn": ("arn:aws:rds:<region>:<account>:*",),
}
_OUR_TOPIC = {"equals kms:encryptioncontext:aws:sns:topicarn": ("${Monitoring/AlertsTopic}",)}
_USE_KEY = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")
# As AWS's guides write it, with wildcards, so that it may.
_USE_KEY_FREELY = ("kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*")

_OWNER = Grant(actions=("kms:*",), resources=("*",), principals=("AWS:arn:aws:iam::<account>:root",))
# A grant is a way around the key's policy (AWS Control Tower, CT.KMS.PR.3).
_NO_GRANTS = Grant(
    actions=("kms:CreateGrant",),
    resources=("*",),
    principals=_EVERYBODY,
    conditions={
        "boolifexists kms:grantisforawsresource": ("false",),
        "boolifexists aws:principalisawsservice": ("false",),
    },
    effect="Deny",
)
_LOGS = Grant(
    actions=(*_USE_KEY, "kms:DescribeKey"),
    besides=_USE_KEY_FREELY,
    resources=("*",),
    principals=("Service:logs.<region>.amazonaws.com",),
    conditions={
        "equals kms:encryptioncontext:aws:logs:arn": ("arn:aws:logs:<region>:<account>:log-group:*",),
    },
)
_FOR_SECRETS = Grant(
    actions=(
        *("kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt"),
        *("kms:GenerateDataKey*", "kms:ReEncrypt*"),
    ),
    resources=("*",),
    principals=_OWNER.principals,
    conditions={"equals kms:viaservice": ("secretsmanager.<region>.amazonaws.com",)},
)
# Key -> whom it serves besides its account.
_KEYS: Mapping[str, tuple[Grant, ...]] = {
    "Data/Key": (_LOGS, _FOR_SECRETS),
    "Ml/Key": (_LOGS,),
    "Network/FlowLogsKey": (_LOGS,),
    "Compute/Key": (
        _LOGS,
        Grant(
            actions=("kms:Decrypt", "kms:GenerateDataKey"),
            besides=("kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"),
            resources=("*",),
            principals=("Service:events.amazonaws.com",),
            conditions=_OUR_ACCOUNT,
        ),
    ),
    "Frontend/DomainSigningKey": (
        Grant(
            actions=("kms:DescribeKey", "kms:GetPublicKey", "kms:Sign"),
            resources=("*",),
            principals=("Service:dnssec-route53.amazonaws.com",),
            conditions={**_OUR_ACCOUNT, "equals aws:sourcearn": ("arn:aws:route53:::hostedzone/<zone>",)},
        ),
        Grant(
            actions=("kms:CreateGrant",),
            resources=("*",),
            principals=("Service:dnssec-route53.amazonaws.com",),
            conditions={"bool kms:grantisforawsresource": ("true",)},
        ),
    ),
    "Monitoring/AlertsKey": (
        Grant(
            actions=("kms:Decrypt", "kms:GenerateDataKey"),
            besides=("kms:GenerateDataKey*",),
            resources=("*",),
            principals=("Service:cloudwatch.amazonaws.com",),
            conditions=_OUR_ALARMS,
        ),
        Grant(
            actions=("kms:Decrypt", "kms:GenerateDataKey"),
            besides=("kms:GenerateDataKey*",),
            resources=("*",),
            principals=("Service:events.rds.amazonaws.com",),
            conditions=_OUR_TOPIC,
        ),
    ),
}


def _refuse(action: str, *resources: str, conditions: Mapping[str, tuple[str, ...]]) -> Grant:
    return Grant(actions=(action,), resources=resources, principals=_EVERYBODY, conditions=conditions, effect="Deny")


# What is done with each kind of resource all day. A Deny of anything else only makes it stricter.
_DONE_DAILY: Mapping[str, tuple[str, ...]] = {
    "AWS::Backup::BackupVault": ("backup:startbackupjob", "backup:copyfrombackupvault", "backup:startcopyjob"),
    "AWS::EC2::VPCEndpoint": ("*",),
    "AWS::KMS::Key": ("kms:decrypt", "kms:encrypt", "kms:generatedatakey", "kms:creategrant", "kms:putkeypolicy"),
    "AWS::S3::BucketPolicy": ("s3:getobject", "s3:putobject", "s3:listbucket"),
    "AWS::SNS::TopicPolicy": ("sns:publish",),
    "AWS::SQS::QueuePolicy": ("sqs:sendmessage", "sqs:receivemessage", "sqs:deletemessage"),
}


def shuts_out(holder: Resource, statement: Statement, *, refused: frozenset[str] = frozenset()) -> str:
    """Return what a Deny takes away from those who need it; empty if nothing.

    A Deny with conditions is a guardrail, unless all of them hold for what says nothing about them (`…IfExists`).
    refused: actions of which such a Deny is wanted.
    """
    # Only with keys, of whose requests most name no context; a bucket's guardrail is about the request's own headers.
    about_keys = holder.type == "AWS::KMS::Key"
    open_ended = all(about_keys and condition.split()[0].endswith("ifexists") for condition in statement.conditions)
    over_tls = statement.conditions == {"bool aws:securetransport": {"true"}}  # that is how everybody asks
    if statement.effect != "Deny" or not (open_ended or over_tls):
        return ""
    needed = set(_DONE_DAILY.get(holder.type, ())) - (refused if statement.conditions else frozenset())
    taken = [action for action in needed if any(matches(pattern, action) for pattern in statement.actions)]
    return "denies everybody what is done with it all day" if taken or "*" in needed or statement.negated else ""


def _judge(environment: Environment, holder: Resource, document: Json, wanted: tuple[Grant, ...]) -> Iterator[Broken]:
    """Yield what a policy permits beyond the grants, and which grants it lacks."""
    yield from _judge_each(environment, holder, statements(document), wanted)


def _judge_each(
    environment: Environment, holder: Resource, found: list[Statement], wanted: tuple[Grant, ...]
) -> Iterator[Broken]:
    allowed = [grant for grant in wanted if grant.effect == "Allow"]
    refused = frozenset(action.lower() for grant in wanted if grant.effect == "Deny" for action in grant.actions)
    for statement in found:
        what = exceeds(statement, allowed, environment) or shuts_out(holder, statement, refused=refused)
        if what:
            yield Broken(resource=holder, what=what)
    for grant in wanted:
        what = lacks(found, grant, environment)
        if what:
            yield Broken(resource=holder, what=what)


@RULES.rule("KMS-POLICY", source="FSBP KMS.5; KMS Developer Guide, Key policies", remedy="account, and named services")
def keys_serve_whom_they_should(environment: Environment) -> Iterable[Broken]:
    """The account, so that roles decide; and services, each for what is this account's."""
    for key in environment.of("AWS::KMS::Key"):
        found = statements(key.get("KeyPolicy"))
        # The owner's statement covers any other about the account; so that those are judged too, it is set apart.
        owners = [s for s in found if s.effect == "Allow" and s.actions == {"kms:*"} and not s.conditions]
        others = [s for s in found if s not in owners]
        yield from _judge_each(environment, key, owners, (_OWNER,))
        yield from _judge_each(environment, key, others, (*_KEYS.get(key.name, ()), _NO_GRANTS))


POLICY = "AWS::SQS::QueuePolicy"

# Queue -> the rule that sends to it, directly or when it failed.
_SENDERS = {
    "Compute/QueuesPosSyncQueue": "Compute/QueuesQuarterHourly",
    "Compute/QueuesPosSyncDeadLetters": "Compute/QueuesQuarterHourly",
    "Compute/QueuesForecastsQueue": "Compute/QueuesNightly",
    "Compute/QueuesForecastsDeadLetters": "Compute/QueuesNightly",
}


@RULES.rule("SQS-POLICY", source="FSBP SQS.3; confused deputy", remedy="TLS only, EventBridge of this account only")
def queues_take_messages_from_whom_they_should(environment: Environment) -> Iterable[Broken]:
    """Plain HTTP is refused; EventBridge may send, and to dead letters only from the queue's own schedule."""
    for queue in environment.of("AWS::SQS::Queue"):
        arn = queue.refers("Arn")
        events = ("Service:events.amazonaws.com",)
        policies = [p for p in environment.of(POLICY) if queue.refers() in p.texts("Queues")]
        found = [statement for policy in policies for statement in statements(policy.get("PolicyDocument"))]
        only = {"equals aws:sourcearn": (f"${{{_SENDERS.get(queue.name, 'no rule')}.Arn}}",)}
        if queue.name.endswith("DeadLetters") or any(only.keys() <= s.conditions.keys() for s in found):
            sender = Grant(actions=("sqs:SendMessage",), resources=(arn,), principals=events, conditions=only)
        else:
            sender = Grant(
                actions=("sqs:SendMessage",),
                besides=("sqs:GetQueueAttributes", "sqs:GetQueueUrl"),
                resources=(arn,),
                principals=events,
                conditions=_OUR_ACCOUNT,
            )
        if not policies:
            yield Broken(resource=queue, what="has no policy, so plain HTTP is not refused")
        wanted = (_refuse("sqs:*", arn, conditions=_PLAIN_HTTP), sender)
        for policy in policies:
            yield from _judge(environment, policy, policy.get("PolicyDocument"), wanted)
    known = {queue.refers() for queue in environment.of("AWS::SQS::Queue")}
    for policy in environment.of(POLICY):
        if not policy.texts("Queues") or set(policy.texts("Queues")) - known:
            yield Broken(resource=policy, what=f"is the policy of {policy.texts('Queues')}, not of a queue of Flux")


# Bucket -> who else may do what.
_BUCKETS: Mapping[str, tuple[Grant, ...]] = {
    "Data/AssetsAccessLogs": (
        Grant(
            actions=("s3:PutObject",),
            resources=("${Data/AssetsAccessLogs.Arn}/assets/*",),
            principals=("Service:logging.s3.amazonaws.com",),
            conditions={**_OUR_ACCOUNT, "equals aws:sourcearn": ("${Data/AssetsBucket.Arn}",)},
        ),
    ),
    "Frontend/AccessLogsBucket": (
        Grant(
            actions=("s3:PutObject",),
            resources=("${Frontend/AccessLogsBucket.Arn}/site/*",),
            principals=("Service:logging.s3.amazonaws.com",),
            conditions={**_OUR_ACCOUNT, "equals aws:sourcearn": ("${Frontend/SiteBucket.Arn}",)},
        ),
    ),
    "Frontend/SiteBucket": (
        Grant(
            actions=("s3:GetObject",),
            resources=("${Frontend/SiteBucket.Arn}/*",),
            principals=("Service:cloudfront.amazonaws.com",),
            conditions={
                "equals aws:sourcearn": ("arn:aws:cloudfront::<account>:distribution/${Frontend/EdgeDistribution}",)
            },
        ),
    ),
}


@RULES.rule("S3-POLICY", source="FSBP S3.5, S3.6; CIS 2.1.1", remedy="TLS 1.2 for everybody, and named services")
def buckets_let_in_whom_they_should(environment: Environment) -> Iterable[Broken]:
    """Plain HTTP and old TLS are refused; logs are delivered and the site is read by this environment's own."""
    ours = {bucket.refers() for bucket in environment.of("AWS::S3::Bucket")}
    for policy in environment.of("AWS::S3::BucketPolicy"):
        if policy.text("Bucket") not in ours:
            yield Broken(resource=policy, what=f"is the policy of {policy.text('Bucket')}, which is no bucket of Flux")
    for bucket in environment.of("AWS::S3::Bucket"):
        arn = bucket.refers("Arn")
        policies = [p for p in environment.of("AWS::S3::BucketPolicy") if p.text("Bucket") == bucket.refers()]
        if not policies:
            yield Broken(resource=bucket, what="has no policy, so plain HTTP is not refused")
        wanted = (
            _refuse("s3:*", arn, f"{arn}/*", conditions=_PLAIN_HTTP),
            _refuse("s3:*", arn, f"{arn}/*", conditions=_OLD_TLS),
            *_BUCKETS.get(bucket.name, ()),
        )
        # A disposable environment's buckets are emptied by aws-cdk-lib's function before they go with their stack.
        emptier = f"AWS:${{{bucket.layer}/CustomS3AutoDeleteObjectsCustomResourceProviderRole.Arn}}"
        emptying = Grant(
            actions=("s3:PutBucketPolicy", "s3:GetBucket*", "s3:List*", "s3:DeleteObject*"),
            resources=(arn, f"{arn}/*"),
            principals=(emptier,),
        )
        for policy in policies:
            wanted_here = wanted if environment.kept else (*wanted, emptying)
            yield from _judge(environment, policy, policy.get("PolicyDocument"), wanted_here)


@RULES.rule("SNS-POLICY", source="FSBP SNS.4", remedy="TLS only, our alarms and databases only")
def the_topic_takes_messages_from_our_alarms(environment: Environment) -> Iterable[Broken]:
    """Nobody else may wake people."""
    for topic in environment.of("AWS::SNS::Topic"):
        policies = [p for p in environment.of("AWS::SNS::TopicPolicy") if topic.refers() in p.texts("Topics")]
        if not policies:
            yield Broken(resource=topic, what="has no policy, so alarms may not speak to it")
        wanted = (
            _refuse("sns:Publish", topic.refers(), conditions=_PLAIN_HTTP),
            Grant(
                actions=("sns:Publish",),
                resources=(topic.refers(),),
                principals=("Service:cloudwatch.amazonaws.com",),
                conditions=_OUR_ALARMS,
            ),
            Grant(
                actions=("sns:Publish",),
                resources=(topic.refers(),),
                principals=("Service:events.rds.amazonaws.com",),
                conditions=_OUR_DATABASES,
            ),
        )
        for policy in policies:
            yield from _judge(environment, policy, policy.get("PolicyDocument"), wanted)


_OUR_PRINCIPALS = Grant(
    actions=("*",),
    resources=("*",),
    principals=_EVERYBODY,
    conditions={"equals aws:principalaccount": ("<account>",)},
)
_CUSTOM_RESOURCES = Grant(
    actions=("s3:PutObject",),
    resources=("arn:aws:s3:::cloudformation-custom-resource-response-*/*",),
    principals=_EVERYBODY,
)


@RULES.rule(
    "VPC-ENDPOINT-POLICY", source="AWS PrivateLink Guide, Endpoint policies", remedy="this account's principals"
)
def endpoints_serve_only_this_account(environment: Environment) -> Iterable[Broken]:
    """Credentials of another account could otherwise carry data out."""
    for endpoint in environment.of("AWS::EC2::VPCEndpoint"):
        if not endpoint.get("PolicyDocument"):
            yield Broken(resource=endpoint, what="serves every account")
            continue
        service = endpoint.text("ServiceName").removeprefix(f"com.amazonaws.{environment.region}.").split(".")[0]
        also = (_CUSTOM_RESOURCES,) if service == "s3" else ()
        found = statements(endpoint.get("PolicyDocument"))
        for statement in found:
            what = exceeds(statement, (_OUR_PRINCIPALS, *also), environment) or shuts_out(endpoint, statement)
            if what:
                yield Broken(resource=endpoint, what=what)
        # It may be for its own service's actions alone: no others pass through it.
        for grant in (replace(_OUR_PRINCIPALS, actions=(f"{service}:*",)), *also):
            what = lacks(found, grant, environment)
            if what:
                yield Broken(resource=endpoint, what=what)


_DOCUMENTS = ("AccessPolicy", "AssumeRolePolicyDocument", "KeyPolicy", "PolicyDocument")


@RULES.rule("POLICY-VERSION", source="IAM User Guide, Policy elements: Version", remedy="Version 2012-10-17")
def policies_are_of_the_current_version(environment: Environment) -> Iterable[Broken]:
    """By the older one, which is the default, a variable is read as if it were a name; any other is refused."""
    for resource in environment.resources():
        documents = [resource.get(name) for name in _DOCUMENTS]
        documents += [policy.get("PolicyDocument") for policy in resource.items("Policies")]
        for document in documents:
            if not any(statement.effect == "Allow" for statement in statements(document)):
                continue
            version = as_map(document).get("Version")
            if version != "2012-10-17" and not (isinstance(document, str) and '"2012-10-17"' in document):
                yield Broken(resource=resource, what=f"has a policy of version {version or '2008-10-17'}")
