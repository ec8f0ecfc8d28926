"""Whatever changes in a template shows in its surface, by random changes of every environment.

`make test` makes few of them, in production; FUZZ_CHANGES says how many are made in each environment.
"""

import os
from collections import Counter
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from policy.assembly import read_stage
from policy.facts.surface import surface

from .mutants.fuzz import random_changes

pytestmark = pytest.mark.slow

COUNT = int(os.environ.get("FUZZ_CHANGES", "150"))
ENVIRONMENTS = ("dev", "local", "prod", "staging") if "FUZZ_CHANGES" in os.environ else ("prod",)

# What no line of the surface shows, because it changes nothing: how, and where; with the reason.
INERT: Mapping[str, str] = {
    "* */Metadata/aws:cdk:path": "names the construct for CDK's own tools; the surface reads it from the manifest",
    "* */Metadata/aws:cdk:do-not-refactor": "tells `cdk refactor` to leave a version alone",
    "* */Statement/*/Sid": "a statement's name",
    "* AWS::IAM::*/Policies/*/PolicyName": "an inline policy's name",
    "* AWS::CloudFront::OriginAccessControl/*/Name": "left out of the surface: policy/facts/left_out.yaml says why",
    "* AWS::CloudWatch::Alarm/*/Label": "a series' name in a graph",
    "* AWS::EC2::SecurityGroup*/Description": "a security group rule's words",
    "delete */ReturnData": "true is the default",
    "delete */DatapointsToAlarm": "the number of periods is the default",
    "delete */Fn::GetStackOutput/Region": "the stack's own region is the default",
    "add */*Tags/*": "CloudFormation refuses a tag with more than its key and its value",
    "add */Dimensions/*": "CloudFormation refuses a dimension with more than its name and its value",
    "add AWS::IAM::*/Policies/*": "CloudFormation refuses an inline policy with more than its name and its document",
    "add */*Policy": "IAM refuses a policy with an unknown element",
    "add */*PolicyDocument": "IAM refuses a policy with an unknown element",
}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_only_what_is_inert_is_left_unsaid(environment: str, written: Path) -> None:
    stacks = read_stage(written / f"assembly-Flux-{environment}")
    layers = {stack.layer: surface(stacks, only=stack.layer) for stack in stacks}
    whole, silent = surface(stacks), Counter[str]()
    for change in random_changes(stacks, count=COUNT, seed=environment):
        if any(fnmatchcase(change.what, pattern) for pattern in INERT):
            continue
        changed = change.to(stacks)
        if surface(changed, only=change.stack) == layers[change.stack] and surface(changed) == whole:
            silent[change.what] += 1
    assert silent == Counter()
