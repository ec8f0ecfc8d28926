"""What tests of the frontend layer look for in its template."""

from typing import cast

from aws_cdk.assertions import Template

from tests.infra.templates import Templates, properties, resources

BUCKET = "AWS::S3::Bucket"
DISTRIBUTION = "AWS::CloudFront::Distribution"
FUNCTION = "AWS::CloudFront::Function"
WEB_ACL = "AWS::WAFv2::WebACL"

type Json = dict[str, object]


def at(value: object, *path: str) -> object:
    for key in path:
        value = cast("Json", value)[key]
    return value


def joined(value: object) -> list[object]:
    return cast("dict[str, list[list[object]]]", value)["Fn::Join"][1]


def distribution_config(template: Template) -> Json:
    (distribution,) = properties(template, DISTRIBUTION)
    return cast("Json", distribution["DistributionConfig"])


def behavior_named(template: Template, name: str) -> Json:
    return cast("Json", distribution_config(template)[name])


def behavior_of(template: Template, pattern: str) -> Json:
    behaviors = cast("list[Json]", distribution_config(template)["CacheBehaviors"])
    (behavior,) = (b for b in behaviors if b["PathPattern"] == pattern)
    return behavior


def function_code(environment: Templates, association: Json) -> object:
    (function_id, _) = cast("list[str]", cast("Json", association["FunctionARN"])["Fn::GetAtt"])
    return at(resources(environment.frontend, FUNCTION)[function_id], "Properties", "FunctionCode")


def resource_types(environment: Templates) -> set[str]:
    return {str(resource["Type"]) for resource in resources(environment.frontend).values()}


def origin_of(template: Template, behavior: Json) -> Json:
    origins = cast("list[Json]", distribution_config(template)["Origins"])
    (origin,) = (o for o in origins if o["Id"] == behavior["TargetOriginId"])
    return origin


def rules_of(template: Template) -> list[Json]:
    (acl,) = properties(template, WEB_ACL)
    return cast("list[Json]", acl["Rules"])


def rule_of(template: Template, name: str) -> Json:
    (rule,) = (r for r in rules_of(template) if r["Name"] == name)
    return rule


def site_bucket(environment: Templates) -> str:
    buckets = resources(environment.frontend, BUCKET)
    (site,) = (i for i, r in buckets.items() if "LoggingConfiguration" in cast("Json", r["Properties"]))
    return site


def log_bucket(environment: Templates) -> str:
    (logs,) = set(resources(environment.frontend, BUCKET)) - {site_bucket(environment)}
    return logs
