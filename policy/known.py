"""What the rules know: the types of resources that Flux consists of, and the properties of those that hold the most.

What is not in here, no rule has an opinion of. So it is refused until a rule has one: a door that nobody watches is a
hole, be it a peering of networks, a second way to read a bucket or a database restored from somebody's snapshot.
"""

from collections.abc import Mapping

from .resource_types import ATTRIBUTES

TYPES = frozenset(ATTRIBUTES)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split()) | {"Tags"}


_RULE = "Description FromPort GroupId IpProtocol ToPort"

# Properties that a rule judges, or that weaken nothing whatever they say.
PROPERTIES: Mapping[str, frozenset[str]] = {
    "AWS::Backup::BackupPlan": _names("BackupPlan BackupPlanTags"),
    "AWS::Backup::BackupSelection": _names("BackupPlanId BackupSelection"),
    "AWS::Backup::BackupVault": _names(
        "AccessPolicy BackupVaultName BackupVaultTags EncryptionKeyArn LockConfiguration Notifications"
    ),
    "AWS::CodeDeploy::Application": _names("ApplicationName ComputePlatform"),
    "AWS::CodeDeploy::DeploymentGroup": _names(
        "AlarmConfiguration ApplicationName AutoRollbackConfiguration DeploymentConfigName DeploymentGroupName "
        "DeploymentStyle ServiceRoleArn"
    ),
    "AWS::EC2::EIP": _names("Domain"),
    "AWS::EC2::FlowLog": _names(
        "DeliverLogsPermissionArn LogDestinationType LogFormat LogGroupName MaxAggregationInterval ResourceId "
        "ResourceType TrafficType"
    ),
    "AWS::EC2::InternetGateway": _names(""),
    "AWS::EC2::NatGateway": _names("AllocationId ConnectivityType SubnetId"),
    "AWS::EC2::Route": _names("DestinationCidrBlock GatewayId NatGatewayId RouteTableId"),
    "AWS::EC2::RouteTable": _names("VpcId"),
    "AWS::EC2::SecurityGroup": _names("GroupDescription SecurityGroupEgress SecurityGroupIngress VpcId"),
    "AWS::EC2::SecurityGroupEgress": _names(
        f"{_RULE} CidrIp CidrIpv6 DestinationPrefixListId DestinationSecurityGroupId"
    ),
    "AWS::EC2::SecurityGroupIngress": _names(f"{_RULE} CidrIp CidrIpv6 SourcePrefixListId SourceSecurityGroupId"),
    "AWS::EC2::Subnet": _names("AvailabilityZone CidrBlock MapPublicIpOnLaunch PrivateDnsNameOptionsOnLaunch VpcId"),
    "AWS::EC2::SubnetRouteTableAssociation": _names("RouteTableId SubnetId"),
    "AWS::EC2::VPC": _names("CidrBlock EnableDnsHostnames EnableDnsSupport InstanceTenancy"),
    "AWS::EC2::VPCEndpoint": _names(
        "IpAddressType PolicyDocument PrivateDnsEnabled RouteTableIds SecurityGroupIds ServiceName SubnetIds "
        "VpcEndpointType VpcId"
    ),
    "AWS::EC2::VPCGatewayAttachment": _names("InternetGatewayId VpcId"),
    "AWS::ElastiCache::ReplicationGroup": _names(
        "AtRestEncryptionEnabled AutoMinorVersionUpgrade AutomaticFailoverEnabled CacheNodeType CacheSubnetGroupName "
        "DataTieringEnabled Engine EngineVersion KmsKeyId LogDeliveryConfigurations MultiAZEnabled NetworkType "
        "NotificationTopicArn NumCacheClusters Port PreferredMaintenanceWindow ReplicationGroupDescription "
        "ReplicationGroupId SecurityGroupIds SnapshotRetentionLimit SnapshotWindow TransitEncryptionEnabled "
        "TransitEncryptionMode UserGroupIds"
    ),
    "AWS::ElastiCache::SubnetGroup": _names("CacheSubnetGroupName Description SubnetIds"),
    "AWS::ElastiCache::User": _names("AccessString Engine NoPasswordRequired Passwords UserId UserName"),
    "AWS::ElastiCache::UserGroup": _names("Engine UserGroupId UserIds"),
    "AWS::Events::Rule": _names("Description Name ScheduleExpression State Targets"),
    "AWS::IAM::ManagedPolicy": _names("Description Groups ManagedPolicyName Path PolicyDocument Roles Users"),
    "AWS::IAM::Role": _names(
        "AssumeRolePolicyDocument Description ManagedPolicyArns MaxSessionDuration Path PermissionsBoundary Policies "
        "RoleName"
    ),
    "AWS::KMS::Key": _names(
        "BypassPolicyLockoutSafetyCheck Description EnableKeyRotation Enabled KeyPolicy KeySpec KeyUsage MultiRegion "
        "PendingWindowInDays RotationPeriodInDays"
    ),
    "AWS::Lambda::Alias": _names("Description FunctionName FunctionVersion Name RoutingConfig"),
    "AWS::Lambda::EventInvokeConfig": _names("FunctionName MaximumEventAgeInSeconds MaximumRetryAttempts Qualifier"),
    "AWS::Lambda::EventSourceMapping": _names(
        "BatchSize Enabled EventSourceArn FilterCriteria FunctionName FunctionResponseTypes "
        "MaximumBatchingWindowInSeconds MetricsConfig ScalingConfig"
    ),
    # No layers, file systems, images or wrappers: the bundle is all that a function runs.
    "AWS::Lambda::Function": _names(
        "Architectures Code CodeSigningConfigArn Description Environment EphemeralStorage FunctionName Handler "
        "KmsKeyArn LoggingConfig MemorySize ReservedConcurrentExecutions Role Runtime Timeout TracingConfig VpcConfig"
    ),
    "AWS::Lambda::Permission": _names("Action FunctionName Principal SourceAccount SourceArn"),
    "AWS::Lambda::Version": _names("Description FunctionName"),
    "AWS::Logs::LogGroup": _names(
        "DeletionProtectionEnabled FieldIndexPolicies KmsKeyId LogGroupClass LogGroupName RetentionInDays"
    ),
    "AWS::RDS::DBInstance": _names(
        "AllocatedStorage AllowMajorVersionUpgrade ApplyImmediately AutoMinorVersionUpgrade BackupRetentionPeriod "
        "CACertificateIdentifier CopyTagsToSnapshot DBInstanceClass DBInstanceIdentifier DBName DBParameterGroupName "
        "DBSubnetGroupName DatabaseInsightsMode DedicatedLogVolume DeleteAutomatedBackups DeletionProtection "
        "EnableCloudwatchLogsExports EnableIAMDatabaseAuthentication EnablePerformanceInsights Engine EngineVersion "
        "Iops KmsKeyId MasterUserPassword MasterUsername MaxAllocatedStorage MonitoringInterval MonitoringRoleArn "
        "MultiAZ NetworkType PerformanceInsightsKMSKeyId PerformanceInsightsRetentionPeriod Port "
        "PreferredBackupWindow PreferredMaintenanceWindow PubliclyAccessible StorageEncrypted StorageThroughput "
        "StorageType VPCSecurityGroups"
    ),
    "AWS::RDS::DBParameterGroup": _names("DBParameterGroupName Description Family Parameters"),
    "AWS::RDS::DBSubnetGroup": _names("DBSubnetGroupDescription DBSubnetGroupName SubnetIds"),
    "AWS::S3::Bucket": _names(
        "AccessControl BucketEncryption BucketName CorsConfiguration LifecycleConfiguration LoggingConfiguration "
        "MetricsConfigurations NotificationConfiguration ObjectLockEnabled OwnershipControls "
        "PublicAccessBlockConfiguration ReplicationConfiguration VersioningConfiguration WebsiteConfiguration"
    ),
    "AWS::S3::BucketPolicy": _names("Bucket PolicyDocument"),
    "AWS::SQS::Queue": _names(
        "DelaySeconds KmsDataKeyReusePeriodSeconds KmsMasterKeyId MaximumMessageSize MessageRetentionPeriod "
        "ReceiveMessageWaitTimeSeconds RedriveAllowPolicy RedrivePolicy VisibilityTimeout"
    ),
    "AWS::SQS::QueuePolicy": _names("PolicyDocument Queues"),
    "AWS::SecretsManager::RotationSchedule": _names(
        "HostedRotationLambda RotateImmediatelyOnUpdate RotationLambdaARN RotationRules SecretId"
    ),
    "AWS::SecretsManager::Secret": _names("Description GenerateSecretString KmsKeyId ReplicaRegions SecretString"),
    "AWS::SecretsManager::SecretTargetAttachment": _names("SecretId TargetId TargetType"),
    "Custom::Migrations": _names("Migrations ServiceTimeout ServiceToken"),
    "Custom::VpcRestrictDefaultSG": _names("Account DefaultSecurityGroupId ServiceToken"),
}
