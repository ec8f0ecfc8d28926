"""The properties of some types said in sentences, which are shorter and tell their direction.

Each function takes out of `properties` what it has said; what is left is written as it is.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from policy.values import Json, as_list, as_map, as_text

from .access import policy_lines
from .names import Names

type Properties = dict[str, Json]
type Sentence = Callable[[str, Properties, Names], Iterator[str]]

_SIGNS = {
    "GreaterThanOrEqualToThreshold": ">=",
    "GreaterThanThreshold": ">",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "<=",
}
_PEERS = (
    *("SourceSecurityGroupId", "DestinationSecurityGroupId", "CidrIp", "CidrIpv6", "SourcePrefixListId"),
    "DestinationPrefixListId",
)
# Rules that no packet meets; the first is CDK's where a group must let out nothing.
_NOTHING = {("icmp", "252", "86", "255.255.255.255/32"), ("-1", "*", "*", "127.0.0.1/32")}


def _bare(reference: str) -> str:
    return reference.removeprefix("<").removesuffix(">")


def _identity_policy(subject: str, properties: Properties, names: Names) -> Iterator[str]:
    who = [_bare(names.text(x)) for key in ("Roles", "Users", "Groups") for x in as_list(properties.pop(key, None))]
    document = properties.pop("PolicyDocument", None)
    lines = list(policy_lines(document, subjects=who or [subject], names=names, path="PolicyDocument"))
    yield from lines or [f"{one} has policy <{subject}>" for one in who]


def _role(subject: str, properties: Properties, names: Names) -> Iterator[str]:
    trust = properties.pop("AssumeRolePolicyDocument", None)
    yield from policy_lines(trust, subjects=[subject], names=names, path="AssumeRolePolicyDocument")
    for inline in as_list(properties.pop("Policies", None)):
        yield from policy_lines(as_map(inline).get("PolicyDocument"), subjects=[subject], names=names, path="Policies")
    for arn in as_list(properties.pop("ManagedPolicyArns", None)):
        yield f"{subject} has policy {names.text(arn)}"


def _attached_policy(key: str, document: str) -> Sentence:
    """A policy on the resources that a property names."""

    def say(subject: str, properties: Properties, names: Names) -> Iterator[str]:
        on = [re.sub(r"\.\w+>$", ">", names.text(x)) for x in as_list(properties.pop(key, None))]
        policy = properties.pop(document, None)
        subjects = [_bare(x) for x in on] or [subject]
        yield from policy_lines(policy, subjects=subjects, names=names, path=document, own=on)

    return say


def _own_policy(key: str) -> Sentence:
    """A policy that a resource has on itself, where `*` means itself."""

    def say(subject: str, properties: Properties, names: Names) -> Iterator[str]:
        if key in properties:
            own = ("*", f"<{subject}>")
            yield from policy_lines(properties.pop(key), subjects=[subject], names=names, path=key, own=own)

    return say


def _permission(subject: str, properties: Properties, names: Names) -> Iterator[str]:
    function = _bare(names.text(properties.pop("FunctionName", None)))
    who, action = (names.text(properties.pop(key, None)) for key in ("Principal", "Action"))
    when = " and ".join(f"{key} is {names.text(value)}" for key, value in sorted(properties.items()))
    properties.clear()
    service = "service " if who.endswith(".amazonaws.com") else ""
    who = "anyone" if who == "*" else who
    yield f"{function or subject} lets {service}{who}: {action}{' when ' + when if when else ''}"


def _edge(way: str) -> Sentence:
    def say(subject: str, properties: Properties, names: Names) -> Iterator[str]:
        group = _bare(names.text(properties.pop("GroupId", f"<{subject}>")))
        yield _edge_line(group, way, dict(properties), names)
        properties.clear()

    return say


def _edge_line(group: str, way: str, rule: Properties, names: Names) -> str:
    peer = next((names.text(rule.pop(key)) for key in _PEERS if key in rule), "(nobody)")
    low, high, protocol = (as_text(rule.pop(key, "*")) for key in ("FromPort", "ToPort", "IpProtocol"))
    rule.pop("Description", None)
    if way == "out" and (protocol, low, high, peer) in _NOTHING and not rule:
        return f"{group} lets out nothing"
    ports = "" if (low, high) == ("*", "*") or protocol == "-1" else f" {low}" if low == high else f" {low}-{high}"
    rest = "".join(f", {key} {names.text(value)}" for key, value in sorted(rule.items()))
    what = "all traffic" if protocol == "-1" else protocol
    return f"{group} lets {way} {what}{ports} {'from' if way == 'in' else 'to'} {peer}{rest}"


def _security_group(subject: str, properties: Properties, names: Names) -> Iterator[str]:
    # A group of which no rule says what it lets out lets out everything; one rule removes that default, be it written
    # here or as a resource of its own (CloudFormation, AWS::EC2::SecurityGroup, "Remove the default rule"; aws-cdk
    # issue 987 shows it deployed).
    if not as_list(properties.get("SecurityGroupEgress")) and subject not in names.with_egress_rule:
        yield f"{subject} lets out all traffic to 0.0.0.0/0"
    for key, way in (("SecurityGroupIngress", "in"), ("SecurityGroupEgress", "out")):
        for rule in as_list(properties.pop(key, None)):
            if isinstance(rule, Mapping):
                yield _edge_line(subject, way, dict(rule), names)
            else:
                yield f"{subject} {key} = {names.text(rule)}"


def _metric(metric: Mapping[str, Json], statistic: str, period: Json, unit: Json, names: Names) -> str:
    pairs = map(as_map, as_list(metric.get("Dimensions")))
    dimensions = ", ".join(sorted(f"{names.text(d.get('Name'))} {names.text(d.get('Value'))}" for d in pairs))
    more = {key: value for key, value in metric.items() if key not in ("Namespace", "MetricName", "Dimensions")}
    return (
        f"{statistic} of {names.text(metric.get('Namespace'))} {names.text(metric.get('MetricName'))}"
        f"{' of ' + dimensions if dimensions else ''} per {as_text(period)} s{' in ' + as_text(unit) if unit else ''}"
        f"{' with ' + names.text(more) if more else ''}"
    )


_QUOTED = re.compile(r"""('[^']*'|"[^"]*"|<[A-Z][^<>\s]*>)""")  # texts, and names of resources
_OPERATOR = re.compile(r"\s*(>=|<=|==|!=|&&|\|\||[-+*/^<>])\s*")


def _spaced(expression: str) -> str:
    """Return metric math with blanks where a person would put them, whatever it was written with."""
    parts = _QUOTED.split(expression)
    for index in range(0, len(parts), 2):
        tight = re.sub(r"\s+", " ", parts[index]).replace("( ", "(").replace(" )", ")")
        parts[index] = re.sub(r"\s*,\s*", ", ", _OPERATOR.sub(r" \1 ", tight))
    return "".join(parts)


def _alarm(subject: str, properties: Properties, names: Names) -> Iterator[str]:
    if "Metrics" in properties:
        shown = []
        for item in as_list(properties.pop("Metrics")):
            part = dict(as_map(item))
            ident, stat = as_text(part.pop("Id", None)), dict(as_map(part.pop("MetricStat", None)))
            part.pop("Label", None)
            if as_text(part.pop("ReturnData", None)).lower() != "false":
                shown.append(ident)
            what = _spaced(names.text(part.pop("Expression"))) if "Expression" in part else "nothing"
            if stat:
                metric, statistic = as_map(stat.pop("Metric", None)), names.text(stat.pop("Stat", None))
                what = _metric(metric, statistic, stat.pop("Period", None), stat.pop("Unit", None), names)
            rest = {**part, **stat}
            yield f"{subject} where {ident} is {what}{' with ' + names.text(rest) if rest else ''}"
        watched = " and ".join(shown) or "nothing"
    else:
        metric = {key: properties.pop(key) for key in ("Namespace", "MetricName", "Dimensions") if key in properties}
        statistic = names.text(properties.pop("Statistic", None) or properties.pop("ExtendedStatistic", None))
        watched = _metric(metric, statistic, properties.pop("Period", None), properties.pop("Unit", None), names)
    said = ("EvaluationPeriods", "ComparisonOperator", "Threshold")
    periods, operator, threshold = (as_text(properties.pop(key, "")) for key in said)
    missing = as_text(properties.pop("TreatMissingData", "missing"))
    points = as_text(properties.pop("DatapointsToAlarm", periods))
    yield (
        f"{subject} fires when {watched} {_SIGNS.get(operator, operator)} {threshold} in {points} of {periods}, "
        f"no data is {missing}"
    )
    for key, when in (("AlarmActions", "firing"), ("OKActions", "over"), ("InsufficientDataActions", "without data")):
        for target in as_list(properties.pop(key, None)):
            yield f"{subject} when {when} tells {names.text(target)}"


def _rotation(_: str, properties: Properties, __: Names) -> Iterator[str]:
    """A rate in days is what AutomaticallyAfterDays says."""
    rules = dict(as_map(properties.get("RotationRules")))
    rate = re.fullmatch(r"rate\((\d+) days?\)", as_text(rules.get("ScheduleExpression")))
    if rate:
        del rules["ScheduleExpression"]
        properties["RotationRules"] = {**rules, "AutomaticallyAfterDays": rate[1]}
    yield from ()


def _log_group(subject: str, properties: Properties, names: Names) -> Iterator[str]:
    days, key = as_text(properties.pop("RetentionInDays", None)), properties.pop("KmsKeyId", None)
    kept = f"for {days} days" if days else "for ever"
    yield f"{subject} keeps logs {kept} under {names.text(key) if key else 'no key of ours'}"


def _http_route(subject: str, properties: Properties, names: Names) -> Iterator[str]:
    check = [as_text(properties.pop("AuthorizationType", None)) or "NONE"]
    check += [names.text(properties.pop(key)) for key in ("AuthorizerId", "AuthorizationScopes") if key in properties]
    route, target = (names.text(properties.pop(key, None)) for key in ("RouteKey", "Target"))
    yield f"{subject} answers {route} by {target}, caller checked by {' '.join(check)}"


def _vpc_route(_: str, properties: Properties, names: Names) -> Iterator[str]:
    table = _bare(names.text(properties.pop("RouteTableId", None)))
    to = [names.text(properties.pop(key)) for key in sorted(properties) if key.startswith("Destination")]
    by = [f"{key} {names.text(properties.pop(key))}" for key in sorted(properties)]
    yield f"{table} sends {' '.join(to)} to {' '.join(by)}"


SENTENCES: Mapping[str, Sentence] = {
    "AWS::ApiGatewayV2::Route": _http_route,
    "AWS::Backup::BackupVault": _own_policy("AccessPolicy"),
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::EC2::Route": _vpc_route,
    "AWS::EC2::SecurityGroup": _security_group,
    "AWS::EC2::SecurityGroupEgress": _edge("out"),
    "AWS::EC2::SecurityGroupIngress": _edge("in"),
    "AWS::EC2::VPCEndpoint": _own_policy("PolicyDocument"),
    "AWS::IAM::ManagedPolicy": _identity_policy,
    "AWS::IAM::Policy": _identity_policy,
    "AWS::IAM::Role": _role,
    "AWS::KMS::Key": _own_policy("KeyPolicy"),
    "AWS::Lambda::Permission": _permission,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::S3::BucketPolicy": _attached_policy("Bucket", "PolicyDocument"),
    "AWS::SNS::TopicPolicy": _attached_policy("Topics", "PolicyDocument"),
    "AWS::SQS::QueuePolicy": _attached_policy("Queues", "PolicyDocument"),
    "AWS::SecretsManager::RotationSchedule": _rotation,
    "AWS::SecretsManager::ResourcePolicy": _attached_policy("SecretId", "ResourcePolicy"),
}

# Their sentence says all that they are.
SAID_WHOLE = {
    *("AWS::EC2::Route", "AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroupIngress"),
    "AWS::Lambda::Permission",
}
