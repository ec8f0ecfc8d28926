"""What no role may do: every call that touches something of ours, and probes for anything wider.

A role's table takes out what it allows; all the rest must be denied. So a resource that is added tomorrow is closed to
every role until a table opens it.
"""

from collections.abc import Iterator, Mapping

from policy.model import Environment

from .addresses import address
from .request import Request, calls
from .tables import STREAM

# By type: the part of the resource that is asked for, and the calls.
_EVERY: Mapping[str, tuple[tuple[str, str], ...]] = {
    "AWS::Backup::BackupVault": (
        ("", "backup:DeleteBackupVault DeleteBackupVaultLockConfiguration PutBackupVaultAccessPolicy"),
    ),
    "AWS::CloudFront::KeyValueStore": (("", "cloudfront-keyvaluestore:DeleteKey PutKey"),),
    "AWS::IAM::Role": (
        ("", "iam:AttachRolePolicy DeleteRole PassRole PutRolePolicy UpdateAssumeRolePolicy"),
        ("", "sts:AssumeRole"),
    ),
    "AWS::KMS::Key": (
        ("", "kms:CreateGrant Decrypt DisableKey Encrypt GenerateDataKey PutKeyPolicy ScheduleKeyDeletion"),
    ),
    "AWS::Lambda::Function": (
        ("", "lambda:AddPermission DeleteFunction InvokeFunction UpdateFunctionCode UpdateFunctionConfiguration"),
        (":live", "lambda:InvokeFunction"),
    ),
    "AWS::Logs::LogGroup": (
        (STREAM, "logs:CreateLogStream DeleteLogStream GetLogEvents PutLogEvents"),
        (":*", "logs:CreateLogGroup DeleteLogGroup PutRetentionPolicy"),
    ),
    "AWS::RDS::DBInstance": (("", "rds:CreateDBSnapshot DeleteDBInstance ModifyDBInstance"),),
    "AWS::S3::Bucket": (
        ("/key", "s3:DeleteObject GetObject PutObject"),
        ("", "s3:DeleteBucket DeleteBucketPolicy ListBucket PutBucketPolicy"),
    ),
    "AWS::SNS::Topic": (("", "sns:DeleteTopic Publish Subscribe"),),
    "AWS::SQS::Queue": (
        ("", "sqs:DeleteMessage DeleteQueue PurgeQueue ReceiveMessage SendMessage SetQueueAttributes"),
    ),
    "AWS::SageMaker::Endpoint": (("", "sagemaker:DeleteEndpoint InvokeEndpoint UpdateEndpoint"),),
    "AWS::SecretsManager::Secret": (
        ("", "secretsmanager:DeleteSecret DescribeSecret GetSecretValue ListSecretVersionIds"),
        ("", "secretsmanager:PutSecretValue UpdateSecret"),
    ),
}

# Nothing of ours: whoever may do this has a wildcard somewhere.
_PROBES = (
    *calls("dynamodb:GetItem", "arn:aws:dynamodb:<region>:<account>:table/any"),
    *calls("ec2:DescribeInstances", "*"),
    *calls("ec2:RunInstances", "arn:aws:ec2:<region>:<account>:instance/i-0123456789abcdef0"),
    *calls("iam:CreateAccessKey CreateUser", "arn:aws:iam::<account>:user/any"),
    *calls("iam:PassRole", "arn:aws:iam::<account>:role/any", "arn:aws:iam::<account>:role/cdk-hnb659fds-deploy-role"),
    *calls("kms:Decrypt", "arn:aws:kms:<region>:<account>:key/any", "arn:aws:kms:<region>:999999999999:key/any"),
    *calls("kms:ListKeys", "*"),
    *calls("lambda:InvokeFunction", "arn:aws:lambda:<region>:<account>:function:any"),
    *calls("lambda:ListFunctions", "*"),
    *calls("logs:PutLogEvents", f"arn:aws:logs:<region>:<account>:log-group:any{STREAM}"),
    *calls("rds-db:connect", "arn:aws:rds-db:<region>:<account>:dbuser:db-ANY/flux"),
    *calls("s3:GetObject", "arn:aws:s3:::any/key"),
    *calls("s3:ListAllMyBuckets", "*"),
    *calls("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:<region>:<account>:secret:any-AbCdEf"),
    *calls("secretsmanager:ListSecrets", "*"),
    *calls("sqs:ListQueues", "*"),
    *calls("sqs:SendMessage", "arn:aws:sqs:<region>:<account>:any", "arn:aws:sqs:<region>:999999999999:any"),
    *calls("sts:AssumeRole", "arn:aws:iam::<account>:role/any", "arn:aws:iam::999999999999:role/any"),
)


def forbidden(environment: Environment, allowed: tuple[Request, ...]) -> Iterator[Request]:
    """Yield what a role must not be able to do, if `allowed` is all that it may."""
    open_to_it = {(request.action, address(request.resource, environment)) for request in allowed}
    everything = (
        *_PROBES,
        *(
            request
            for kind, rows in _EVERY.items()
            for resource in environment.of(kind)
            for part, actions in rows
            for request in calls(actions, f"{resource.name}{part}")
        ),
    )
    for request in everything:
        if (request.action, address(request.resource, environment)) not in open_to_it:
            yield request
    # A condition of something allowed is there for a reason: without it, the same call is refused.
    for request in allowed:
        if request.context:
            yield Request(action=request.action, resource=request.resource)
