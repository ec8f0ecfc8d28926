"""Which settings the API, the edge and the model may have, also inside others: known.py, more closely.

Their services grow settings that open something (`Target` of an API, `EnableSSMAccess` of a model's instances) faster
than anybody forbids them. `*` stands for each item of a list.
"""

from collections.abc import Mapping

_BEHAVIOR = (
    "AllowedMethods CachePolicyId CachedMethods Compress FunctionAssociations OriginRequestPolicyId PathPattern "
    "ResponseHeadersPolicyId TargetOriginId ViewerProtocolPolicy"
)

SETTINGS: Mapping[str, Mapping[str, frozenset[str]]] = {
    kind: {path: frozenset(names.split()) for path, names in places.items()}
    for kind, places in {
        "AWS::ApiGatewayV2::Api": {
            "": "CorsConfiguration Description FailOnWarnings IpAddressType Name ProtocolType Tags Version"
        },
        "AWS::ApiGatewayV2::Authorizer": {
            "": "ApiId AuthorizerPayloadFormatVersion AuthorizerResultTtlInSeconds AuthorizerType AuthorizerUri "
            "EnableSimpleResponses IdentitySource Name"
        },
        "AWS::ApiGatewayV2::Integration": {
            "": "ApiId Description IntegrationMethod IntegrationType IntegrationUri PayloadFormatVersion "
            "TimeoutInMillis"
        },
        "AWS::ApiGatewayV2::Route": {"": "ApiId AuthorizationType AuthorizerId OperationName RouteKey Target"},
        "AWS::ApiGatewayV2::Stage": {
            "": "AccessLogSettings ApiId AutoDeploy DefaultRouteSettings Description RouteSettings StageName Tags",
            "DefaultRouteSettings": "DataTraceEnabled DetailedMetricsEnabled ThrottlingBurstLimit ThrottlingRateLimit",
        },
        "AWS::CloudFront::Distribution": {
            "": "DistributionConfig Tags",
            "DistributionConfig": "Aliases CacheBehaviors Comment CustomErrorResponses DefaultCacheBehavior "
            "DefaultRootObject Enabled HttpVersion IPV6Enabled Logging Origins PriceClass ViewerCertificate WebACLId",
            "DistributionConfig.CacheBehaviors.*": _BEHAVIOR,
            "DistributionConfig.DefaultCacheBehavior": _BEHAVIOR,
            "DistributionConfig.Logging": "Bucket IncludeCookies Prefix",
            "DistributionConfig.Origins.*": "ConnectionAttempts ConnectionTimeout CustomOriginConfig DomainName Id "
            "OriginAccessControlId OriginCustomHeaders OriginShield ResponseCompletionTimeout S3OriginConfig",
            "DistributionConfig.Origins.*.CustomOriginConfig": "IpAddressType OriginKeepaliveTimeout "
            "OriginProtocolPolicy OriginReadTimeout OriginSSLProtocols",
        },
        "AWS::CloudFront::Function": {
            "": "AutoPublish FunctionCode FunctionConfig FunctionMetadata Name Tags",
            "FunctionConfig": "Comment KeyValueStoreAssociations Runtime",
        },
        "AWS::CloudFront::KeyValueStore": {"": "Comment Name Tags"},
        "AWS::CloudFront::ResponseHeadersPolicy": {
            "ResponseHeadersPolicyConfig": "Comment CorsConfig CustomHeadersConfig Name RemoveHeadersConfig "
            "SecurityHeadersConfig",
        },
        "AWS::SageMaker::Endpoint": {"": "DeploymentConfig EndpointConfigName EndpointName Tags"},
        "AWS::SageMaker::EndpointConfig": {
            "": "KmsKeyId ProductionVariants Tags",
            "ProductionVariants.*": "ContainerStartupHealthCheckTimeoutInSeconds InitialInstanceCount "
            "InitialVariantWeight InstanceType ModelDataDownloadTimeoutInSeconds ModelName RoutingConfig VariantName "
            "VolumeSizeInGB",
        },
        "AWS::SageMaker::Model": {
            "": "EnableNetworkIsolation ExecutionRoleArn PrimaryContainer Tags VpcConfig",
            "PrimaryContainer": "ContainerHostname Environment Image ModelDataSource ModelDataUrl",
            "PrimaryContainer.Environment": "SAGEMAKER_CONTAINER_LOG_LEVEL SAGEMAKER_PROGRAM SAGEMAKER_REGION "
            "SAGEMAKER_SUBMIT_DIRECTORY",
            "PrimaryContainer.ModelDataSource.S3DataSource": "CompressionType S3DataType S3Uri",
        },
        "AWS::WAFv2::LoggingConfiguration": {"": "LogDestinationConfigs LoggingFilter RedactedFields ResourceArn"},
        "AWS::WAFv2::WebACL": {
            "": "AssociationConfig CustomResponseBodies DataProtectionConfig DefaultAction Description Name "
            "OnSourceDDoSProtectionConfig Rules Scope Tags VisibilityConfig",
            "Rules.*": "Action Name OverrideAction Priority RuleLabels Statement VisibilityConfig",
            "Rules.*.Statement.ManagedRuleGroupStatement": "ExcludedRules ManagedRuleGroupConfigs Name "
            "RuleActionOverrides ScopeDownStatement VendorName",
        },
    }.items()
}
