"""IAM's own evaluation, offline: identity policies, the resource's policy, and the VPC endpoint on the way.

By npm's @cloud-copilot/iam-simulate, which knows AWS's actions, kinds of resources and condition keys. Its licence
is the AGPL: only these tests run it, and nothing that is shipped contains it.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from build.tools import node
from policy.model import Environment, Resource
from policy.statements import POLICIES, permission_statement
from policy.values import Json, as_list, as_map

from .addresses import address, addressed, fill
from .request import Request

_SCRIPT = Path(__file__).with_name("simulate.mjs")

# Where a resource says who may use it: its policy's type, and the property that names the resource.
_RESOURCE_POLICIES = {
    "AWS::S3::BucketPolicy": "Bucket",
    "AWS::SNS::TopicPolicy": "Topics",
    "AWS::SQS::QueuePolicy": "Queues",
}

_REGIONS = ("<region>", "<copy-region>")

# Endpoints whose name is not that of the action's service.
_ENDPOINTS = {"sagemaker": "sagemaker.runtime"}

# The Service Authorization Reference gives this action no resource, though it has one: its deployment group
# (CodeDeploy User Guide, "Create your Lambda lifecycle hook function"; CDK grants it so, too).
_UNLISTED = {"codedeploy:PutLifecycleEventHookExecutionStatus"}


@dataclass(frozen=True, kw_only=True)
class Question:
    """Whether IAM lets somebody make a request.

    principal: a role's ARN or a service's name. policies: the role's own. through_vpc: whether the call also passes
    the VPC's endpoint for its service, as calls of functions do.
    """

    principal: str
    request: Request
    policies: tuple[Json, ...] = ()
    through_vpc: bool = False


def own_policies(environment: Environment, role: Resource) -> tuple[Json, ...]:
    """Return what a role's policies say, AWS's own left out: no template holds those. A managed policy is its own."""
    if role.type == "AWS::IAM::ManagedPolicy":
        return (addressed(role.get("PolicyDocument"), environment),)
    held = [policy.get("PolicyDocument") for policy in role.items("Policies")] + [
        policy.get("PolicyDocument")
        for policy in environment.of(*POLICIES)
        if role.refers() in policy.texts("Roles") or policy.refers() in role.texts("ManagedPolicyArns")
    ]
    return tuple(addressed(document, environment) for document in held)


def allowed(environment: Environment, questions: Sequence[Question]) -> list[bool]:
    """Answer every question, in one process.

    Raises:
        ValueError: one of them makes no sense to IAM; the message says which and why.
    """
    simulations = [_simulation(environment, question) for question in questions]
    ran = subprocess.run(
        [node(), str(_SCRIPT)], input=json.dumps(simulations), capture_output=True, text=True, check=False, timeout=120
    )
    if ran.returncode:
        raise RuntimeError(f"{_SCRIPT.name} failed, so nothing was simulated: {ran.stderr}")
    answers = cast("list[Mapping[str, Json]]", json.loads(ran.stdout))
    for question, answer in zip(questions, answers, strict=True):
        unknown = sorted(set(cast("list[str]", answer.get("ignored", []))) & set(question.request.context))
        if "error" in answer or unknown:
            why = f"IAM has no condition key {unknown} for it" if unknown else json.dumps(answer["error"])
            raise ValueError(f"{question.request}: {why}")
    return [answer["result"] == "Allowed" for answer in answers]


def _simulation(environment: Environment, question: Question) -> Json:
    request = question.request
    endpoints = _endpoint_policies(environment, request) if question.through_vpc else []
    simulation: dict[str, Json] = {
        "unlisted": request.action in _UNLISTED,
        "request": {
            "principal": question.principal,
            "action": request.action,
            "resource": {"resource": address(request.resource, environment), "accountId": environment.account},
            "contextVariables": {
                "aws:PrincipalAccount": environment.account,
                "aws:SecureTransport": "true",
                "s3:TlsVersion": "1.3",
                **{key: address(value, environment) for key, value in request.context.items()},
            },
        },
        "identityPolicies": [
            {"name": f"policy {number}", "policy": policy} for number, policy in enumerate(question.policies)
        ],
        "serviceControlPolicies": [],
        "resourceControlPolicies": [],
    }
    if endpoints:
        simulation["vpcEndpointPolicies"] = endpoints
    policy = _resource_policy(environment, request)
    if policy is not None:
        simulation["resourcePolicy"] = policy
    return simulation


def _resource_policy(environment: Environment, request: Request) -> Json:
    """Return the policy of the very resource that a request names, if it has one."""
    name = request.resource.replace(":", "/", 1) if request.resource[:4] != "arn:" else ""
    resource = environment.find("/".join(name.split("/")[:2]))
    if resource is None:
        ours = tuple(fill(f"arn:aws:kms:{region}:<account>:key/", environment) for region in _REGIONS)
        return _default_key_policy(environment) if address(request.resource, environment).startswith(ours) else None
    if resource.type == "AWS::KMS::Key":
        return addressed(resource.get("KeyPolicy"), environment)
    for policy in environment.of(*_RESOURCE_POLICIES):
        if resource.refers() in policy.texts(_RESOURCE_POLICIES[policy.type]):
            return addressed(policy.get("PolicyDocument"), environment)
    return _invocation_policy(environment, resource)


def _default_key_policy(environment: Environment) -> Json:
    """Return what a key has that nobody gave a policy: the account's own policies decide (KMS Developer Guide)."""
    account = {"AWS": fill("arn:aws:iam::<account>:root", environment)}
    statement: Json = {"Effect": "Allow", "Principal": account, "Action": "kms:*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _invocation_policy(environment: Environment, resource: Resource) -> Json:
    """Return the policy that a function's permissions add up to, each for what it says it is for."""
    about = {resource.refers(), resource.refers("Arn")}
    permissions = [p for p in environment.of("AWS::Lambda::Permission") if p.text("FunctionName") in about]
    found: list[Json] = [addressed(permission_statement(permission), environment) for permission in permissions]
    return {"Version": "2012-10-17", "Statement": found} if found else None


def _endpoint_policies(environment: Environment, request: Request) -> list[Json]:
    service = request.action.split(":")[0]
    name = fill(f"com.amazonaws.<region>.{_ENDPOINTS.get(service, service)}", environment)
    return [
        {"name": endpoint.name, "policy": _for_everybody(addressed(endpoint.get("PolicyDocument"), environment))}
        for endpoint in environment.of("AWS::EC2::VPCEndpoint")
        if endpoint.text("ServiceName") == name
    ]


def _for_everybody(policy: Json) -> Json:
    """The same policy with `*` for `{"AWS": "*"}`: IAM reads both alike, the simulator knows only one of them here."""
    statements: list[Json] = [
        {**as_map(statement), "Principal": "*"} if as_map(statement).get("Principal") == {"AWS": "*"} else statement
        for statement in as_list(as_map(policy).get("Statement"))
    ]
    return {**as_map(policy), "Statement": statements}
