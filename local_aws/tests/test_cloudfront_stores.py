"""CloudFront functions that read a key value store, on AWS on this machine."""

import json
from urllib.parse import quote

import httpx

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
    outputs = cloudformation.create("stores", distribution(CODE, name="stores"), wanted)
    aws = cloudformation.aws
    # By hand: boto3 signs this service with SigV4A, and puts the account before the host's name.
    store = f"{aws.url}/key-value-stores/{quote(outputs['Store'], safe='')}"
    scope = "AWS4-HMAC-SHA256 Credential=tests/20260101/us-east-1/cloudfront-keyvaluestore/aws4_request"

    def page() -> str:
        return httpx.get(aws.url, headers={"host": outputs["Domain"]}, timeout=10).raise_for_status().text

    assert page() == "none"
    for release in ("r1", "r2"):
        version = httpx.get(store, headers={"authorization": scope}).raise_for_status().headers["etag"]
        headers = {"authorization": scope, "if-match": version}
        value = {"Value": json.dumps({"release": release})}
        httpx.put(f"{store}/keys/live", json=value, headers=headers).raise_for_status()
        assert page() == release


def test_a_function_that_asks_for_an_unknown_key_fails_as_on_aws(cloudformation: CloudFormation) -> None:
    code = CODE.replace("await store.exists('live')", "true")
    wanted = {"Domain": attribute("Distribution", "DomainName")}
    outputs = cloudformation.create("failing", distribution(code, name="failing"), wanted)

    answer = httpx.get(cloudformation.aws.url, headers={"host": outputs["Domain"]}, timeout=10)
    assert answer.status_code == 503
