"""Real addresses for what templates only refer to, so that IAM can compare policies with requests."""

import re
from collections.abc import Mapping, Sequence

from flux_infra.config import Backups
from policy.model import TOKEN, Environment, Resource
from policy.values import Json

_NAMED = re.compile(r"(?P<name>[A-Z][a-z]+/[A-Za-z0-9]+)(?P<part>([:/].*)?)")

# The ARN of each kind of resource (Service Authorization Reference), and the attribute by which a template gets it.
# `{id}` is whatever name CloudFormation would make up.
_ARNS: Mapping[str, tuple[str, str]] = {
    "AWS::Backup::BackupVault": ("BackupVaultArn", "arn:aws:backup:<region>:<account>:backup-vault:{id}"),
    "AWS::CloudFront::Distribution": ("", "arn:aws:cloudfront::<account>:distribution/{id}"),
    "AWS::CloudFront::KeyValueStore": ("Arn", "arn:aws:cloudfront::<account>:key-value-store/{id}"),
    "AWS::Events::Rule": ("Arn", "arn:aws:events:<region>:<account>:rule/{id}"),
    "AWS::IAM::Role": ("Arn", "arn:aws:iam::<account>:role/{id}"),
    "AWS::KMS::Key": ("Arn", "arn:aws:kms:<region>:<account>:key/{id}"),
    "AWS::Lambda::Alias": ("Ref", "arn:aws:lambda:<region>:<account>:function:{id}:live"),
    "AWS::Lambda::Function": ("Arn", "arn:aws:lambda:<region>:<account>:function:{id}"),
    "AWS::Logs::LogGroup": ("Arn", "arn:aws:logs:<region>:<account>:log-group:{id}"),
    "AWS::RDS::DBInstance": ("", "arn:aws:rds:<region>:<account>:db:{id}"),
    "AWS::S3::Bucket": ("Arn", "arn:aws:s3:::{id}"),
    "AWS::SNS::Topic": ("Ref", "arn:aws:sns:<region>:<account>:{id}"),
    "AWS::SQS::Queue": ("Arn", "arn:aws:sqs:<region>:<account>:{id}"),
    "AWS::SageMaker::Endpoint": ("", "arn:aws:sagemaker:<region>:<account>:endpoint/{id}"),
    "AWS::WAFv2::WebACL": ("Arn", "arn:aws:wafv2:<region>:<account>:global/webacl/{id}/made-up"),
    "AWS::SecretsManager::Secret": ("Ref", "arn:aws:secretsmanager:<region>:<account>:secret:{id}-AbCdEf"),
}


def fill(text: str, environment: Environment) -> str:
    """Put the environment's name, account and regions into a text."""
    backups = environment.config.backups if environment.config else None
    copies = backups.copy_region if isinstance(backups, Backups) else ""
    return (
        text.replace("<name>", environment.name)
        .replace("<account>", environment.account)
        .replace("<region>", environment.region)
        .replace("<copy-region>", copies if isinstance(copies, str) and copies else environment.region)
    )


def arn(resource: Resource, environment: Environment) -> str:
    """Return a resource's ARN.

    Raises:
        LookupError: no ARN is known for its type.
    """
    if resource.type not in _ARNS:
        raise LookupError(f"{resource.type} of {resource.name}: say in {__name__}._ARNS what its ARN looks like")
    return fill(_ARNS[resource.type][1].format(id=_identifier(resource, environment)), environment)


def _identifier(resource: Resource, environment: Environment) -> str:
    """Return a name like those that CloudFormation makes up; two stacks have equal logical ids, but not equal names."""
    match resource.type:
        case "AWS::RDS::DBInstance":
            return resource.text("DBInstanceIdentifier")
        case "AWS::SageMaker::Endpoint":
            return resource.text("EndpointName")
        case "AWS::S3::Bucket":
            return f"{resource.stack}-{resource.logical_id}".lower()
        case "AWS::Lambda::Alias":
            function = environment.find(resource.text("FunctionName"))
            return _identifier(function, environment) if function else ""
        case _:
            return f"{resource.stack}-{resource.logical_id}"


def address(text: str, environment: Environment) -> str:
    """Return the text that a row of a table means: `Layer/Construct`, a part of it, `*`, or an ARN with references.

    Raises:
        LookupError: there is no such resource.
    """
    match = _NAMED.fullmatch(text)
    if match is None:
        return TOKEN.sub(lambda reference: _value(reference, environment), fill(text, environment))
    found = environment.find(match["name"])
    if found is None:
        raise LookupError(f"{match['name']}: no such resource; did it move, or is the table's row out of date?")
    return arn(found, environment) + match["part"]


def addressed(value: Json, environment: Environment) -> Json:
    """Return a policy with every reference in it replaced by what CloudFormation would put there.

    Raises:
        LookupError: a reference whose value nobody knows.
    """
    if isinstance(value, str):
        return TOKEN.sub(lambda match: _value(match, environment), value)
    if isinstance(value, Mapping):
        return {key: addressed(item, environment) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [addressed(item, environment) for item in value]
    return value


def _value(match: re.Match[str], environment: Environment) -> str:
    layer, logical_id, attribute = match[1], match[2], match[3] or "Ref"
    if logical_id == "AWSStackId":
        return fill(f"arn:aws:cloudformation:<region>:<account>:stack/Flux-<name>-{layer}/made-up", environment)
    resource = environment.find(f"${{{layer}/{logical_id}}}")
    if resource is None:
        raise LookupError(f"{match[0]}: refers to nothing")
    if _ARNS.get(resource.type, ("",))[0] == attribute:
        # Of a log group, CloudFormation returns what also covers its streams.
        return arn(resource, environment) + (":*" if resource.type == "AWS::Logs::LogGroup" else "")
    if attribute.endswith("Arn"):
        raise LookupError(f"{match[0]} ({resource.type}): say in {__name__}._ARNS what its ARN looks like")
    return _identifier(resource, environment)
