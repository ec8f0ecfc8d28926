"""Weakenings of the API, the edge, the model's releases and a template's own writing: what was once left unnoticed."""

import copy
from collections.abc import Callable, Iterator
from typing import cast

from .change import ON, Change, Json, Template, add, att, body, drop, new, put, ref, remove

_P = "Properties/"
_ROUTE, _ASKED, _STAGE = "HttpApiGETapiproxy", "HttpApiGETapiproxyApi", "FrontDoorStage"
_D, _C = "EdgeDistribution", _P + "DistributionConfig/"
_ACL, _RULES = "FirewallWebAcl", _P + "Rules/"
_SITE, _HEADERS = "EdgeSiteHeadersPolicy", _P + "ResponseHeadersPolicyConfig/"
_SIGN_IN = _RULES + "4/Statement/RateBasedStatement/"
_LIFECYCLE = _P + "LifecycleConfiguration/Rules"
_ENDPOINT, _CONFIG, _MODEL = "ForecastEndpoint", "ForecastConfig", "ForecastModel"
_UPDATE = _P + "DeploymentConfig/BlueGreenUpdatePolicy/"
_ROUTING = _UPDATE + "TrafficRoutingConfiguration/"
_VARIANT, _CONTAINER = _P + "ProductionVariants/0/", _P + "PrimaryContainer/"
_OTHERS = "arn:aws:iam::999999999999:root"
_VISIBLE: Json = {"CloudWatchMetricsEnabled": True, "MetricName": "more", "SampledRequestsEnabled": True}

type Changes = tuple[tuple[str, Callable[[Template], None]], ...]


def _output(name: str, value: Json) -> Callable[[Template], None]:
    """Set what an output says."""

    def apply(template: Template) -> None:
        cast("dict[str, dict[str, Json]]", template["Outputs"])[name]["Value"] = value

    return apply


def _section(name: str, value: Json) -> Callable[[Template], None]:
    """Add a section to the template."""

    def apply(template: Template) -> None:
        template[name] = value

    return apply


def _early(name: str, before: str) -> Callable[[Template], None]:
    """Let a resource no longer wait for another, of which the whole logical id is given."""

    def apply(template: Template) -> None:
        cast("list[Json]", body(template, name)["DependsOn"]).remove(before)

    return apply


def _by_parameter(template: Template) -> None:
    cast("dict[str, Json]", template["Parameters"])["Rate"] = {"Type": "Number", "Default": 5000}
    put(_STAGE, _P + "DefaultRouteSettings/ThrottlingRateLimit", {"Ref": "Rate"})(template)


def _again(name: str, logical: str) -> Callable[[Template], None]:
    """Add a copy of a resource."""

    def apply(template: Template) -> None:
        new(logical, cast("Json", copy.deepcopy(body(template, name))))(template)

    return apply


def _behavior(like: int, pattern: str, **settings: Json) -> Callable[[Template], None]:
    """Add a behavior in front of the others, like one of them but for its path and these settings."""

    def apply(template: Template) -> None:
        config = cast("dict[str, dict[str, list[Json]]]", body(template, _D)["Properties"])["DistributionConfig"]
        behavior = cast("dict[str, Json]", copy.deepcopy(config["CacheBehaviors"][like]))
        config["CacheBehaviors"].insert(0, {**behavior, "PathPattern": pattern, **settings})

    return apply


def _stops(statement: Json, action: str = "Block") -> Json:
    return {
        "Name": "more",
        "Priority": 50,
        "Action": {action: {}},
        "Statement": statement,
        "VisibilityConfig": _VISIBLE,
    }


def _group(vendor: str, overrides: Json) -> Json:
    group: Json = {"Name": "AWSManagedRulesLinuxRuleSet", "VendorName": vendor, "RuleActionOverrides": overrides}
    return {
        "Name": "more",
        "Priority": 50,
        "OverrideAction": {"None": {}},
        "Statement": {"ManagedRuleGroupStatement": group},
        "VisibilityConfig": _VISIBLE,
    }


def _expires(prefix: str) -> Json:
    return {"Status": "Enabled", "Prefix": prefix, "ExpirationInDays": 1}


_WRITING: Changes = (
    ("an output is read in another region", put(_ASKED, _P + "IntegrationUri/Fn::GetStackOutput/Region", "eu-west-1")),
    ("an output is read as another role", put(_ASKED, _P + "IntegrationUri/Fn::GetStackOutput/RoleArn", "arn:x")),
    ("an output has no name", drop(_ASKED, _P + "IntegrationUri/Fn::GetStackOutput/OutputName")),
    ("an output says an attribute of nothing", _output("ApiUrl", {"Fn::GetAtt": []})),
    ("an output says an attribute without a name", _output("ApiUrl", {"Fn::GetAtt": ["HttpApi9292168F"]})),
    ("an output says an attribute that is not there", _output("ApiUrl", {"Fn::GetAtt": ["HttpApi9292168F", "Url"]})),
    ("an output imports an export", _output("ApiUrl", {"Fn::ImportValue": "api"})),
    ("a description is joined of nothing", put("HttpApi", _P + "Description", {"Fn::Join": []})),
    ("a description is substituted by nothing", put("HttpApi", _P + "Description", {"Fn::Sub": {}})),
    ("a description is chosen out of range", put("HttpApi", _P + "Description", {"Fn::Select": [9, ["a"]]})),
    ("a description is in no map", put("HttpApi", _P + "Description", {"Fn::FindInMap": ["a", "b", "c"]})),
    ("a description is by a function unheard of", put("HttpApi", _P + "Description", {"Fn::Cidr": ["10.0.0.0/8", 1]})),
    ("two functions stand together", put("HttpApi", _P + "Description", {"Ref": "AWS::Region", "Fn::Sub": "x"})),
    ("properties are included from S3", put("HttpApi", _P + "Fn::Transform", {"Name": "AWS::Include"})),
    ("a macro writes the template", _section("Transform", "AWS::Serverless-2016-10-31")),
    ("hooks deploy", _section("Hooks", {"Green": {"Type": "AWS::CodeDeploy::BlueGreen"}})),
    ("resources are written by a loop", new("Fn::ForEach::Routes", ["Name", ["A"], {"Route${Name}": {}}])),
    ("a resource has no type", new("More", {"Properties": {}})),
    ("a nested stack is added", new("More", {"Type": "AWS::CloudFormation::Stack", "Properties": {}})),
    ("a throttle is chosen while deploying", _by_parameter),
    ("a description is whatever Parameter Store says", put("HttpApi", _P + "Description", "{{resolve:ssm:/words}}")),
    ("a resource has another's name", _again(_ROUTE, "HttpApiGETapiproxyDEADBEEF")),
    ("logs go to another account", new("More", {"Type": "AWS::Logs::SubscriptionFilter", "Properties": {}})),
    ("a REST API stands beside", new("More", {"Type": "AWS::ApiGateway::RestApi", "Properties": {}})),
)
_API: Changes = (
    ("a route's target is no integration", put(_ROUTE, _P + "Target", ref(_ASKED))),
    ("requests are sent to another path", put(_ASKED, _P + "RequestParameters", {"overwrite:path": "/api/v1/admin"})),
    ("answers gain headers", put(_ASKED, _P + "ResponseParameters", {"200": {"ResponseParameters": []}})),
    ("the API calls functions as its caller", put(_ASKED, _P + "CredentialsArn", "arn:aws:iam::*:user/*")),
    ("the API gives up before the function", put(_ASKED, _P + "TimeoutInMillis", 5500)),
    (
        "the API makes a route by itself",
        put("HttpApi", _P + "Target", "arn:aws:lambda:us-east-1:333333333333:function:x"),
    ),
    ("the API is read from a file", put("HttpApi", _P + "BodyS3Location", {"Bucket": "others", "Key": "api.json"})),
    ("the API answers nobody", put("HttpApi", _P + "DisableExecuteApiEndpoint", ON)),
    ("the authorizer has credentials", put("HttpApiOriginLock", _P + "AuthorizerCredentialsArn", "arn:x")),
    (
        "another account may call api",
        put("HttpApiGETapiproxyApiPermission", _P + "Principal", "999999999999"),
    ),
)
_EDGE: Changes = (
    ("the live release goes with its stack", put("ReleasesStore", "DeletionPolicy", "Delete")),
    ("the live release goes with its replacement", drop("ReleasesStore", "UpdateReplacePolicy")),
    ("the live release is in another store", put("ReleasesStore", _P + "Name", "another")),
    ("requests are answered by other code", put("ReleasesRequest", _P + "FunctionCode", "function handler(e) {}")),
    ("another host is asked as the API", put(_D, _C + "Origins/1/DomainName/Fn::Join/1/2", "evil.example")),
    (
        "the API of another region is asked",
        put(_D, _C + "Origins/1/DomainName/Fn::Join/1/1", ".execute-api.eu-west-1."),
    ),
    ("pages come from a folder", put(_D, _C + "Origins/0/OriginPath", "/releases/old")),
    ("the API is given no time", put(_D, _C + "Origins/1/CustomOriginConfig/OriginReadTimeout", 0)),
    ("an origin is of no kind", drop(_D, _C + "Origins/0/S3OriginConfig")),
    ("the API is told more", add(_D, _C + "Origins/1/OriginCustomHeaders", {"HeaderName": "a", "HeaderValue": "b"})),
    (
        "the bucket's access control is named otherwise",
        put(_D, _C + "Origins/0/OriginAccessControlId", "E2QWRUHAPOMQZL"),
    ),
    (
        "a part of the API is cached",
        _behavior(0, "/api/v1/menus/*", CachePolicyId="658327ea-f89d-4fab-a63d-7e88639e58f6"),
    ),
    ("a part of the API may be asked by HTTP", _behavior(0, "api/v1/me", ViewerProtocolPolicy="redirect-to-https")),
    ("a part of the API is the site", _behavior(1, "/a*")),
    ("some of the API's answers are the site's", _behavior(1, "*.json")),
    ("shared files are of one release", drop(_D, _C + "CacheBehaviors/1")),
    (
        "shared files are rewritten",
        put(
            _D, _C + "CacheBehaviors/1/FunctionAssociations", [{"EventType": "viewer-request", "FunctionARN": "arn:x"}]
        ),
    ),
    ("a function more sees pages", add(_D, _C + "DefaultCacheBehavior/FunctionAssociations", {"EventType": "a"})),
    (
        "Lambda@Edge sees pages",
        put(_D, _C + "DefaultCacheBehavior/LambdaFunctionAssociations", [{"EventType": "origin-request"}]),
    ),
    ("pages are cached by another policy", put(_D, _C + "DefaultCacheBehavior/CachePolicyId", "other")),
    (
        "the bucket is told everything",
        put(_D, _C + "DefaultCacheBehavior/OriginRequestPolicyId", "216adef6-5c7f-47e4-b989-5492eafa07d3"),
    ),
    ("the API takes no full set of methods", drop(_D, _C + "CacheBehaviors/0/AllowedMethods/6")),
    ("pages are for signed requests", put(_D, _C + "DefaultCacheBehavior/TrustedSigners", ["self"])),
    ("requests are streamed elsewhere", put(_D, _C + "CacheBehaviors/0/RealtimeLogConfigArn", "arn:x")),
    ("cookies are logged", put(_D, _C + "Logging/IncludeCookies", "true")),
    ("the distribution is for staging", put(_D, _C + "Staging", ON)),
    ("one country is served", put(_D, _C + "Restrictions", {"GeoRestriction": {"RestrictionType": "whitelist"}})),
    (
        "a certificate of somebody's is shown",
        put(
            _D,
            _C + "ViewerCertificate",
            {
                "AcmCertificateArn": "arn:aws:acm:us-east-1:999999999999:certificate/x",
                "MinimumProtocolVersion": "TLSv1.2_2021",
                "SslSupportMethod": "sni-only",
            },
        ),
    ),
    (
        "other origins are let in by a header",
        put(
            _SITE,
            _HEADERS + "CustomHeadersConfig",
            {"Items": [{"Header": "Access-Control-Allow-Origin", "Value": "*"}]},
        ),
    ),
    (
        "caches are not told to forget",
        put("EdgeApiHeadersPolicy", _HEADERS + "RemoveHeadersConfig", {"Items": [{"Header": "Cache-Control"}]}),
    ),
    ("answers tell how they came about", put(_SITE, _HEADERS + "ServerTimingHeadersConfig", {"Enabled": True})),
    (
        "a name of ours leads elsewhere",
        new("More", {"Type": "AWS::Route53::RecordSet", "Properties": {"Type": "CNAME"}}),
    ),
    ("a certificate for every name", new("More", {"Type": "AWS::CertificateManager::Certificate", "Properties": {}})),
    ("site files expire", add("SiteBucket", _LIFECYCLE, _expires("_next/static/"))),
    ("site files are archived", put("SiteBucket", _LIFECYCLE + "/0/Transitions", [{"StorageClass": "GLACIER"}])),
    ("the site's bucket is listed elsewhere", put("SiteBucket", _P + "InventoryConfigurations", [{"Id": "x"}])),
    ("releases are published elsewhere", _output("SiteBucketName", {"Ref": "AccessLogsBucketCD784A59"})),
    ("owners are invited elsewhere", _output("SiteUrl", "https://evil.example")),
    ("the bucket's policy is of no version", drop("SiteBucketPolicy", _P + "PolicyDocument/Version")),
    (
        "the publisher's policy is of an old version",
        put("PublisherPolicy", _P + "PolicyDocument/Version", "2008-10-17"),
    ),
    ("the rotation comes before its rights", put("OriginRotateFunction", "DependsOn", [])),
)
_FIREWALL: Changes = (
    ("everybody is stopped", add(_ACL, _P + "Rules", _stops({"GeoMatchStatement": {"CountryCodes": ["US"]}}))),
    ("people are asked for a puzzle", add(_ACL, _P + "Rules", _stops({"GeoMatchStatement": {}}, "Captcha"))),
    (
        "a group of rules is elsewhere",
        add(_ACL, _P + "Rules", _stops({"RuleGroupReferenceStatement": {"Arn": "arn:x"}})),
    ),
    ("a group of somebody's decides", add(_ACL, _P + "Rules", _group("Somebody", []))),
    (
        "a group more lets requests past",
        add(_ACL, _P + "Rules", _group("AWS", [{"Name": "LFI_URIPATH", "ActionToUse": {"Allow": {}}}])),
    ),
    (
        "large bodies pass all rules",
        put(
            _ACL,
            _RULES + "2/Statement/ManagedRuleGroupStatement/RuleActionOverrides/0/ActionToUse",
            {"Allow": {}},
        ),
    ),
    ("large webhooks are stopped", drop(_ACL, _RULES + "2/Statement/ManagedRuleGroupStatement/RuleActionOverrides")),
    (
        "a managed group stays as it was",
        put(_ACL, _RULES + "2/Statement/ManagedRuleGroupStatement/Version", "Version_1.0"),
    ),
    ("an address is what a header claims", put(_ACL, _SIGN_IN + "AggregateKeyType", "FORWARDED_IP")),
    ("a window is none of WAF's", put(_ACL, _SIGN_IN + "EvaluationWindowSec", 7)),
    (
        "a path is hashed before it is compared",
        add(
            _ACL, _SIGN_IN + "ScopeDownStatement/ByteMatchStatement/TextTransformations", {"Priority": 2, "Type": "MD5"}
        ),
    ),
    (
        "a path is decoded too late",
        put(_ACL, _SIGN_IN + "ScopeDownStatement/ByteMatchStatement/TextTransformations/0/Priority", 5),
    ),
    ("large bodies are looked for too early", put(_ACL, _RULES + "2/Priority", 9)),
    ("a rule has no priority", drop(_ACL, _RULES + "0/Priority")),
    ("two rules share a name", put(_ACL, _RULES + "4/Name", "address-rate")),
    ("who is stopped is told 200", put(_ACL, _RULES + "4/Action/Block/CustomResponse/ResponseCode", 200)),
    ("an answer is not there", drop(_ACL, _P + "CustomResponseBodies")),
    ("the firewall's log goes elsewhere, too", add("FirewallLogging", _P + "LogDestinationConfigs", "arn:x")),
)
_ML: Changes = (
    ("a new model gets every request at once", drop(_ENDPOINT, _P + "DeploymentConfig")),
    ("a new model is not taken back", drop(_ENDPOINT, _P + "DeploymentConfig/AutoRollbackConfiguration")),
    ("one alarm takes a model back", drop(_ENDPOINT, _P + "DeploymentConfig/AutoRollbackConfiguration/Alarms/0")),
    (
        "one alarm takes a model back, twice",
        put(
            _ENDPOINT,
            _P + "DeploymentConfig/AutoRollbackConfiguration/Alarms/0/AlarmName",
            ref("ForecastGuardrailsLatency"),
        ),
    ),
    ("all requests move at once", put(_ENDPOINT, _ROUTING + "Type", "ALL_AT_ONCE")),
    ("nearly all requests move at once", put(_ENDPOINT, _ROUTING + "CanarySize/Value", "95")),
    ("both instances move at once", put(_ENDPOINT, _ROUTING + "CanarySize", {"Type": "INSTANCE_COUNT", "Value": 2})),
    ("a canary is watched for a second", put(_ENDPOINT, _ROUTING + "WaitIntervalInSeconds", 1)),
    ("the old model ends at once", put(_ENDPOINT, _UPDATE + "TerminationWaitInSeconds", 0)),
    ("a deployment has no time", put(_ENDPOINT, _UPDATE + "MaximumExecutionTimeoutInSeconds", 600)),
    ("an alarm on models is gone", remove("ForecastGuardrailsErrors")),
    ("an alarm on models never fires", put("ForecastGuardrailsErrors", _P + "Threshold", 5000)),
    ("an alarm on models watches another", put("ForecastGuardrailsErrors", _P + "Dimensions/0/Value", "other")),
    ("an alarm on models sees the fastest", put("ForecastGuardrailsLatency", _P + "ExtendedStatistic", "p10")),
    ("an alarm on models takes an hour", put("ForecastGuardrailsLatency", _P + "Period", 3600)),
    ("requests are copied to another model", put(_CONFIG, _P + "ShadowProductionVariants", [{"VariantName": "s"}])),
    ("requests are kept elsewhere", put(_CONFIG, _P + "DataCaptureConfig", {"DestinationS3Uri": "s3://others"})),
    ("people sign in to instances", put(_CONFIG, _VARIANT + "EnableSSMAccess", "true")),
    ("memory is kept elsewhere", put(_CONFIG, _VARIANT + "CoreDumpConfig", {"DestinationS3Uri": "s3://others"})),
    ("two hundred instances serve", put(_CONFIG, _VARIANT + "InitialInstanceCount", 200)),
    ("the model is called by its ARN", put(_CONFIG, _VARIANT + "ModelName", att(_MODEL, "ModelArn"))),
    ("a second container answers", put(_MODEL, _P + "Containers", [{"Image": "x"}])),
    ("the model is somebody's package", put(_MODEL, _CONTAINER + "ModelPackageName", "arn:x")),
    ("other code comes first", put(_MODEL, _CONTAINER + "Environment/PYTHONPATH", "/tmp")),  # noqa: S108 - a mutant
    (
        "the image is of another framework",
        put(_MODEL, _CONTAINER + "Image", "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"),
    ),
    ("the image is of another host", put(_MODEL, _CONTAINER + "Image", "333333333333.dkr.ecr.evil.example/x:1")),
    (
        "the archive is in another account's bucket",
        put(
            _MODEL,
            _CONTAINER + "ModelDataSource/S3DataSource/S3Uri",
            f"s3://cdk-hnb659fds-assets-999999999999-us-east-1/{'0' * 64}.gz",
        ),
    ),
    ("the endpoint comes before its log", _early(_ENDPOINT, "ForecastLogs4C09E0A2")),
    ("the model comes before its rights", _early(_MODEL, "ForecastRolePolicy2C9680A0")),
    ("the model comes before its way to S3", _early(_MODEL, "ForecastSecurityGrouptopl63a5400a443239FDA87")),
    ("one subnet is out of reach", drop("ForecastRolePolicy", _P + "PolicyDocument/Statement/5/Resource/4")),
    (
        "half of the metrics are refused",
        drop("ForecastRolePolicy", _P + "PolicyDocument/Statement/4/Condition/StringEquals/cloudwatch:namespace/1"),
    ),
    ("everybody is shut out of the key", put("Key", _P + "KeyPolicy/Statement/1/Action", "kms:*")),
    (
        "nobody decrypts",
        add(
            "Key",
            _P + "KeyPolicy/Statement",
            {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*"},
        ),
    ),
    ("the key's own safety check is off", put("Key", _P + "BypassPolicyLockoutSafetyCheck", ON)),
    ("the key comes from outside", put("Key", _P + "Origin", "EXTERNAL")),
    ("operators look at another endpoint", _output("EndpointName", "flux-dev-forecast")),
    ("a notebook stands beside", new("More", {"Type": "AWS::SageMaker::NotebookInstance", "Properties": {}})),
)


def _mutants() -> Iterator[Change]:
    for layer, stack, changes in (
        ("api", "Api", _WRITING),
        ("api", "Api", _API),
        ("edge", "Frontend", _EDGE),
        ("edge", "Frontend", _FIREWALL),
        ("model", "Ml", _ML),
    ):
        for what, apply in changes:
            yield Change(layer=layer, stack=stack, what=what, apply=apply)


MUTANTS = tuple(_mutants())
