import json
from typing import cast

import pytest
from aws_cdk.assertions import Match

from tests.infra.templates import Resource, Templates, properties, resources, whole

DATABASE = "AWS::RDS::DBInstance"
CACHE = "AWS::ElastiCache::ReplicationGroup"
BUCKET = "AWS::S3::Bucket"
SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a resource type
KEY = "AWS::KMS::Key"
DATA_KEY = {"Fn::GetAtt": [Match.string_like_regexp("^Key"), "Arn"]}


def test_the_database_is_the_newest_postgresql_that_the_library_knows(environment: Templates) -> None:
    environment.data.has_resource_properties(DATABASE, {"Engine": "postgres", "EngineVersion": "18.3"})


def test_the_database_is_encrypted_with_our_key_everywhere(environment: Templates) -> None:
    environment.data.has_resource_properties(
        DATABASE,
        {
            "StorageEncrypted": True,
            "KmsKeyId": DATA_KEY,
            "EnablePerformanceInsights": True,
            "PerformanceInsightsKMSKeyId": DATA_KEY,
        },
    )


def test_the_database_is_private_and_answers_nobody_until_a_consumer_says_so(environment: Templates) -> None:
    environment.data.has_resource_properties(DATABASE, {"PubliclyAccessible": False, "Port": "5433"})
    environment.data.resource_count_is("AWS::EC2::SecurityGroupIngress", 0)
    environment.data.all_resources_properties("AWS::EC2::SecurityGroup", {"SecurityGroupIngress": Match.absent()})


def test_database_and_cache_stand_in_isolated_subnets(prod: Templates) -> None:
    for subnet_group in ("AWS::RDS::DBSubnetGroup", "AWS::ElastiCache::SubnetGroup"):
        (group,) = properties(prod.data, subnet_group)
        subnets = json.dumps(group["SubnetIds"])
        assert subnets.count("VpcIsolatedSubnet") == subnets.count("OutputName") == 3


def test_the_database_refuses_unencrypted_connections_and_statements_that_hang(environment: Templates) -> None:
    environment.data.has_resource_properties(
        "AWS::RDS::DBParameterGroup",
        {
            "Family": "postgres18",
            "Parameters": Match.object_like(
                {
                    "rds.force_ssl": "1",
                    "statement_timeout": "60000",
                    "idle_in_transaction_session_timeout": "30000",
                    "log_min_duration_statement": "1000",
                }
            ),
        },
    )
    environment.data.has_resource_properties(
        DATABASE, {"DBParameterGroupName": {"Ref": Match.string_like_regexp("Parameters")}}
    )


def test_no_password_and_no_restaurants_data_reaches_the_databases_log(environment: Templates) -> None:
    (group,) = properties(environment.data, "AWS::RDS::DBParameterGroup")
    parameters = group["Parameters"]

    assert isinstance(parameters, dict)
    assert parameters["log_parameter_max_length"] == "0"
    assert "log_statement" not in parameters  # "ddl" would log CREATE ROLE ... PASSWORD


def test_the_database_can_be_restored_to_any_second_of_its_window(environment: Templates) -> None:
    settings = environment.config.database
    environment.data.has_resource_properties(
        DATABASE, {"BackupRetentionPeriod": settings.backup_days, "CopyTagsToSnapshot": True}
    )


def test_the_database_grows_to_four_times_its_size_by_itself(prod: Templates) -> None:
    prod.data.has_resource_properties(
        DATABASE, {"AllocatedStorage": "1000", "MaxAllocatedStorage": 4000, "StorageType": "gp3"}
    )


def test_the_database_can_be_watched_and_logged_in_to_without_a_shared_password(environment: Templates) -> None:
    environment.data.has_resource_properties(
        DATABASE,
        {
            "MonitoringInterval": 60,
            "EnableCloudwatchLogsExports": ["postgresql", "upgrade"],
            "EnableIAMDatabaseAuthentication": True,
            "AutoMinorVersionUpgrade": True,
        },
    )


def test_the_database_is_handed_its_monitoring_role_with_the_policy_attached(environment: Templates) -> None:
    (database,) = resources(environment.data, DATABASE).values()

    assert "DatabaseMonitoringRoleDefaultPolicy" in str(database["DependsOn"])


def test_the_databases_log_groups_are_made_before_it_with_our_retention(environment: Templates) -> None:
    (database,) = resources(environment.data, DATABASE).values()
    groups = {
        str(properties.get("LogGroupName")): (logical_id, properties)
        for logical_id, group in resources(environment.data, "AWS::Logs::LogGroup").items()
        if isinstance(properties := group["Properties"], dict)
    }

    for log in ("postgresql", "upgrade"):
        logical_id, properties = groups[f"/aws/rds/instance/flux-{environment.config.name}-database/{log}"]
        assert logical_id in str(database["DependsOn"])
        assert properties["RetentionInDays"] == environment.config.log_days
        assert "Key" in str(properties["KmsKeyId"])


@pytest.mark.parametrize(("name", "standby"), [("local", False), ("dev", False), ("staging", True), ("prod", True)])
def test_a_second_zone_stands_by_where_configured(name: str, standby: bool, request: pytest.FixtureRequest) -> None:  # noqa: FBT001 - a parameter of the test
    templates: Templates = request.getfixturevalue(name)

    templates.data.has_resource_properties(DATABASE, {"MultiAZ": standby})
    templates.data.has_resource_properties(
        CACHE,
        {
            "AutomaticFailoverEnabled": standby,
            "MultiAZEnabled": standby,
            "NumCacheClusters": 2 if standby else 1,
        },
    )


def test_the_owners_password_is_generated_and_only_referred_to(environment: Templates) -> None:
    environment.data.has_resource_properties(
        DATABASE,
        {
            "MasterUsername": "flux_owner",
            "MasterUserPassword": {
                "Fn::Join": [
                    "",
                    [
                        "{{resolve:secretsmanager:",
                        {"Ref": Match.string_like_regexp("^DatabaseOwner")},
                        ":SecretString:password::}}",
                    ],
                ]
            },
        },
    )


def test_the_functions_log_in_as_another_role_than_the_owner(environment: Templates) -> None:
    environment.data.has_resource_properties(
        SECRET,
        {"GenerateSecretString": Match.object_like({"SecretStringTemplate": '{"username": "flux_app"}'})},
    )


def test_generated_secrets_hold_letters_digits_and_hyphens_only(environment: Templates) -> None:
    environment.data.all_resources_properties(
        SECRET,
        {
            "GenerateSecretString": Match.object_like({"ExcludeCharacters": " !\"#$%&'()*+,./:;<=>?@[\\]^_`{|}~"}),
            "KmsKeyId": DATA_KEY,
            "SecretString": Match.absent(),
        },
    )
    environment.data.resource_count_is(SECRET, 8 + (environment.config.objectives is True))


def test_the_cache_speaks_tls_only_and_encrypts_with_our_key(environment: Templates) -> None:
    environment.data.has_resource_properties(
        CACHE,
        {
            "Engine": "valkey",
            "EngineVersion": "8.2",
            "TransitEncryptionEnabled": True,
            "TransitEncryptionMode": "required",
            "AtRestEncryptionEnabled": True,
            "KmsKeyId": DATA_KEY,
            "Port": 6380,
            "SnapshotRetentionLimit": 15,
        },
    )


def test_the_caches_one_user_has_a_generated_password_and_no_administration(environment: Templates) -> None:
    environment.data.has_resource_properties(
        "AWS::ElastiCache::User",
        {
            "Engine": "valkey",
            "UserName": "functions",
            "AccessString": "on ~* &* +@all -@admin -@dangerous",
            "NoPasswordRequired": Match.absent(),
            "Passwords": [
                {
                    "Fn::Join": [
                        "",
                        [
                            "{{resolve:secretsmanager:",
                            {"Ref": Match.string_like_regexp("^CacheUser")},
                            ":SecretString:password::}}",
                        ],
                    ]
                }
            ],
        },
    )
    environment.data.has_resource_properties(
        CACHE, {"UserGroupIds": [{"Ref": Match.string_like_regexp("^CacheUsers")}]}
    )


def test_buckets_are_private_versioned_and_tidy_themselves(environment: Templates) -> None:
    environment.data.resource_count_is(BUCKET, 2)
    environment.data.all_resources_properties(
        BUCKET,
        {
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
            "VersioningConfiguration": {"Status": "Enabled"},
            "LifecycleConfiguration": {"Rules": [Match.object_like({"Status": "Enabled"})]},
            "BucketEncryption": Match.any_value(),
        },
    )


def test_buckets_refuse_plain_http_and_old_tls(environment: Templates) -> None:
    environment.data.all_resources_properties(
        "AWS::S3::BucketPolicy",
        {
            "PolicyDocument": Match.object_like(
                {
                    "Statement": Match.array_with(
                        [
                            Match.object_like(
                                {"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
                            ),
                            Match.object_like(
                                {"Effect": "Deny", "Condition": {"NumericLessThan": {"s3:TlsVersion": 1.2}}}
                            ),
                        ]
                    )
                }
            )
        },
    )


def test_who_read_the_assets_is_recorded(environment: Templates) -> None:
    environment.data.has_resource_properties(
        BUCKET,
        {
            "LoggingConfiguration": {
                "DestinationBucketName": {"Ref": Match.string_like_regexp("AccessLogs")},
                "LogFilePrefix": "assets/",
            },
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    Match.object_like(
                        {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": DATA_KEY}}
                    )
                ]
            },
        },
    )


def test_keys_rotate_and_pos_tokens_have_their_own(environment: Templates) -> None:
    environment.data.resource_count_is(KEY, 2)
    environment.data.all_resources_properties(KEY, {"EnableKeyRotation": True})


@pytest.mark.parametrize("name", ["staging", "prod"])
def test_state_outlives_its_stack_and_its_replacement(name: str, request: pytest.FixtureRequest) -> None:
    templates: Templates = request.getfixturevalue(name)
    kept = {
        DATABASE: ("RetainExceptOnCreate", "Retain"),
        "AWS::RDS::DBSubnetGroup": ("RetainExceptOnCreate", "Retain"),
        "AWS::RDS::DBParameterGroup": ("RetainExceptOnCreate", "Retain"),
        CACHE: ("Snapshot", "Snapshot"),
        BUCKET: ("RetainExceptOnCreate", "Retain"),
        KEY: ("RetainExceptOnCreate", "Retain"),
        SECRET: ("RetainExceptOnCreate", "Retain"),
    }

    for resource in resources(templates.data).values():
        if resource["Type"] in kept:
            assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == kept[str(resource["Type"])]
    templates.data.has_resource_properties(DATABASE, {"DeletionProtection": True, "DeleteAutomatedBackups": False})


@pytest.mark.parametrize("name", ["local", "dev"])
def test_a_ephemeral_environment_leaves_nothing_behind(name: str, request: pytest.FixtureRequest) -> None:
    templates: Templates = request.getfixturevalue(name)

    policies = {r.get("DeletionPolicy") for r in resources(templates.data).values()}

    assert policies <= {None, "Delete"}
    templates.data.has_resource_properties(DATABASE, {"DeletionProtection": False})


def test_outputs_say_where_things_are_and_never_what_secrets_say(environment: Templates) -> None:
    outputs = cast("Resource", whole(environment.data)["Outputs"])

    assert {
        "DatabaseHost",
        "DatabasePort",
        "DatabaseSecretName",
        "OwnerSecretName",
        "SquareWebhookSecretName",
        "SquareApplicationSecretName",
        "PosTokenKeyArn",
    } <= set(outputs)
    assert "resolve:" not in json.dumps(outputs)
