"""AWS's services as callers: what the policies on queues, keys, buckets, topics and functions let them do.

What a key's policy opens by the encryption context is missing: the simulator does not know such condition keys. The
accepted surface and the rule POLICY-SOURCE do.
"""

from collections.abc import Mapping

from .request import Table, calls

_SOMEBODY_ELSE = {"aws:SourceAccount": "999999999999"}
_US = {"aws:SourceAccount": "<account>"}
_INVOKE, _SEND = "lambda:InvokeFunction", "sqs:SendMessage"
_FILE, _FILE_LOG = "Frontend/SiteBucket/releases/1/a.html", "Frontend/AccessLogsBucket/site/1"
_SYNC, _SYNC_LETTERS = "Compute/QueuesPosSyncQueue", "Compute/QueuesPosSyncDeadLetters"
_PAGES, _TICKETS = "Monitoring/AlertsPage", "Monitoring/AlertsTicket"
_EDGE = {"aws:SourceArn": "Frontend/EdgeDistribution"}
_ALARM = {**_US, "aws:SourceArn": "arn:aws:cloudwatch:<region>:<account>:alarm:flux-<name>-x"}
_OTHER_ALARM = {**_US, "aws:SourceArn": "arn:aws:cloudwatch:<region>:<account>:alarm:other"}
_DATABASE = {**_US, "aws:SourceArn": "arn:aws:rds:<region>:<account>:es:flux-<name>-x"}
_SITE = {**_US, "aws:SourceArn": "Frontend/SiteBucket"}
_API = "arn:aws:execute-api:<region>:<account>"
_ROTATIONS = {
    "Compute/RotationsCacheLoginRotate": "CacheUser",
    "Compute/RotationsDatabaseLoginRotate": "DatabaseFunctions",
    "Compute/RotationsDatabaseOwnerRotate": "DatabaseOwner",
    "Compute/RotationsProbeRotate": "SecretsProbe",
    "Compute/RotationsSquareWebhookRotate": "SecretsSquareWebhook",
    "Compute/RotationsTokenKeyRotate": "SecretsTokenKeys",
    "Frontend/OriginRotate": "SecretsOrigin",
}

BY_ENCRYPTION_CONTEXT = ("logs.us-east-1.amazonaws.com", "events.rds.amazonaws.com")

SERVICES: Mapping[str, Table] = {
    "apigateway.amazonaws.com": Table(
        allowed=(
            *calls(
                _INVOKE,
                "Compute/FunctionsApiLive",
                when={"aws:SourceArn": f"{_API}:${{Api/HttpApi}}/$default/GET/api/{{proxy+}}"},
            ),
            *calls(
                _INVOKE,
                "Compute/FunctionsWebhookLive",
                when={"aws:SourceArn": f"{_API}:${{Api/HttpApi}}/$default/POST/api/v1/webhooks/{{provider}}"},
            ),
            *calls(
                _INVOKE,
                "Compute/FunctionsAuthorizerLive",
                when={"aws:SourceArn": f"{_API}:${{Api/HttpApi}}/authorizers/${{Api/HttpApiOriginLock}}"},
            ),
        ),
        denied=(
            *calls(
                _INVOKE,
                *("Compute/FunctionsApiLive", "Compute/FunctionsWebhookLive"),
                when={"aws:SourceArn": f"{_API}:another/$default/GET/api/{{proxy+}}"},
            ),
            *calls(
                _INVOKE,
                "Compute/FunctionsAuthorizerLive",
                when={"aws:SourceArn": f"{_API}:another/authorizers/${{Api/HttpApiOriginLock}}"},
            ),
            *calls(_INVOKE, "Compute/FunctionsMigrateLive", "Compute/FunctionsApiFunction"),
        ),
    ),
    "cloudfront.amazonaws.com": Table(
        allowed=calls("s3:GetObject", _FILE, when=_EDGE),
        denied=(
            *calls("s3:GetObject", _FILE, when={"aws:SourceArn": "arn:aws:cloudfront::<account>:distribution/ANOTHER"}),
            *calls("s3:GetObject", _FILE_LOG, when=_EDGE),
            *calls("s3:PutObject", _FILE, when=_EDGE),
        ),
    ),
    "cloudwatch.amazonaws.com": Table(
        allowed=(
            *calls("sns:Publish", _PAGES, _TICKETS, when=_ALARM),
            *calls("kms:Decrypt GenerateDataKey", "Monitoring/AlertsKey", when=_ALARM),
        ),
        denied=(
            *calls("sns:Publish", _PAGES, _TICKETS, when=_OTHER_ALARM),
            *calls("sns:Publish", _PAGES, _TICKETS, when={**_ALARM, "aws:SecureTransport": "false"}),
            *calls("kms:Decrypt", "Monitoring/AlertsKey", when=_OTHER_ALARM),
            *calls("kms:Decrypt", "Data/Key", when=_ALARM),
        ),
    ),
    "events.amazonaws.com": Table(
        allowed=(
            *calls(_SEND, _SYNC, "Compute/QueuesForecastsQueue", when=_US),
            *calls("kms:Decrypt GenerateDataKey", "Compute/Key", when=_US),
            *calls(_SEND, _SYNC_LETTERS, when={"aws:SourceArn": "Compute/QueuesQuarterHourly"}),
            *calls(_SEND, "Compute/QueuesForecastsDeadLetters", when={"aws:SourceArn": "Compute/QueuesNightly"}),
            *calls(_SEND, "Compute/QueuesForecastsDeadLetters", when={"aws:SourceArn": "Compute/QueuesCensus"}),
            *(
                request
                for rule in ("ProbeDaily", "ProbeEveryMinute")
                for request in calls(
                    "lambda:InvokeFunction", "Monitoring/ProbeLive", when={"aws:SourceArn": f"Monitoring/{rule}"}
                )
            ),
        ),
        denied=(
            *calls(_SEND, _SYNC, when=_SOMEBODY_ELSE),
            *calls("sqs:ReceiveMessage", _SYNC, when=_US),
            *calls("kms:Decrypt", "Compute/Key", when=_SOMEBODY_ELSE),
            *calls(_SEND, _SYNC_LETTERS, when={"aws:SourceArn": "Compute/QueuesNightly"}),
            *calls("lambda:InvokeFunction", "Monitoring/ProbeLive", when={"aws:SourceArn": "Compute/QueuesNightly"}),
            *calls("lambda:InvokeFunction", "Compute/FunctionsApiLive", "Compute/FunctionsMigrateLive"),
        ),
    ),
    "events.rds.amazonaws.com": Table(
        allowed=calls("sns:Publish", _TICKETS, when=_DATABASE),
        denied=(
            *calls("sns:Publish", _TICKETS, when={**_DATABASE, **_SOMEBODY_ELSE}),
            *calls("sns:Publish", _TICKETS, when={**_DATABASE, "aws:SecureTransport": "false"}),
            *calls("sns:Publish", _TICKETS, when=_ALARM),
            *calls("sns:Publish", _PAGES, when=_DATABASE),
            *calls("kms:Decrypt", "Monitoring/AlertsKey"),
            *calls("kms:Decrypt", "Data/Key"),
        ),
    ),
    "logging.s3.amazonaws.com": Table(
        allowed=(
            *calls("s3:PutObject", _FILE_LOG, when=_SITE),
            *calls(
                "s3:PutObject", "Data/AssetsAccessLogs/assets/1", when={**_US, "aws:SourceArn": "Data/AssetsBucket"}
            ),
        ),
        denied=(
            *calls("s3:PutObject", _FILE_LOG, when={**_SOMEBODY_ELSE, "aws:SourceArn": "Frontend/SiteBucket"}),
            *calls("s3:GetObject", _FILE_LOG, when=_SITE),
        ),
    ),
    "secretsmanager.amazonaws.com": Table(
        allowed=tuple(
            request
            for rotation, secret in _ROTATIONS.items()
            for request in calls(_INVOKE, f"{rotation}Function", when={**_US, "aws:SourceArn": f"Data/{secret}"})
        ),
        denied=(
            *calls(
                _INVOKE,
                "Compute/RotationsDatabaseOwnerRotateFunction",
                when={**_US, "aws:SourceArn": "Data/DatabaseFunctions"},
            ),
            *calls(
                _INVOKE,
                "Compute/RotationsTokenKeyRotateFunction",
                when={**_SOMEBODY_ELSE, "aws:SourceArn": "Data/SecretsTokenKeys"},
            ),
            *calls(_INVOKE, "Compute/FunctionsMigrateLive", when=_US),
        ),
    ),
    # Nobody outside the account, whatever they may do in their own.
    "arn:aws:iam::999999999999:role/stranger": Table(
        allowed=(),
        denied=(
            *calls("sqs:SendMessage ReceiveMessage", _SYNC, "Compute/QueuesForecastsDeadLetters"),
            *calls("kms:Decrypt", "Data/Key", "Compute/Key", "Data/TokenKey", "Monitoring/AlertsKey"),
            *calls("s3:GetObject PutObject", _FILE, "Data/AssetsBucket/1"),
            *calls("sns:Publish", _PAGES, _TICKETS),
            *calls(_INVOKE, "Compute/FunctionsApiLive"),
            *calls("secretsmanager:GetSecretValue", "Data/DatabaseOwner"),
        ),
    ),
}
