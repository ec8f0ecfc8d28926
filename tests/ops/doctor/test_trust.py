import json

from flux_infra.environments import DELIVERY, LOCAL, PROD
from ops.doctor import (
    github,
    service_roles,
)
from ops.doctor.check import State, ok
from ops.doctor.examination import ask
from tests.ops.doctor.stubs import Refusal, Reply, account_of, answering, found


def role(document: object) -> Reply:
    return {
        "Role": {
            "Path": "/",
            "RoleName": "role",
            "RoleId": "A" * 20,
            "Arn": "arn:aws:iam::333333333333:role/role",
            "CreateDate": 0,
            "AssumeRolePolicyDocument": document,
        }
    }


def test_a_service_linked_role_is_made_by_one_command() -> None:
    account = account_of(PROD)
    checks = list(service_roles.checks(account))
    with answering(account.roles, ("get_role", Refusal("NoSuchEntity")), ("get_role", role("{}"))):
        first, second = ask(account, checks[0]), ask(account, checks[1])
    assert first.state is State.TO_DO
    assert first.remedy == "aws iam create-service-linked-role --aws-service-name rds.amazonaws.com"
    assert second == ok("there")


def trust(subject: str | list[str]) -> str:
    condition = {"StringEquals": {"token.actions.githubusercontent.com:sub": subject}}
    return json.dumps({"Statement": [{"Effect": "Allow", "Condition": condition}]})


def test_a_role_that_trusts_another_repository_is_named_with_whom_it_trusts() -> None:
    account = account_of(PROD)
    right = f"repo:{DELIVERY.repository}:environment:prod"
    with answering(account.roles, ("get_role", role(trust("repo:old/name:environment:prod")))):
        answer = found(account, github.checks, "role flux-prod-deploy")
    assert (answer.state, answer.present) == (State.TO_DO, "trusts repo:old/name:environment:prod")
    with answering(account.roles, ("get_role", role(trust([right, "repo:new@1/name@2:environment:prod"])))):
        assert found(account, github.checks, "role flux-prod-deploy").state is State.OK
    assert "gh api repos/" in found(account, github.checks, "subject of GitHub's tokens").remedy
    assert list(github.checks(account_of(LOCAL))) == []
