"""The resources that hold state, by their logical ids.

Another logical id is another resource: CloudFormation makes an empty one and lets go of the one with the state. So an
id in here changes only together with a plan of how the state moves (`cdk refactor`, `cdk import`, a snapshot).
"""

from collections.abc import Mapping

# What holds state, or cannot be had again as it was: type, and what its replacement would lose. Types that Flux does
# not use yet are in here, so that the first resource of such a type must be pinned.
STATEFUL_TYPES: Mapping[str, str] = {
    "AWS::ApiGatewayV2::Api": "its address",
    "AWS::Backup::BackupPlan": "the schedule under which recovery points were made",
    "AWS::Backup::BackupVault": "recovery points",
    "AWS::CertificateManager::Certificate": "a validated certificate",
    "AWS::CloudFront::Distribution": "the site's address, which Square and bookmarks hold",
    "AWS::CloudFront::KeyValueStore": "which release of the site is live",
    "AWS::CloudTrail::Trail": "the chain of its log files' digests",
    "AWS::CodeDeploy::Application": "the history of releases",
    "AWS::CodeDeploy::DeploymentGroup": "the history of releases",
    "AWS::Cognito::UserPool": "people's accounts",
    "AWS::DynamoDB::GlobalTable": "its items",
    "AWS::DynamoDB::Table": "its items",
    "AWS::EC2::EIP": "an address that others may have allowed",
    "AWS::EC2::Subnet": "everything that stands in it",
    "AWS::EC2::VPC": "everything that stands in it",
    "AWS::ECR::Repository": "images",
    "AWS::EFS::FileSystem": "files",
    "AWS::ElastiCache::ReplicationGroup": "what is cached, and its address",
    "AWS::ElastiCache::ServerlessCache": "what is cached, and its address",
    "AWS::ElastiCache::SubnetGroup": "the cache, which is replaced with it",
    "AWS::ElastiCache::User": "the functions' login, under whose name no second one can be made",
    "AWS::ElastiCache::UserGroup": "the functions' way into the cache",
    "AWS::Kinesis::Stream": "records",
    "AWS::KMS::Key": "everything that is encrypted with it",
    "AWS::Logs::LogGroup": "logs",
    "AWS::OpenSearchService::Domain": "documents",
    "AWS::RDS::DBCluster": "data",
    "AWS::RDS::DBInstance": "data",
    "AWS::RDS::DBParameterGroup": "the database's settings until its next restart",
    "AWS::RDS::DBProxy": "the address that functions hold",
    "AWS::RDS::DBSubnetGroup": "the database, which is replaced with it",
    "AWS::Route53::HostedZone": "its name servers, which the domain's registrar holds",
    "AWS::Route53::KeySigningKey": "the domain's answers, until its registrar holds another DS record",
    "AWS::S3::Bucket": "objects",
    "AWS::SageMaker::Endpoint": "forecasts until a new one is in service",
    "AWS::SecretsManager::Secret": "its value, which nobody can generate again",
    "AWS::SNS::Topic": "its subscriptions",
    "AWS::SQS::Queue": "messages",
    "AWS::SSM::Parameter": "its value",
}

# Made anew with each release on purpose; the earlier ones are kept to go back to.
RELEASED_TYPES = {
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Version",
    "AWS::SageMaker::EndpointConfig",
    "AWS::SageMaker::Model",
}

# One for each zone or NAT gateway, so that smaller environments have fewer.
ZONAL_TYPES = {"AWS::EC2::EIP", "AWS::EC2::Subnet"}

# aws-cdk-lib's own helpers; what they log is of no use once their stack is deployed.
LIBRARY_HELPERS = "CustomResourceProvider"

PINNED: Mapping[str, Mapping[str, set[str]]] = {
    "Network": {
        "AWS::EC2::EIP": {"VpcPublicSubnet1EIPD7E02669", "VpcPublicSubnet2EIP3C605A87", "VpcPublicSubnet3EIP3A666A23"},
        "AWS::EC2::Subnet": {
            "VpcIsolatedSubnet1SubnetE48C5737",
            "VpcIsolatedSubnet2Subnet16364B91",
            "VpcIsolatedSubnet3Subnet6840A2D4",
            "VpcPrivateSubnet1Subnet536B997A",
            "VpcPrivateSubnet2Subnet3788AAA1",
            "VpcPrivateSubnet3SubnetF258B56E",
            "VpcPublicSubnet1Subnet5C2D37C4",
            "VpcPublicSubnet2Subnet691E08A3",
            "VpcPublicSubnet3SubnetBE12F0B6",
        },
        "AWS::EC2::VPC": {"Vpc8378EB38"},
        "AWS::KMS::Key": {"FlowLogsKeyBAB0B9A4"},
        "AWS::Logs::LogGroup": {"FlowLogsLogGroup9853A85F"},
    },
    "Data": {
        "AWS::ElastiCache::ReplicationGroup": {"CacheReplicationGroupBFE59FF3"},
        "AWS::ElastiCache::SubnetGroup": {"CacheSubnets75A36213"},
        "AWS::ElastiCache::User": {"CacheFunctionsUser78A76940"},
        "AWS::ElastiCache::UserGroup": {"CacheUsersB25699B6"},
        "AWS::KMS::Key": {"Key961B73FD", "TokenKeyD1D1A236"},
        "AWS::Logs::LogGroup": {"DatabasePostgresqlLogs0EEFD61B", "DatabaseUpgradeLogsA548C373"},
        "AWS::RDS::DBInstance": {"DatabaseInstanceAA8A5FDE"},
        "AWS::RDS::DBParameterGroup": {"DatabaseParametersB8AC9B07"},
        "AWS::RDS::DBSubnetGroup": {"DatabaseSubnets56F17B9A"},
        "AWS::S3::Bucket": {"AssetsAccessLogs1515BAC6", "AssetsBucket252B3DF7"},
        "AWS::SecretsManager::Secret": {
            "CacheUserF37BD68D",
            "DatabaseFunctions817F84D1",
            "DatabaseOwnerD07B5662",
            "SecretsOrigin297BAAC6",
            "SecretsSquareAccess00C14064",
            "SecretsSquareApplication669E77C6",
            "SecretsSquareWebhookD4915915",
            "SecretsTokenKeys6A9784C0",
        },
    },
    "Ml": {
        "AWS::KMS::Key": {"Key961B73FD"},
        "AWS::Logs::LogGroup": {"ForecastLogs4C09E0A2"},
        "AWS::SageMaker::Endpoint": {"ForecastEndpoint1DA6DFC5"},
    },
    "Compute": {
        "AWS::CodeDeploy::Application": {"ReleasesApplication049C8ACB"},
        "AWS::CodeDeploy::DeploymentGroup": {
            "ReleasesApiGroup0BF2F96E",
            "ReleasesAuthorizerGroup3132507E",
            "ReleasesForecastGroup4503D53A",
            "ReleasesSyncGroupBA4D6444",
            "ReleasesWebhookGroup2056F671",
        },
        "AWS::KMS::Key": {"Key961B73FD"},
        "AWS::Logs::LogGroup": {
            "FunctionsApiLogsB43A8217",
            "FunctionsAuthorizerLogs25B251DD",
            "FunctionsForecastLogs702180D1",
            "FunctionsMigrateLogsB39B61DA",
            "FunctionsReleaseGateLogs737DBA60",
            "FunctionsSyncLogs28744BF1",
            "FunctionsWebhookLogsAA523857",
            "RotationsCacheLoginRotateLogsCDA26351",
            "RotationsDatabaseLoginRotateLogs707781FA",
            "RotationsDatabaseOwnerRotateLogs1276C9CA",
            "RotationsSquareWebhookRotateLogs8F7269FC",
            "RotationsTokenKeyRotateLogs986DF229",
        },
        "AWS::SQS::Queue": {
            "QueuesForecastsDeadLetters2308F32D",
            "QueuesForecastsQueueB9F8845C",
            "QueuesPosSyncDeadLetters48036A39",
            "QueuesPosSyncQueue6253ABBF",
        },
    },
    "Api": {
        "AWS::ApiGatewayV2::Api": {"HttpApi9292168F"},
        "AWS::Logs::LogGroup": {"FrontDoorLogs38CDE1C0"},
    },
    "Frontend": {
        "AWS::CloudFront::Distribution": {"EdgeDistribution0060737B"},
        "AWS::CloudFront::KeyValueStore": {"ReleasesStoreB4B2993C"},
        "AWS::Logs::LogGroup": {"FirewallLogs7FB06776", "OriginRotateLogs3F549008"},
        "AWS::S3::Bucket": {"AccessLogsBucketCD784A59", "SiteBucket978D4AEB"},
    },
    "Monitoring": {
        "AWS::KMS::Key": {"AlertsKey9E1197AF"},
        "AWS::SNS::Topic": {"AlertsTopicCF7C81C9"},
    },
}

# These besides, where an environment has a domain of our own.
PINNED_WITH_A_DOMAIN: Mapping[str, Mapping[str, set[str]]] = {
    "Frontend": {
        "AWS::CertificateManager::Certificate": {"DomainCertificate6242C448"},
        "AWS::KMS::Key": {"DomainSigningKeyD082E655"},
        "AWS::Route53::KeySigningKey": {"DomainSigningKeySigningKey8286417D"},
    },
}

# These besides, where the database is backed up beyond RDS's own backups.
PINNED_WITH_BACKUPS: Mapping[str, Mapping[str, set[str]]] = {
    "Data": {
        "AWS::Backup::BackupPlan": {"BackupsPlanAF2A6E1B"},
        "AWS::Backup::BackupVault": {"BackupsVault1F11AFCC"},
    },
}
