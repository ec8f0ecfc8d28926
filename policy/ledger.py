"""Every finding of a scanner that stays, and why. A test holds it equal to what the scanners find, both ways.

`acknowledgement.py` says what an entry's fields mean.
"""

from datetime import date

from .acknowledgement import DISPOSABLE, LASTING, Acknowledgement

_HALF_A_YEAR = date(2027, 5, 23)
_A_QUARTER = date(2027, 2, 23)  # for what others must move first

_BACKED_UP = ("local", *LASTING)

_RELEASED = ("Api", "Webhook", "Sync", "Forecast", "Authorizer")
_SCHEDULED = (
    *(f"Compute/Rotations/{name}" for name in ("DatabaseLogin", "DatabaseOwner", "CacheLogin", "TokenKey")),
    *("Compute/Rotations/SquareWebhook", "Frontend/Origin"),
)
_ROTATIONS = tuple(f"{rotation}/Rotate" for rotation in _SCHEDULED)
_FUNCTIONS = (*(f"Compute/Functions/{name}" for name in (*_RELEASED, "Migrate", "ReleaseGate")), *_ROTATIONS)
_BOTH = ("HIPAA.Security::HIPAA.Security", "NIST.800.53.R5::NIST.800.53.R5")
_ALL_THREE = (*_BOTH, "PCI.DSS.321::PCI.DSS.321")
_IAM5 = "AwsSolutions::AwsSolutions-IAM5"


def _named(rule: str, *packs: str) -> tuple[str, ...]:
    return tuple(f"{pack}-{rule}" for pack in packs)


_NETWORK = (
    Acknowledgement(
        rules=("CloudFormation-Validate::W3010",),
        paths=tuple(
            f"Network/Vpc/{tier}Subnet{n}/Subnet" for tier in ("Public", "Private", "Isolated") for n in (1, 2)
        ),
        reason="Zones are named in environments.py: each account leaves out the one that lacks services we need.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=("CloudFormation-Validate::W3010",),
        paths=tuple(f"Network/Vpc/{tier}Subnet3/Subnet" for tier in ("Public", "Private", "Isolated")),
        environments=("prod",),
        reason="Zones are named in environments.py: each account leaves out the one that lacks services we need.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=_named("VPCNoUnrestrictedRouteToIGW", *_ALL_THREE),
        paths=("Network/Vpc/PublicSubnet1/DefaultRoute", "Network/Vpc/PublicSubnet2/DefaultRoute"),
        reason="The NAT gateways stand in the public subnets and reach point-of-sale providers, whose addresses "
        "nobody can list. Nothing else stands there, and nothing gets a public address by itself "
        "(SUBNET-NO-PUBLIC-IP).",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=_named("VPCNoUnrestrictedRouteToIGW", *_ALL_THREE),
        paths=("Network/Vpc/PublicSubnet3/DefaultRoute",),
        environments=("prod",),
        reason="The third zone's NAT gateway reaches point-of-sale providers, whose addresses nobody can list.",
        review=_HALF_A_YEAR,
    ),
)

_DATA = (
    Acknowledgement(
        rules=(
            "AwsSolutions::AwsSolutions-RDS3",
            *_named("RDSMultiAZSupport", *_BOTH),
            *("Guard::rds_instance_multi_az_support_check", "checkov::CKV_AWS_157"),
        ),
        paths=("Data/Database/Instance",),
        environments=DISPOSABLE,
        reason="environments.py opts out of the standby: the data of these environments is rebuilt from seeds in "
        "minutes.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=(
            "AwsSolutions::AwsSolutions-RDS10",
            *_named("RDSInstanceDeletionProtectionEnabled", *_BOTH),
            "Guard::rds_instance_deletion_protection_enabled_check",
        ),
        paths=("Data/Database/Instance",),
        environments=DISPOSABLE,
        reason="environments.py declares these environments disposable: a preview must be deleted with its stacks.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=("AwsSolutions::AwsSolutions-AEC4",),
        paths=("Data/Cache/ReplicationGroup",),
        environments=DISPOSABLE,
        reason="environments.py opts out of failover: a cold cache in these environments costs nobody anything.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=("AwsSolutions::AwsSolutions-AEC6",),
        paths=("Data/Cache/ReplicationGroup",),
        reason="Clients log in as a user of a user group, with a password and an access string (RBAC, FSBP "
        "ElastiCache.6). ElastiCache does not take an AUTH token beside a user group.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=(f"{_IAM5}[Resource::arn:aws:logs:<region>:<account>:log-group:RDSOSMetrics:log-stream:*]",),
        paths=("Data/Database/MonitoringRole/DefaultPolicy",),
        reason="RDS writes one log stream per instance into this one group and names it after the instance's "
        "resource id, which is known only once the instance exists.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=_named("S3BucketReplicationEnabled", *_ALL_THREE),
        paths=("Data/Assets/Bucket",),
        reason="The bucket is versioned, keeps what was deleted for 90 days and holds no sales or forecasts; S3 "
        "keeps every object in three zones already.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=_named("S3BucketReplicationEnabled", *_ALL_THREE),
        paths=("Data/Assets/AccessLogs", "Frontend/AccessLogs/Bucket"),
        reason="Access logs expire after the environment's log_days and restore nothing; a second copy would only "
        "double what must be kept from people who should not read addresses.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=(*_named("S3DefaultEncryptionKMS", *_ALL_THREE), "Guard::s3_bucket_default_encryption_kms_check"),
        paths=("Data/Assets/AccessLogs", "Frontend/AccessLogs/Bucket"),
        reason="S3 and CloudFront deliver access logs only to buckets that are encrypted with S3's own keys (S3 User "
        "Guide, Enabling server access logging).",
        review=_HALF_A_YEAR,
    ),
)
_DATA_BUCKETS = ("Data/Assets/Bucket", "Frontend/Site/Bucket")
_LOG_BUCKETS = ("Data/Assets/AccessLogs", "Frontend/AccessLogs/Bucket")
_BUCKETS = (
    Acknowledgement(
        rules=("Guard::s3_bucket_logging_enabled_check", "checkov::CKV_AWS_18"),
        paths=_LOG_BUCKETS,
        reason="A bucket of access logs that logged its own deliveries would never come to rest (S3 User Guide, "
        "Enabling server access logging).",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=("Guard::s3_bucket_object_lock_enabled_check",),
        paths=_DATA_BUCKETS,
        reason="No law asks for what they hold to be kept unchanged; versions can be had back for 90 days, and must "
        "be deletable when a person asks for it.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=("Guard::s3_bucket_object_lock_enabled_check",),
        paths=_LOG_BUCKETS,
        reason="Access logs hold people's addresses and must expire after the environment's log_days, which a lock "
        "would prevent.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=("Guard::s3_event_notifications_enabled_check",),
        paths=(*_DATA_BUCKETS, *_LOG_BUCKETS),
        reason="Nothing in Flux acts on a file that is written: releases are named by a key value store, and access "
        "logs are read when somebody looks back.",
        review=_HALF_A_YEAR,
    ),
)

# aws-cdk-lib's functions behind its custom resources, which take no settings of ours.
_LIBRARY_RULES = (
    *("Guard::lambda_inside_vpc_check", "checkov::CKV_AWS_115", "checkov::CKV_AWS_116", "checkov::CKV_AWS_117"),
    "cfn-lint::W3005",
)
_LIBRARY_REASON = (
    "A function of aws-cdk-lib's own custom resource, which takes no settings. It runs only while CloudFormation "
    "changes the stack, speaks to AWS alone, holds no data and tells CloudFormation when it fails."
)
_LIBRARY = (
    Acknowledgement(
        rules=_LIBRARY_RULES,
        paths=("Network/Custom::VpcRestrictDefaultSGCustomResourceProvider/Handler",),
        reason=_LIBRARY_REASON,
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=_LIBRARY_RULES,
        paths=tuple(
            f"{layer}/Custom::S3AutoDeleteObjectsCustomResourceProvider/Handler" for layer in ("Data", "Frontend")
        ),
        environments=DISPOSABLE,
        reason=_LIBRARY_REASON,
        review=_HALF_A_YEAR,
    ),
)

_RETENTION = "Guard::cloudwatch_log_group_retention_period_check"
_LOGS = (
    Acknowledgement(
        rules=(_RETENTION,),
        paths=(
            *("Network/FlowLogs/LogGroup", "Network/Custom::VpcRestrictDefaultSGCustomResourceProvider/Logs"),
            *("Data/Database/PostgresqlLogs", "Data/Database/UpgradeLogs", "Ml/Forecast/Logs"),
            *(f"{function}/Logs" for function in _FUNCTIONS),
            *("Api/FrontDoor/Logs", "Frontend/Firewall/Logs"),
        ),
        environments=("local", "dev", "staging"),
        reason="Only production keeps logs for a year. What is tried elsewhere is looked into within log_days of "
        "environments.py: two weeks, in staging a quarter.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=(_RETENTION,),
        paths=tuple(
            f"{layer}/Custom::S3AutoDeleteObjectsCustomResourceProvider/Logs" for layer in ("Data", "Frontend")
        ),
        environments=DISPOSABLE,
        reason="Only production keeps logs for a year; this function exists only where stacks are deleted after days.",
        review=_HALF_A_YEAR,
    ),
)

_MODEL = (
    Acknowledgement(
        rules=(f"{_IAM5}[Resource::*]",),
        paths=("Ml/Forecast/Role/Policy",),
        reason="Describing network interfaces, the ECR login and PutMetricData take no resource (Service "
        "Authorization Reference); metrics are limited to SageMaker's namespaces by a condition. grants.py "
        "names every action.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=(f"{_IAM5}[Resource::arn:aws:ec2:<region>:<account>:network-interface/*]",),
        paths=("Ml/Forecast/Role/Policy",),
        reason="SageMaker makes the instances' network interfaces and EC2 names them; subnets and security group, "
        "which every creation needs too, are named exactly.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=(f"{_IAM5}[Resource::arn:aws:s3:::cdk-hnb659fds-assets-<account>-<region>/*.gz]",),
        paths=("Ml/Forecast/Role/Policy",),
        reason="Instances of the model before this one may still have to start while traffic moves, so every "
        "published archive must be readable; function bundles end in .zip and are not.",
        review=_HALF_A_YEAR,
    ),
)

# Order that constructs demand, beside references that demand it too. aws-cdk-lib writes both.
_ORDER = (
    Acknowledgement(
        rules=("cfn-lint::W3005",),
        paths=(
            *(f"{function}/Function" for function in _FUNCTIONS),
            *(f"Compute/Functions/{name}/Live" for name in _RELEASED),
            *(f"{rotation}/Schedule" for rotation in _SCHEDULED),
            "Compute/Migrations/Run/Default",
            *(f"Monitoring/DatabaseEvents/{source}" for source in ("Instance", "Parameters", "SecurityGroups")),
        ),
        reason="The dependency covers more than the resource that is referenced, such as a role's or a topic's policy "
        "beside it, and aws-cdk-lib writes out all of it; saying it twice changes nothing.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=("cfn-lint::W3005",),
        paths=("Ml/Forecast/Endpoint",),
        environments=("local", "staging", "prod"),
        reason="The endpoint waits for its alarms and names them too, as text; where it does not bake there are "
        "none. Saying it twice changes nothing.",
        review=_HALF_A_YEAR,
    ),
)

_COMPUTE = (
    Acknowledgement(
        rules=("checkov::CKV_AWS_173",),
        paths=tuple(f"{function}/Function" for function in _FUNCTIONS),
        reason="Variables name things and never hold a secret (SECRET-LITERAL); Lambda encrypts them with its own "
        "key, and a key of ours would make every cold start wait for KMS.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=("AwsSolutions::AwsSolutions-L1", "Serverless::Serverless-LambdaLatestVersion"),
        paths=tuple(f"{function}/Function" for function in _FUNCTIONS),
        reason="The functions run on the Python that every test runs them on, 3.13, which AWS supports until 2029; "
        "both move to 3.14 together, once developers' machines and the emulator have it.",
        review=_A_QUARTER,
    ),
    Acknowledgement(
        rules=(f"{_IAM5}[Resource::*]", "checkov::CKV_AWS_111"),
        paths=tuple(f"{function}/Role/DefaultPolicy" for function in _FUNCTIONS),
        reason="Lambda makes and names the functions' network interfaces, and X-Ray takes traces without a resource "
        "(Service Authorization Reference); grants.py names every action.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=(f"{_IAM5}[Resource::*]",),
        paths=tuple(f"Compute/Releases/{name}/Role/DefaultPolicy" for name in _RELEASED),
        reason="CodeDeploy asks for its group's alarms, by what is not documented; AWSCodeDeployRoleForLambdaLimited "
        "lets it describe every alarm, too.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=tuple(
            f"{_IAM5}[Resource::<{function}.Arn>:*]"
            for function in (
                *("FunctionsApiFunction34137F74", "FunctionsWebhookFunction7FB754E3"),
                *("FunctionsSyncFunction47F249B1", "FunctionsForecastFunction7ED7D068"),
                "FunctionsAuthorizerFunction634D8BA5",
            )
        ),
        paths=("Compute/Functions/ReleaseGate/Role/DefaultPolicy",),
        reason="The release gate tries the version that is being released, whose number Lambda gives out; only "
        "versions of the five released functions are covered.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=(f"{_IAM5}[Resource::<FunctionsReleaseGateFunctionEE0DD45B.Arn>:*]",),
        paths=tuple(f"Compute/Releases/{name}/Role/DefaultPolicy" for name in _RELEASED),
        reason="aws-cdk-lib lets a caller of a function call its versions as well; it is one function of ours, made "
        "to be called by CodeDeploy.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=(f"{_IAM5}[Resource::arn:aws:rds:<region>:<account>:snapshot:flux-<name>-migration-*]",),
        paths=("Compute/Functions/Migrate/Role/DefaultPolicy",),
        environments=LASTING,
        reason="A migration that cannot be undone takes a snapshot first and names it after the moment; nothing "
        "outside this prefix can be made, and nothing can be deleted or restored.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=("Serverless::Serverless-LambdaDLQ", *_named("LambdaDLQ", *_BOTH), "checkov::CKV_AWS_116"),
        paths=tuple(f"Compute/Functions/{name}/Function" for name in _RELEASED),
        reason="Nobody calls these functions asynchronously: API Gateway waits for its answer, and what SQS cannot "
        "get done goes to the queue's own dead letters, which have an alarm.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=("Serverless::Serverless-LambdaDLQ", *_named("LambdaDLQ", *_BOTH), "checkov::CKV_AWS_116"),
        paths=tuple(f"{rotation}/Function" for rotation in _ROTATIONS),
        reason="Secrets Manager itself tries a rotation again that fails, and every failure rings an alarm "
        "(rotation-errors). A step done later, from a queue, could belong to a rotation that is over.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=(f"{_IAM5}[Resource::arn:aws:rds:<region>:<account>:db:flux-<name>-drill-*]",),
        paths=("Compute/Functions/Migrate/Role/DefaultPolicy",),
        environments=_BACKED_UP,
        reason="A restore drill names the database that it restores after the moment. The function may look for it and "
        "give its owner a password; the live database has another name.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=("Serverless::Serverless-LambdaDLQ", *_named("LambdaDLQ", *_BOTH), "checkov::CKV_AWS_116"),
        paths=("Compute/Functions/Migrate/Function", "Compute/Functions/ReleaseGate/Function"),
        reason="A call that fails fails the deployment that made it, in CloudFormation or CodeDeploy, which waits "
        "for an answer. Doing it later, from a queue, would change the schema or judge a release after the "
        "fact.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=("Serverless::Serverless-LambdaAsyncFailureDestination",),
        paths=("Compute/Functions/Migrate/Live/EventInvokeConfig",),
        reason="CloudFormation waits for the migration's answer, and for no longer than the function may run; a "
        "failure fails the deployment, which is where somebody looks.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=("Serverless::Serverless-LambdaEventSourceMappingDestination",),
        paths=("Compute/Functions/Sync/Live/Queue", "Compute/Functions/Forecast/Live/Queue"),
        reason="Lambda offers a failure destination for streams only. Messages that fail go to the queue's dead "
        "letters (Lambda Developer Guide, Using Lambda with Amazon SQS).",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=("Serverless::Serverless-SQSRedrivePolicy", "Guard::sqs_dlq_check"),
        paths=("Compute/Queues/PosSync/DeadLetters", "Compute/Queues/Forecasts/DeadLetters"),
        reason="These are the dead-letter queues: the end of the line, with an alarm on the first message.",
        review=_HALF_A_YEAR,
    ),
)

_EDGE = (
    Acknowledgement(
        rules=("Guard::cloudfront_origin_failover_enabled_check",),
        paths=("Frontend/Edge/Distribution",),
        reason="Site and API run in one region and have one origin each; a bucket is already in three zones. A "
        "second origin to fail over to would be a second region.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=("AwsSolutions::AwsSolutions-CFR1",),
        paths=("Frontend/Edge/Distribution",),
        reason="Restaurants, their travelling owners and point-of-sale providers reach Flux from any country; there "
        "is no list of countries to restrict it to.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=(
            "AwsSolutions::AwsSolutions-CFR4",
            "Guard::cloudfront_custom_ssl_certificate_check",
            "Guard::cloudfront_security_policy_check",
            "Guard::cloudfront_sni_enabled_check",
            "checkov::CKV_AWS_174",
        ),
        paths=("Frontend/Edge/Distribution",),
        reason="Without a domain in environments.py the site has CloudFront's own name and certificate, whose TLS "
        "versions AWS sets. With a domain, TLS 1.2_2021 is demanded (CDN-TLS) and this entry must go.",
        review=_A_QUARTER,
    ),
    Acknowledgement(
        rules=(
            f"{_IAM5}[Resource::<SiteBucket978D4AEB.Arn>/_next/static/*]",
            f"{_IAM5}[Resource::<SiteBucket978D4AEB.Arn>/releases/*]",
        ),
        paths=("Frontend/Publisher/Policy",),
        reason="Whoever publishes adds files whose names come from the build, below the two folders of releases; "
        "nothing can be deleted, and nothing else in the bucket touched.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=_named("S3BucketReplicationEnabled", *_ALL_THREE),
        paths=("Frontend/Site/Bucket",),
        reason="Every file in it was built from a commit and can be built and published again in minutes.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=(*_named("S3DefaultEncryptionKMS", *_ALL_THREE), "Guard::s3_bucket_default_encryption_kms_check"),
        paths=("Frontend/Site/Bucket",),
        reason="What the bucket holds is the public site, served to everyone; a key of our own would keep nothing "
        "secret.",
        review=_HALF_A_YEAR,
    ),
)

_MONITORING = (
    Acknowledgement(
        rules=("Serverless::Serverless-SNSRedrivePolicy",),
        paths=("Monitoring/Alerts/Topic/ops@flux.app",),
        reason="An alert that an e-mail server refuses cannot be told by another alert; SNS tries for six hours, and "
        "the alarm itself stays in its state for everybody who looks at the dashboard.",
        review=_HALF_A_YEAR,
    ),
)

_NOT_ROTATING = ("AwsSolutions::AwsSolutions-SMG4", *_named("SecretsManagerRotationEnabled", *_BOTH))
_SECRETS = (
    Acknowledgement(
        rules=_NOT_ROTATING,
        paths=(
            *("Data/Database/Owner", "Data/Database/Functions", "Data/Cache/User"),
            *("Data/Secrets/TokenKeys", "Data/Secrets/SquareWebhook", "Data/Secrets/Origin"),
        ),
        reason="They do rotate. The packs look for a schedule in the secret's own stack, and theirs stands beside the "
        "function that rotates them, in Compute or Frontend; our own rule SECRET-ROTATES sees it there.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=_NOT_ROTATING,
        paths=("Data/Secrets/SquareApplication", "Data/Secrets/SquareAccess"),
        reason="Square replaces an application's secret and access token in its developer console only, so a person "
        "does it (docs/runbooks/rotate-a-secret.md).",
        review=_HALF_A_YEAR,
    ),
)

_BACKUPS = (
    Acknowledgement(
        rules=_named("RDSInBackupPlan", *_BOTH),
        paths=("Data/Database/Instance",),
        environments=("dev",),
        reason="environments.py opts out of AWS Backup here: data come from seeds, and a preview's vault with backups "
        "in it could not be deleted.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=(f"{_IAM5}[Resource::arn:aws:rds:<region>:<account>:snapshot:awsbackup:*]",),
        paths=("Data/Backups/Role/DefaultPolicy",),
        environments=_BACKED_UP,
        reason="AWS Backup chooses the names of its snapshots, a random part included; snapshots that RDS or a person "
        "made have other names.",
        review=_HALF_A_YEAR,
    ),
    Acknowledgement(
        rules=(
            f"{_IAM5}[Resource::arn:aws:rds:us-west-2:<account>:snapshot:awsbackup:*]",
            f"{_IAM5}[Resource::arn:aws:kms:us-west-2:<account>:key/*]",
        ),
        paths=("Data/Backups/Role/DefaultPolicy",),
        environments=("prod",),
        reason="The copies in the second region: AWS Backup chooses their names, and their key belongs to another "
        "stack and is known by its alias, which IAM takes in a condition alone. The condition is there.",
        review=_HALF_A_YEAR,
    ),
)

LEDGER = (
    *(*_NETWORK, *_DATA, *_BUCKETS, *_LIBRARY, *_LOGS, *_MODEL, *_ORDER),
    *(*_COMPUTE, *_EDGE, *_MONITORING, *_SECRETS, *_BACKUPS),
)
