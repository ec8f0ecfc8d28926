"""Weakenings of the network, the API, the edge, the model and monitoring."""

from collections.abc import Callable, Iterator

from .change import OFF, Change, Json, Template, add, drop, new, put, ref, remove, rename

_P = "Properties/"
_ANYWHERE: Json = {
    "Type": "AWS::EC2::SecurityGroupIngress",
    "Properties": {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0", "GroupId": "sg-1"},
}
_EVERYBODY: Json = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}

_NETWORK = (
    ("traffic leaves no record", remove("FlowLogsFlowLog")),
    ("only rejected traffic is recorded", put("FlowLogsFlowLog", _P + "TrafficType", "REJECT")),
    ("the default group stays open", remove("VpcRestrictDefaultSecurityGroupCustomResource")),
    ("everybody may come in", new("Open", _ANYWHERE)),
    (
        "the endpoints' group lets everybody in",
        put(
            "EndpointsSecurityGroup",
            _P + "SecurityGroupIngress",
            [{"CidrIp": "10.0.0.0/8", "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}],
        ),
    ),
    ("subnets give out public addresses", put("VpcPublicSubnet1Subnet", _P + "MapPublicIpOnLaunch", "true")),
    (
        "an isolated subnet gets a way out",
        new(
            "Out",
            {
                "Type": "AWS::EC2::Route",
                "Properties": {
                    "RouteTableId": {"Ref": "VpcIsolatedSubnet1RouteTable4771E3E5"},
                    "DestinationCidrBlock": "0.0.0.0/0",
                    "GatewayId": {"Ref": "VpcIGWD7BA715C"},
                },
            },
        ),
    ),
    ("private subnets go out directly", put("VpcPrivateSubnet1DefaultRoute", _P + "GatewayId", ref("VpcIGW"))),
    (
        "two zones share a NAT gateway",
        put("VpcPrivateSubnet2DefaultRoute", _P + "NatGatewayId", ref("VpcPublicSubnet1NATGateway")),
    ),
    ("a NAT gateway is removed", remove("VpcPublicSubnet3NATGateway")),
    ("a zone is left", put("VpcIsolatedSubnet3Subnet", _P + "AvailabilityZone", "us-east-1a")),
    ("an endpoint is removed", remove("VpcSecretsManager")),
    ("an endpoint serves every account", put("VpcSqs", _P + "PolicyDocument", _EVERYBODY)),
    ("an endpoint has no policy", drop("VpcKms", _P + "PolicyDocument")),
    ("an endpoint is not found by name", put("VpcSqs", _P + "PrivateDnsEnabled", OFF)),
    ("S3 is reached through NAT", remove("VpcS3")),
    ("S3's route misses a table", drop("VpcS3", _P + "RouteTableIds/0")),
    ("flow logs are kept for a week", put("FlowLogsLogGroup", _P + "RetentionInDays", 7)),
)
_LOCK = "HttpApiOriginLock"
_API = (
    ("the API is not throttled", drop("FrontDoorStage", _P + "DefaultRouteSettings")),
    (
        "the API takes a million requests",
        put("FrontDoorStage", _P + "DefaultRouteSettings/ThrottlingRateLimit", 1_000_000),
    ),
    ("the API is not logged", drop("FrontDoorStage", _P + "AccessLogSettings")),
    ("the API's log says little", put("FrontDoorStage", _P + "AccessLogSettings/Format", "$context.requestId")),
    ("every site may call the API", put("HttpApi", _P + "CorsConfiguration", {"AllowOrigins": ["*"]})),
    (
        "the API calls $LATEST",
        put(
            "HttpApiGETapiproxyApi",
            _P + "IntegrationUri",
            {
                "Fn::GetStackOutput": {
                    "StackName": "Flux-prod-Compute",
                    "OutputName": "PublishOutputRefFunctionsApiFunction34137F743A4B0DC6",
                }
            },
        ),
    ),
    (
        "webhooks go to api",
        put(
            "HttpApiPOSTapiv1webhooksprovider",
            _P + "Target",
            {"Fn::Join": ["", ["integrations/", {"Ref": "HttpApiGETapiproxyApi1E0E4268"}]]},
        ),
    ),
    ("webhooks go nowhere", remove("HttpApiPOSTapiv1webhooksprovider")),
    ("everybody may call webhook", put("HttpApiPOSTapiv1webhooksproviderWebhookPermission", _P + "Principal", "*")),
    ("every API may call webhook", drop("HttpApiPOSTapiv1webhooksproviderWebhookPermission", _P + "SourceArn")),
    ("the API's log group is removed", remove("FrontDoorLogs")),
    ("the API's log is not encrypted", drop("FrontDoorLogs", _P + "KmsKeyId")),
    ("a route is open to everybody", put("HttpApiGETapiproxy", _P + "AuthorizationType", "NONE")),
    ("a route names no authorizer", drop("HttpApiPOSTapiv1webhooksprovider", _P + "AuthorizationType")),
    ("a route asks IAM instead", put("HttpApiPOSTapiproxy", _P + "AuthorizationType", "AWS_IAM")),
    ("a route asks another authorizer", put("HttpApiGETapiproxy", _P + "AuthorizerId", "abc123")),
    ("there is no authorizer", remove(_LOCK)),
    ("the authorizer judges by another header", put(_LOCK, _P + "IdentitySource", ["$request.header.host"])),
    ("the authorizer's answers are everybody's", drop(_LOCK, _P + "IdentitySource")),
    ("the authorizer's answers are kept for an hour", put(_LOCK, _P + "AuthorizerResultTtlInSeconds", "3600")),
    ("the authorizer's answers are kept by default", drop(_LOCK, _P + "AuthorizerResultTtlInSeconds")),
    ("the authorizer answers with policies", put(_LOCK, _P + "EnableSimpleResponses", "false")),
    (
        "the authorizer is $LATEST",
        put(
            _LOCK,
            _P + "AuthorizerUri/Fn::Join/1/1/Fn::GetStackOutput/OutputName",
            "PublishOutputRefFunctionsApiFunction34137F743A4B0DC6",
        ),
    ),
    ("the API may not ask the authorizer", remove("HttpApiFluxprodApiHttpApiOriginLockEE3B5770Permission")),
)
_DISTRIBUTION_GRANT = _P + "PolicyDocument/Statement/4"
_D, _C = "EdgeDistribution", _P + "DistributionConfig/"
_ACL, _RULES = "FirewallWebAcl", _P + "Rules/"
_SITE, _HEADERS = "EdgeSiteHeadersPolicy", _P + "ResponseHeadersPolicyConfig/SecurityHeadersConfig/"
_SPA: Json = [{"ErrorCode": 404, "ResponseCode": 200, "ResponsePagePath": "/index.html"}]


def _content(first: str) -> Callable[[Template], None]:
    """The site's content policy with this in front, which wins over what follows."""
    rest = "default-src 'none'; script-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'"
    policy = f"{first}; {rest}; frame-ancestors 'none'"
    return put(_SITE, _HEADERS + "ContentSecurityPolicy/ContentSecurityPolicy", policy)


_EDGE = (
    ("there is no firewall", drop(_D, _C + "WebACLId")),
    ("the site takes plain HTTP", put(_D, _C + "DefaultCacheBehavior/ViewerProtocolPolicy", "allow-all")),
    ("the API redirects", put(_D, _C + "CacheBehaviors/0/ViewerProtocolPolicy", "redirect-to-https")),
    ("the API is cached", put(_D, _C + "CacheBehaviors/0/CachePolicyId", "658327ea-f89d-4fab-a63d-7e88639e58f6")),
    ("the API sends no security headers", drop(_D, _C + "CacheBehaviors/0/ResponseHeadersPolicyId")),
    (
        "the site sends the API's headers",
        put(_D, _C + "DefaultCacheBehavior/ResponseHeadersPolicyId", ref("EdgeApiHeadersPolicy")),
    ),
    ("errors become the page", put(_D, _C + "CustomErrorResponses", _SPA)),
    ("views leave no record", drop(_D, _C + "Logging")),
    ("the API is not told who asks", drop(_D, _C + "Origins/1/OriginCustomHeaders")),
    ("the origin header holds its value", put(_D, _C + "Origins/1/OriginCustomHeaders/0/HeaderValue", "a8f5f167f4")),
    (
        "the origin header holds another secret",
        put(_D, _C + "Origins/1/OriginCustomHeaders/0/HeaderValue", "{{resolve:secretsmanager:other}}"),
    ),
    (
        "the origin header stays at a value out of use",
        put(
            _D,
            _C + "Origins/1/OriginCustomHeaders/0/HeaderValue/Fn::Join/1/2",
            ":SecretString:value:AWSPREVIOUS:}}",
        ),
    ),
    ("the origin header has another name", put(_D, _C + "Origins/1/OriginCustomHeaders/0/HeaderName", "x-origin")),
    (
        "the bucket is told the origin secret",
        put(_D, _C + "Origins/0/OriginCustomHeaders", [{"HeaderName": "x-flux-origin", "HeaderValue": "1"}]),
    ),
    ("the origin secret keeps its value for ever", remove("OriginSchedule")),
    ("the origin secret is rotated by another function", put("OriginSchedule", _P + "RotationLambdaARN", "arn:other")),
    (
        "the origin's rotation changes every distribution",
        put("OriginRotateRoleDefaultPolicy", _DISTRIBUTION_GRANT + "/Resource", "*"),
    ),
    (
        "the origin's rotation makes distributions",
        add("OriginRotateRoleDefaultPolicy", _DISTRIBUTION_GRANT + "/Action", "cloudfront:CreateDistribution"),
    ),
    (
        "the origin's rotation changes another distribution",
        put("OriginRotateFunction", _P + "Environment/Variables/DISTRIBUTION_ID", "E123"),
    ),
    (
        "the origin's rotation does not ask the authorizer",
        put("OriginRotateFunction", _P + "Environment/Variables/AUTHORIZER", ref("OriginRotateLive")),
    ),
    (
        "everybody may start the origin's rotation",
        put("OriginRotateBySecretsManager", _P + "Principal", "*"),
    ),
    ("the API is asked by HTTP", put(_D, _C + "Origins/1/CustomOriginConfig/OriginProtocolPolicy", "match-viewer")),
    (
        "the API is asked by TLS 1.0",
        put(_D, _C + "Origins/1/CustomOriginConfig/OriginSSLProtocols", ["TLSv1", "TLSv1.2"]),
    ),
    ("the bucket is not signed for", drop(_D, _C + "Origins/0/OriginAccessControlId")),
    (
        "requests to the bucket are not signed",
        put("EdgeDistributionOrigin1S3OriginAccessControl", _P + "OriginAccessControlConfig/SigningBehavior", "never"),
    ),
    ("there is no HSTS", drop(_SITE, _HEADERS + "StrictTransportSecurity")),
    ("HSTS lasts an hour", put(_SITE, _HEADERS + "StrictTransportSecurity/AccessControlMaxAgeSec", 3600)),
    ("pages may be framed", put(_SITE, _HEADERS + "FrameOptions/FrameOption", "SAMEORIGIN")),
    (
        "scripts come from anywhere",
        put(_SITE, _HEADERS + "ContentSecurityPolicy/ContentSecurityPolicy", "default-src *"),
    ),
    ("scripts may stand in pages", _content("script-src 'self' 'unsafe-inline'")),
    ("styles may stand in pages", _content("style-src 'self' 'Unsafe-Inline'")),
    ("scripts may be made of text", _content("script-src 'self' 'unsafe-eval'")),
    ("handlers may stand in pages", _content("script-src-attr 'unsafe-inline'")),
    ("every answer has the same nonce", _content("script-src 'self' 'nonce-flux'")),
    (
        "a script is allowed for ever",
        _content("script-src 'self' 'sha256-OBTN3RiyCV4Bq7dFqZ5a2pAXjnCcCYeTJMO2I/LYKeo='"),
    ),
    ("a strict policy follows a wide one", _content("script-src *; script-src 'self'")),
    ("pages may send to anybody", _content("connect-src https:")),
    ("pages may have another base", _content("base-uri *")),
    ("the API's policy is none", drop("EdgeApiHeadersPolicy", _HEADERS + "ContentSecurityPolicy")),
    ("a managed group counts", put(_ACL, _RULES + "0/OverrideAction", {"Count": {}})),
    ("a managed group is removed", drop(_ACL, _RULES + "1")),
    (
        "a managed rule counts",
        add(
            _ACL,
            _RULES + "2/Statement/ManagedRuleGroupStatement/RuleActionOverrides",
            {"Name": "CrossSiteScripting_BODY", "ActionToUse": {"Count": {}}},
        ),
    ),
    ("sign-ins are not limited", put(_ACL, _RULES + "4/Statement/RateBasedStatement/Limit", 100_000)),
    ("sign-ins are counted", put(_ACL, _RULES + "4/Action", {"Count": {}})),
    (
        "another path is limited",
        put(
            _ACL, _RULES + "4/Statement/RateBasedStatement/ScopeDownStatement/ByteMatchStatement/SearchString", "/login"
        ),
    ),
    ("addresses are not limited", drop(_ACL, _RULES + "5")),
    ("large bodies pass", drop(_ACL, _RULES + "3")),
    ("the firewall logs nothing", remove("FirewallLogging")),
    ("the firewall logs tokens", drop("FirewallLogging", _P + "RedactedFields")),
    ("the firewall drops what it blocked", put("FirewallLogging", _P + "LoggingFilter/Filters/0/Behavior", "DROP")),
    ("everybody reads the site's bucket", drop("SiteBucketPolicy", _P + "PolicyDocument/Statement/2/Condition")),
    ("publishing may delete", add("PublisherPolicy", _P + "PolicyDocument/Statement/0/Action", "s3:DeleteObject")),
    ("publishing writes everywhere", put("PublisherPolicy", _P + "PolicyDocument/Statement/0/Resource", "*")),
    ("the live release is forgotten", rename("ReleasesStore", "Store0060737B")),
    ("the site moves to another address", rename("EdgeDistribution", "Distribution0060737B")),
    ("pages come from no release", drop("ReleasesRequest", _P + "FunctionConfig/KeyValueStoreAssociations")),
    ("the site's requests are not rewritten", drop(_D, _C + "DefaultCacheBehavior/FunctionAssociations")),
    (
        "the site's bucket is public",
        put("SiteBucket", _P + "PublicAccessBlockConfiguration/RestrictPublicBuckets", OFF),
    ),
    ("the site's bucket is a website", put("SiteBucket", _P + "WebsiteConfiguration", {"IndexDocument": "index.html"})),
)
_CONTAINER = _P + "PrimaryContainer/"
_ARTIFACT = _CONTAINER + "ModelDataSource/S3DataSource/"


def _by_address(template: Template) -> None:
    put("ForecastModel", _CONTAINER + "ModelDataUrl", "s3://cdk-hnb659fds-assets-333333333333-us-east-1/a.gz")(template)
    drop("ForecastModel", _CONTAINER + "ModelDataSource")(template)


_ML = (
    ("the model reaches the network", put("ForecastModel", _P + "EnableNetworkIsolation", OFF)),
    ("one instance serves", put("ForecastConfig", _P + "ProductionVariants/0/InitialInstanceCount", 1)),
    ("disks use AWS's key", drop("ForecastConfig", _P + "KmsKeyId")),
    ("the model is outside the VPC", drop("ForecastModel", _P + "VpcConfig")),
    (
        "the image is anybody's",
        put("ForecastModel", _P + "PrimaryContainer/Image", "999999999999.dkr.ecr.us-east-1.amazonaws.com/x:1"),
    ),
    ("the model's archive is named by an address that must end otherwise", _by_address),
    ("the model is every object that begins alike", put("ForecastModel", _ARTIFACT + "S3DataType", "S3Prefix")),
    ("the model's archive is not unpacked", put("ForecastModel", _ARTIFACT + "CompressionType", "None")),
    ("the model comes from elsewhere", put("ForecastModel", _ARTIFACT + "S3Uri", "s3://others/model.gz")),
    ("the model has no artifact", drop("ForecastModel", _P + "PrimaryContainer/ModelDataSource")),
    ("the model's role reads every object", put("ForecastRolePolicy", _P + "PolicyDocument/Statement/0/Resource", "*")),
    (
        "the model's role trusts every account's SageMaker",
        drop("ForecastRole", _P + "AssumeRolePolicyDocument/Statement/0/Condition"),
    ),
    ("the endpoint is removed", remove("ForecastEndpoint")),
)
_METRIC = _P + "Metrics/0/MetricStat/"
_ELSEWHERE = "arn:aws:sns:us-east-1:333333333333:other"
_MONITORING = (
    ("alerts are not encrypted", drop("AlertsTopic", _P + "KmsMasterKeyId")),
    ("alerts move to a topic without subscriptions", rename("AlertsTopic", "Topic0060737B")),
    ("nobody hears alerts", remove("AlertsTopicopsfluxapp")),
    ("somebody else hears alerts", put("AlertsTopicopsfluxapp", _P + "Endpoint", "nobody@example.com")),
    ("alerts' policy is removed", remove("AlertsTopicPolicy")),
    ("everybody may alert", put("AlertsTopicPolicy", _P + "PolicyDocument/Statement/1/Principal", "*")),
    ("alarms cannot use the key", drop("AlertsKey", _P + "KeyPolicy/Statement/1")),
    ("the database's events are heard by nobody", remove("DatabaseEventsInstance")),
    ("the database's events are off", put("DatabaseEventsInstance", _P + "Enabled", "false")),
    ("failures of the database are not told", put("DatabaseEventsInstance", _P + "EventCategories", ["maintenance"])),
    ("another database's events are told", put("DatabaseEventsInstance", _P + "SourceIds", ["flux-dev-database"])),
    ("events of parameters are told elsewhere", put("DatabaseEventsParameters", _P + "SnsTopicArn", _ELSEWHERE)),
    ("databases cannot use the key", drop("AlertsKey", _P + "KeyPolicy/Statement/2")),
    ("every account's databases may alert", drop("AlertsTopicPolicy", _P + "PolicyDocument/Statement/2/Condition")),
    ("an alarm is removed", remove("DatabaseDatabaseStorage")),
    ("an alarm has no action", drop("DatabaseDatabaseCpu", _P + "AlarmActions")),
    (
        "an alarm speaks elsewhere",
        put("DatabaseDatabaseCpu", _P + "AlarmActions", ["arn:aws:sns:us-east-1:333333333333:other"]),
    ),
    ("an alarm's actions are off", put("CacheCacheCpu", _P + "ActionsEnabled", "False")),
    ("an alarm never fires", put("DatabaseDatabaseCpu", _P + "Threshold", 100)),
    ("an alarm fires on silence", put("QueuesPosSyncAge", _P + "TreatMissingData", "breaching")),
    ("an alarm stays as it was", put("QueuesPosSyncAge", _P + "TreatMissingData", "ignore")),
    (
        "an alarm fires when all is well",
        put("DatabaseDatabaseStorage", _P + "ComparisonOperator", "GreaterThanThreshold"),
    ),
    (
        "an alarm watches another queue",
        put(
            "QueuesPosSyncDeadLetters",
            _METRIC + "Metric/Dimensions/0/Value",
            {
                "Fn::GetStackOutput": {
                    "StackName": "Flux-prod-Compute",
                    "OutputName": "PublishOutputFnGetAttQueuesPosSyncQueue6253ABBFQueueNameBD047AAD",
                }
            },
        ),
    ),
    (
        "an alarm watches what reads zero",
        put("QueuesPosSyncDeadLetters", _METRIC + "Metric/MetricName", "NumberOfMessagesSent"),
    ),
    ("an alarm averages", put("QueuesPosSyncDeadLetters", _METRIC + "Stat", "Minimum")),
    ("an alarm has no dimensions", drop("DatabaseDatabaseCpu", _METRIC + "Metric/Dimensions")),
    ("an alarm needs a day", put("DatabaseDatabaseCpu", _METRIC + "Period", 86400)),
    ("an alarm needs 30 bad periods", put("DatabaseDatabaseCpu", _P + "EvaluationPeriods", 30)),
    ("an alarm leaves a function out", drop("FunctionsLambdaErrors", _P + "Metrics/1")),
    ("an alarm's formula is zero", put("FunctionsLambdaErrors", _P + "Metrics/0/Expression", "0 * FILL(api, 0)")),
    ("an alarm's namespace is wrong", put("ModelModelErrors", _METRIC + "Metric/Namespace", "AWS/Sagemaker")),
    ("a percentile becomes an average", put("ApiApiLatency", _METRIC + "Stat", "Average")),
    ("the dashboard is removed", remove("Dashboard")),
)


def _mutants() -> Iterator[Change]:
    layers: tuple[tuple[str, str, tuple[tuple[str, Callable[[Template], None]], ...]], ...] = (
        ("network", "Network", _NETWORK),
        ("api", "Api", _API),
        ("edge", "Frontend", _EDGE),
        ("model", "Ml", _ML),
        ("monitoring", "Monitoring", _MONITORING),
    )
    for layer, stack, changes in layers:
        for what, apply in changes:
            yield Change(layer=layer, stack=stack, what=what, apply=apply)


MUTANTS = tuple(_mutants())
