"""AWS's services as callers: what the policies on queues, keys, buckets, topics and functions let them do.

What a key's policy opens by the encryption context is missing: the simulator does not know such condition keys. The
accepted surface and the rule POLICY-SOURCE do.
"""

from collections.abc import Mapping

from .request import Table, calls

_SOMEBODY_ELSE = {"aws:SourceAccount": "999999999999"}
_US = {"aws:SourceAccount": "<account>"}
_ALARM = {
    "aws:SourceAccount": "<account>",
    "aws:SourceArn": "arn:aws:cloudwatch:<region>:<account>:alarm:flux-<name>-x",
}
_OTHER_ALARM = {"aws:SourceAccount": "<account>", "aws:SourceArn": "arn:aws:cloudwatch:<region>:<account>:alarm:other"}
_DATABASE = {"aws:SourceAccount": "<account>", "aws:SourceArn": "arn:aws:rds:<region>:<account>:es:flux-<name>-x"}
_API = "arn:aws:execute-api:<region>:<account>"
_ROTATIONS = {
    "Compute/RotationsCacheLoginRotate": "CacheUser",
    "Compute/RotationsDatabaseLoginRotate": "DatabaseFunctions",
    "Compute/RotationsDatabaseOwnerRotate": "DatabaseOwner",
    "Compute/RotationsSquareWebhookRotate": "SecretsSquareWebhook",
    "Compute/RotationsTokenKeyRotate": "SecretsTokenKeys",
    "Frontend/OriginRotate": "SecretsOrigin",
}

BY_ENCRYPTION_CONTEXT = ("logs.us-east-1.amazonaws.com", "events.rds.amazonaws.com")

SERVICES: Mapping[str, Table] = {
    "apigateway.amazonaws.com": Table(
        allowed=(
            *calls(
                "lambda:InvokeFunction",
                "Compute/FunctionsApiLive",
                when={"aws:SourceArn": f"{_API}:${{Api/HttpApi}}/$default/GET/api/{{proxy+}}"},
            ),
            *calls(
                "lambda:InvokeFunction",
                "Compute/FunctionsWebhookLive",
                when={"aws:SourceArn": f"{_API}:${{Api/HttpApi}}/$default/POST/api/v1/webhooks/{{provider}}"},
            ),
            *calls(
                "lambda:InvokeFunction",
                "Compute/FunctionsAuthorizerLive",
                when={"aws:SourceArn": f"{_API}:${{Api/HttpApi}}/authorizers/${{Api/HttpApiOriginLock}}"},
            ),
        ),
        denied=(
            *calls(
                "lambda:InvokeFunction",
                *("Compute/FunctionsApiLive", "Compute/FunctionsWebhookLive"),
                when={"aws:SourceArn": f"{_API}:another/$default/GET/api/{{proxy+}}"},
            ),
            *calls(
                "lambda:InvokeFunction",
                "Compute/FunctionsAuthorizerLive",
                when={"aws:SourceArn": f"{_API}:another/authorizers/${{Api/HttpApiOriginLock}}"},
            ),
            *calls("lambda:InvokeFunction", "Compute/FunctionsMigrateLive", "Compute/FunctionsApiFunction"),
        ),
    ),
    "cloudfront.amazonaws.com": Table(
        allowed=calls(
            "s3:GetObject", "Frontend/SiteBucket/releases/1/a.html", when={"aws:SourceArn": "Frontend/EdgeDistribution"}
        ),
        denied=(
            *calls(
                "s3:GetObject",
                "Frontend/SiteBucket/releases/1/a.html",
                when={"aws:SourceArn": "arn:aws:cloudfront::<account>:distribution/ANOTHER"},
            ),
            *calls(
                "s3:GetObject",
                "Frontend/AccessLogsBucket/site/1",
                when={"aws:SourceArn": "Frontend/EdgeDistribution"},
            ),
            *calls(
                "s3:PutObject",
                "Frontend/SiteBucket/releases/1/a.html",
                when={"aws:SourceArn": "Frontend/EdgeDistribution"},
            ),
        ),
    ),
    "cloudwatch.amazonaws.com": Table(
        allowed=(
            *calls("sns:Publish", "Monitoring/AlertsPage", "Monitoring/AlertsTicket", when=_ALARM),
            *calls("kms:Decrypt GenerateDataKey", "Monitoring/AlertsKey", when=_ALARM),
        ),
        denied=(
            *calls("sns:Publish", "Monitoring/AlertsPage", "Monitoring/AlertsTicket", when=_OTHER_ALARM),
            *calls(
                "sns:Publish",
                "Monitoring/AlertsPage",
                "Monitoring/AlertsTicket",
                when={**_ALARM, "aws:SecureTransport": "false"},
            ),
            *calls("kms:Decrypt", "Monitoring/AlertsKey", when=_OTHER_ALARM),
            *calls("kms:Decrypt", "Data/Key", when=_ALARM),
        ),
    ),
    "events.amazonaws.com": Table(
        allowed=(
            *calls("sqs:SendMessage", "Compute/QueuesPosSyncQueue", "Compute/QueuesForecastsQueue", when=_US),
            *calls("kms:Decrypt GenerateDataKey", "Compute/Key", when=_US),
            *calls(
                "sqs:SendMessage",
                "Compute/QueuesPosSyncDeadLetters",
                when={"aws:SourceArn": "Compute/QueuesQuarterHourly"},
            ),
            *calls(
                "sqs:SendMessage",
                "Compute/QueuesForecastsDeadLetters",
                when={"aws:SourceArn": "Compute/QueuesNightly"},
            ),
        ),
        denied=(
            *calls("sqs:SendMessage", "Compute/QueuesPosSyncQueue", when=_SOMEBODY_ELSE),
            *calls("sqs:ReceiveMessage", "Compute/QueuesPosSyncQueue", when=_US),
            *calls("kms:Decrypt", "Compute/Key", when=_SOMEBODY_ELSE),
            *calls(
                "sqs:SendMessage",
                "Compute/QueuesPosSyncDeadLetters",
                when={"aws:SourceArn": "Compute/QueuesNightly"},
            ),
        ),
    ),
    "events.rds.amazonaws.com": Table(
        allowed=calls("sns:Publish", "Monitoring/AlertsTicket", when=_DATABASE),
        denied=(
            *calls("sns:Publish", "Monitoring/AlertsTicket", when={**_DATABASE, **_SOMEBODY_ELSE}),
            *calls("sns:Publish", "Monitoring/AlertsTicket", when={**_DATABASE, "aws:SecureTransport": "false"}),
            *calls("sns:Publish", "Monitoring/AlertsTicket", when=_ALARM),
            *calls("sns:Publish", "Monitoring/AlertsPage", when=_DATABASE),
            *calls("kms:Decrypt", "Monitoring/AlertsKey"),
            *calls("kms:Decrypt", "Data/Key"),
        ),
    ),
    "logging.s3.amazonaws.com": Table(
        allowed=(
            *calls(
                "s3:PutObject",
                "Frontend/AccessLogsBucket/site/1",
                when={**_US, "aws:SourceArn": "Frontend/SiteBucket"},
            ),
            *calls(
                "s3:PutObject", "Data/AssetsAccessLogs/assets/1", when={**_US, "aws:SourceArn": "Data/AssetsBucket"}
            ),
        ),
        denied=(
            *calls(
                "s3:PutObject",
                "Frontend/AccessLogsBucket/site/1",
                when={**_SOMEBODY_ELSE, "aws:SourceArn": "Frontend/SiteBucket"},
            ),
            *calls(
                "s3:GetObject",
                "Frontend/AccessLogsBucket/site/1",
                when={**_US, "aws:SourceArn": "Frontend/SiteBucket"},
            ),
        ),
    ),
    "secretsmanager.amazonaws.com": Table(
        allowed=tuple(
            request
            for rotation, secret in _ROTATIONS.items()
            for request in calls(
                "lambda:InvokeFunction", f"{rotation}Function", when={**_US, "aws:SourceArn": f"Data/{secret}"}
            )
        ),
        denied=(
            *calls(
                "lambda:InvokeFunction",
                "Compute/RotationsDatabaseOwnerRotateFunction",
                when={**_US, "aws:SourceArn": "Data/DatabaseFunctions"},
            ),
            *calls(
                "lambda:InvokeFunction",
                "Compute/RotationsTokenKeyRotateFunction",
                when={**_SOMEBODY_ELSE, "aws:SourceArn": "Data/SecretsTokenKeys"},
            ),
            *calls("lambda:InvokeFunction", "Compute/FunctionsMigrateLive", when=_US),
        ),
    ),
    # Nobody outside the account, whatever they may do in their own.
    "arn:aws:iam::999999999999:role/stranger": Table(
        allowed=(),
        denied=(
            *calls(
                "sqs:SendMessage ReceiveMessage", "Compute/QueuesPosSyncQueue", "Compute/QueuesForecastsDeadLetters"
            ),
            *calls("kms:Decrypt", "Data/Key", "Compute/Key", "Data/TokenKey", "Monitoring/AlertsKey"),
            *calls("s3:GetObject PutObject", "Frontend/SiteBucket/releases/1/a.html", "Data/AssetsBucket/1"),
            *calls("sns:Publish", "Monitoring/AlertsPage", "Monitoring/AlertsTicket"),
            *calls("lambda:InvokeFunction", "Compute/FunctionsApiLive"),
            *calls("secretsmanager:GetSecretValue", "Data/DatabaseOwner"),
        ),
    ),
}
