"""The types of resources that hold something which a new one of their kind would not."""

from collections.abc import Mapping

# Type, and what a replacement would lose.
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
