"""One spelling for every reference, so that rules need not know how many ways there are to write it.

`GetAtt Vpc.VpcId` is what `Ref Vpc` is, `arn:aws:s3:::${Bucket}` is `${Bucket.Arn}`, and a topic's ARN with its name
is the topic (CloudFormation Template Reference, "Return values" of each type; Service Authorization Reference,
"Resource types").
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from .model import TOKEN, Environment
from .values import Json

# The attribute that says the same as Ref.
_SAME_AS_REF: Mapping[str, str] = {
    "AWS::ApiGatewayV2::Api": "ApiId",
    "AWS::ApiGatewayV2::Authorizer": "AuthorizerId",
    "AWS::EC2::InternetGateway": "InternetGatewayId",
    "AWS::EC2::NatGateway": "NatGatewayId",
    "AWS::EC2::RouteTable": "RouteTableId",
    "AWS::EC2::Subnet": "SubnetId",
    "AWS::EC2::VPC": "VpcId",
    "AWS::KMS::Key": "KeyId",
    "AWS::SNS::Topic": "TopicArn",
    "AWS::SQS::Queue": "QueueUrl",
}

# Ref of these says what rules call by an attribute.
_REF_IS: Mapping[str, str] = {"AWS::EC2::SecurityGroup": "GroupId"}

# What stands before and after a reference, and the attribute that says it all.
_PUT_TOGETHER: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "AWS::IAM::Role": (("arn:aws:iam::<account>:role/", "", "Arn"),),
    "AWS::KMS::Key": (("arn:aws:kms:<region>:<account>:key/", "", "Arn"),),
    "AWS::Lambda::Function": (("arn:aws:lambda:<region>:<account>:function:", "", "Arn"),),
    "AWS::Logs::LogGroup": (("arn:aws:logs:<region>:<account>:log-group:", ":*", "Arn"),),
    "AWS::S3::Bucket": (
        ("arn:aws:s3:::", "", "Arn"),
        ("", ".s3.<region>.amazonaws.com", "RegionalDomainName"),
        ("", ".s3.amazonaws.com", "DomainName"),
    ),
}

_BEFORE, _AFTER = r"(arn:aws:[a-z0-9]+:[a-z0-9-]*:[0-9]*:(?:[a-z-]+[:/])?)?", r"(:\*|\.s3[a-z0-9.-]+)?"
_REFERENCE = re.compile(_BEFORE + TOKEN.pattern + _AFTER)
# A secret's current value is what a dynamic reference means if it names no stage.
_CURRENT = re.compile(r"(:SecretString:\w+)(?::(?:AWSCURRENT)?:?)?}}")


def spelled_alike(environment: Environment) -> Environment:
    """Return the environment with every reference in its resources and outputs in its one spelling."""
    types = {(r.layer, r.logical_id): r.type for r in environment.resources()}
    places = {"<region>": environment.region, "<account>": environment.account}
    sns = _placed("arn:aws:sns:<region>:<account>:", places)
    topics = {
        sns + topic.text("TopicName"): f"${{{topic.layer}/{topic.logical_id}}}"
        for topic in environment.of("AWS::SNS::Topic")
    }

    def one(match: re.Match[str]) -> str:
        before, layer, logical_id, attribute, after = (part or "" for part in match.groups())
        kind = types.get((layer, logical_id), "")
        if attribute and attribute == _SAME_AS_REF.get(kind):
            attribute = ""
        for start, end, whole in _PUT_TOGETHER.get(kind, ()) if not attribute else ():
            if before == _placed(start, places) and after == _placed(end, places):
                return f"${{{layer}/{logical_id}.{whole}}}"
        attribute = attribute or _REF_IS.get(kind, "")
        return f"{before}${{{layer}/{logical_id}{'.' + attribute if attribute else ''}}}{after}"

    def alike(value: Json) -> Json:
        if isinstance(value, str):
            whole = topics.get(value, value)
            return _CURRENT.sub(r"\1::}}", _REFERENCE.sub(one, whole)) if "${" in whole else whole
        if isinstance(value, Mapping):
            return {key: alike(item) for key, item in value.items()}
        return [alike(item) for item in value] if isinstance(value, Sequence) else value

    def properties(found: Mapping[str, Json]) -> Mapping[str, Json]:
        return {key: alike(item) for key, item in found.items()}

    return replace(
        environment,
        stacks=tuple(
            replace(
                stack,
                resources=tuple(replace(r, properties=properties(r.properties)) for r in stack.resources),
                outputs=properties(stack.outputs),
            )
            for stack in environment.stacks
        ),
    )


def _placed(text: str, places: Mapping[str, str]) -> str:
    for name, place in places.items():
        text = text.replace(name, place)
    return text
