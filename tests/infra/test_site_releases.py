"""How the site's releases reach those who open it, and who may make one."""

from collections.abc import Mapping
from typing import cast

from aws_cdk.assertions import Match

from tests.infra.frontend_template import (
    BUCKET,
    FUNCTION,
    Json,
    at,
    behavior_named,
    behavior_of,
    function_code,
    resource_types,
    site_bucket,
)
from tests.infra.templates import PROJECT, Resource, Templates, properties, resources

STORE = "AWS::CloudFront::KeyValueStore"
FRONTEND = PROJECT / "flux_infra" / "frontend"


def publisher(environment: Templates) -> Mapping[str, Resource]:
    """Return the policy of whoever publishes, by its logical id."""
    return {
        logical_id: policy
        for logical_id, policy in resources(environment.frontend, "AWS::IAM::ManagedPolicy").items()
        if "ManagedPolicyName" in cast("Resource", policy["Properties"])
    }


def test_pages_come_through_the_functions_that_know_the_live_release(environment: Templates) -> None:
    associations = cast(
        "list[Json]", behavior_named(environment.frontend, "DefaultCacheBehavior")["FunctionAssociations"]
    )

    assert {str(a["EventType"]): function_code(environment, a) for a in associations} == {
        "viewer-request": (FRONTEND / "release_request.js").read_text(),
        "viewer-response": (FRONTEND / "release_response.js").read_text(),
    }


def test_hashed_files_are_the_same_for_every_release(environment: Templates) -> None:
    behavior = behavior_of(environment.frontend, "/_next/static/*")
    pages = behavior_named(environment.frontend, "DefaultCacheBehavior")

    assert "FunctionAssociations" not in behavior
    for shared in ("TargetOriginId", "CachePolicyId", "ResponseHeadersPolicyId", "ViewerProtocolPolicy", "Compress"):
        assert behavior[shared] == pages[shared]


def test_the_api_passes_no_function_of_the_site(environment: Templates) -> None:
    assert "FunctionAssociations" not in behavior_of(environment.frontend, "/api/*")


def test_the_function_that_looks_up_the_release_reads_the_store_and_is_published(environment: Templates) -> None:
    (store_id,) = resources(environment.frontend, STORE)
    environment.frontend.has_resource_properties(
        FUNCTION,
        {
            "AutoPublish": True,
            "FunctionConfig": Match.object_like(
                {
                    "Runtime": "cloudfront-js-2.0",
                    "KeyValueStoreAssociations": [{"KeyValueStoreARN": {"Fn::GetAtt": [store_id, "Arn"]}}],
                }
            ),
        },
    )
    environment.frontend.all_resources_properties(FUNCTION, {"AutoPublish": True})


def test_no_deployment_can_change_what_is_live(environment: Templates) -> None:
    (store,) = resources(environment.frontend, STORE).values()

    assert "ImportSource" not in cast("Json", store["Properties"])
    assert not any(
        resource_type.startswith("Custom::CDKBucketDeployment") for resource_type in resource_types(environment)
    )


def test_what_is_live_outlives_the_stack_where_the_environment_does(environment: Templates) -> None:
    (store,) = resources(environment.frontend, STORE).values()
    kept = "Delete" if environment.config.ephemeral else "RetainExceptOnCreate"

    assert store["DeletionPolicy"] == kept


def test_nothing_that_an_open_tab_may_still_ask_for_expires(environment: Templates) -> None:
    site = cast("Json", resources(environment.frontend, BUCKET)[site_bucket(environment)]["Properties"])
    for rule in cast("list[Json]", at(site, "LifecycleConfiguration", "Rules")):
        assert not {"ExpirationInDays", "ExpirationDate", "Transitions"} & rule.keys()


def test_whoever_publishes_may_add_files_and_name_the_live_release_and_nothing_else(environment: Templates) -> None:
    (found,) = publisher(environment).values()
    policy = cast("Json", found["Properties"])
    statements = cast("list[Json]", cast("Json", policy["PolicyDocument"])["Statement"])
    bucket = {"Fn::GetAtt": [site_bucket(environment), "Arn"]}
    (store_id,) = resources(environment.frontend, STORE)

    assert policy["ManagedPolicyName"] == f"flux-{environment.config.name}-site-publisher"
    assert {str(s["Sid"]): (s["Action"], s["Resource"]) for s in statements} == {
        "AddAndReadBackFiles": (
            ["s3:GetObject", "s3:PutObject"],
            [{"Fn::Join": ["", [bucket, f"/{prefix}*"]]} for prefix in ("_next/static/", "releases/")],
        ),
        "ListReleases": ("s3:ListBucket", bucket),
        "NameTheLiveRelease": (
            [f"cloudfront-keyvaluestore:{action}" for action in ("DescribeKeyValueStore", "GetKey", "PutKey")],
            {"Fn::GetAtt": [store_id, "Arn"]},
        ),
        "FindBucketAndStore": ("cloudformation:DescribeStacks", {"Ref": "AWS::StackId"}),
    }


def test_whoever_publishes_finds_bucket_store_and_policy_in_the_outputs(environment: Templates) -> None:
    (store_id,) = resources(environment.frontend, STORE)
    (policy_id,) = publisher(environment)

    environment.frontend.has_output("SiteBucketName", {"Value": {"Ref": site_bucket(environment)}})
    environment.frontend.has_output("SiteReleasesArn", {"Value": {"Fn::GetAtt": [store_id, "Arn"]}})
    environment.frontend.has_output("SitePublisherPolicyArn", {"Value": {"Ref": policy_id}})


def test_a_ephemeral_environments_buckets_are_emptied_before_they_are_deleted(environment: Templates) -> None:
    emptied = {str(p["BucketName"]) for p in properties(environment.frontend, "Custom::S3AutoDeleteObjects")}
    buckets = {str({"Ref": logical_id}) for logical_id in resources(environment.frontend, BUCKET)}

    assert emptied == (buckets if environment.config.ephemeral else set())
