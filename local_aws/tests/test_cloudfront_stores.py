"""CloudFront functions that read a key value store, on AWS on this machine."""

import httpx

from ops.site_pointer import Pointer

from .stacks import CloudFormation, Resources, attribute

CODE = """
import cf from 'cloudfront';

const store = cf.kvs();

async function handler(event) {
  const known = await store.exists('live');
  const live = known ? await store.get('live', { format: 'json' }) : { release: 'none' };
  return { statusCode: 200, headers: {}, body: { encoding: 'text', data: live.release } };
}
"""


def distribution(code: str, *, name: str) -> Resources:
    function = {
        "Type": "AWS::CloudFront::Function",
        "Properties": {
            "Name": name,
            "AutoPublish": True,
            "FunctionCode": code,
            "FunctionConfig": {
                "Comment": "",
                "Runtime": "cloudfront-js-2.0",
                "KeyValueStoreAssociations": [{"KeyValueStoreARN": attribute("Store", "Arn")}],
            },
        },
    }
    behavior = {
        "TargetOriginId": "nowhere",
        "ViewerProtocolPolicy": "allow-all",
        "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
        "FunctionAssociations": [
            {"EventType": "viewer-request", "FunctionARN": attribute("Function", "FunctionARN")},
        ],
    }
    origin = {
        "Id": "nowhere",
        "DomainName": "nowhere.invalid",
        "CustomOriginConfig": {"OriginProtocolPolicy": "http-only"},
    }
    return {
        "Store": {"Type": "AWS::CloudFront::KeyValueStore", "Properties": {"Name": name}},
        "Function": function,
        "Distribution": {
            "Type": "AWS::CloudFront::Distribution",
            "Properties": {
                "DistributionConfig": {"Enabled": True, "DefaultCacheBehavior": behavior, "Origins": [origin]}
            },
        },
    }


def test_a_function_reads_what_was_written_last(cloudformation: CloudFormation) -> None:
    wanted = {"Store": attribute("Store", "Arn"), "Domain": attribute("Distribution", "DomainName")}
    outputs = cloudformation.create("releases", distribution(CODE, name="releases"), wanted)
    aws = cloudformation.aws
    pointer = Pointer(aws.session(), store_arn=outputs["Store"], endpoint_url=aws.url)

    def page() -> str:
        return httpx.get(aws.url, headers={"host": outputs["Domain"]}, timeout=10).raise_for_status().text

    assert page() == "none"
    assert pointer.read().live is None
    for release, previous in (("r1", None), ("r2", "r1")):
        assert pointer.write(release, ["index.html"], seen=pointer.read()).previous == previous
        assert page() == release


def test_a_function_that_asks_for_an_unknown_key_fails_as_on_aws(cloudformation: CloudFormation) -> None:
    code = CODE.replace("await store.exists('live')", "true")
    wanted = {"Domain": attribute("Distribution", "DomainName")}
    outputs = cloudformation.create("failing", distribution(code, name="failing"), wanted)

    answer = httpx.get(cloudformation.aws.url, headers={"host": outputs["Domain"]}, timeout=10)
    assert answer.status_code == 503
