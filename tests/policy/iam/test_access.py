"""Who may do what in production, as IAM decides it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest

from policy.model import Environment, Resource
from policy.statements import ROLE, allowing, statements
from policy.values import Json, as_list, as_map

from .addresses import arn
from .everybody import forbidden
from .request import Request
from .services import BY_ENCRYPTION_CONTEXT, SERVICES
from .simulator import Question, allowed, own_policies
from .tables import FUNCTIONS, ROLES

_EVERYTHING: Json = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def _role(prod: Environment, name: str) -> Resource:
    found = prod.find(name)
    assert found is not None, f"{name} is gone: take its table out of tables.py"
    return found


def _asked(
    prod: Environment, name: str, requests: Iterable[Request], *, policies: tuple[Json, ...] | None = None
) -> list[Question]:
    """The role's requests. Functions also pass the VPC's endpoints, which must not be what stops them from more."""
    role = _role(prod, name)
    principal = "arn:aws:iam::<account>:role/publisher" if role.type != ROLE else arn(role, prod)
    own = own_policies(prod, role) if policies is None else policies
    return [
        Question(principal=principal.replace("<account>", prod.account), request=request, policies=own)
        for request in requests
    ]


def _granted(prod: Environment, questions: list[Question]) -> list[str]:
    """Those that IAM lets through, in words."""
    answers = allowed(prod, questions)
    return [str(question.request) for question, answer in zip(questions, answers, strict=True) if answer]


@pytest.fixture(scope="module")
def answers(prod: Environment) -> Mapping[tuple[str, str], list[tuple[Request, bool]]]:
    """The answers to all tables, by role and column, from one process."""
    asked: dict[tuple[str, str], list[Question]] = {}
    for name, table in ROLES.items():
        through = [replace(question, through_vpc=name in FUNCTIONS) for question in _asked(prod, name, table.allowed)]
        asked[name, "allowed"] = through
        asked[name, "denied"] = _asked(prod, name, (*table.denied, *forbidden(prod, table.allowed)))
    for service, table in SERVICES.items():
        asked[service, "allowed"] = [Question(principal=service, request=request) for request in table.allowed]
        asked[service, "denied"] = [Question(principal=service, request=request) for request in table.denied]
    together = iter(allowed(prod, [question for questions in asked.values() for question in questions]))
    return {key: [(question.request, next(together)) for question in questions] for key, questions in asked.items()}


@pytest.mark.parametrize("who", [*ROLES, *SERVICES])
def test_what_must_be_allowed_is(who: str, answers: Mapping[tuple[str, str], list[tuple[Request, bool]]]) -> None:
    assert [str(request) for request, answer in answers[who, "allowed"] if not answer] == []


@pytest.mark.parametrize("who", [*ROLES, *SERVICES])
def test_what_must_be_denied_is(who: str, answers: Mapping[tuple[str, str], list[tuple[Request, bool]]]) -> None:
    assert answers[who, "denied"]
    assert [str(request) for request, answer in answers[who, "denied"] if answer] == []


def test_every_function_role_has_its_table(prod: Environment) -> None:
    trusted_by_lambda = {
        role.name
        for role in prod.of(ROLE)
        if any("Service:lambda.amazonaws.com" in s.principals for s in statements(role.get("AssumeRolePolicyDocument")))
    }
    assert trusted_by_lambda == set(FUNCTIONS), "add or remove its row in tests/policy/iam/tables.py"


def test_every_role_has_its_table(prod: Environment) -> None:
    tables = {name for name in ROLES if _role(prod, name).type == ROLE}
    assert {role.name for role in prod.of(ROLE)} == tables, "add or remove its row in tests/policy/iam/tables.py"


@pytest.mark.parametrize("name", ROLES)
def test_every_statement_of_a_role_is_there_for_something_in_its_table(name: str, prod: Environment) -> None:
    role, questions = _role(prod, name), []
    alone: list[Json] = [
        {"Version": "2012-10-17", "Statement": [statement]}
        for policy in own_policies(prod, role)
        for statement in as_list(as_map(policy).get("Statement"))
    ]
    for document in alone:
        questions += _asked(prod, name, ROLES[name].allowed, policies=(document,))
    answers, rows = allowed(prod, questions), len(ROLES[name].allowed)
    unused = [document for n, document in enumerate(alone) if not any(answers[n * rows : (n + 1) * rows])]
    assert unused == []


def _about(holder: Resource, prod: Environment) -> set[str]:
    """What a policy on a resource is about: what it names, or the resource that it is part of."""
    named = [text for path in ("Bucket", "FunctionName", "Queues", "Topics") for text in holder.texts(path)]
    found = [prod.find(text.replace(".Arn}", "}")) for text in named]
    return {resource.name for resource in found if resource} or {holder.name}


def test_every_service_that_a_queue_key_bucket_topic_or_function_lets_in_has_its_row(prod: Environment) -> None:
    let_in = {
        (principal.removeprefix("Service:"), name)
        for holder, _, statement in allowing(prod, "resource")
        for principal in statement.principals
        for name in _about(holder, prod)
        if principal != f"account:{prod.account}"
    }
    rows = {
        (service, "/".join(request.resource.replace(":", "/").split("/")[:2]))
        for service, table in SERVICES.items()
        for request in table.allowed
    }
    by_context = {pair for pair in let_in - rows if pair[0] in BY_ENCRYPTION_CONTEXT}
    assert let_in - by_context == rows, "add or remove its row in tests/policy/iam/services.py"
    assert {name for _, name in by_context} <= {key.name for key in prod.of("AWS::KMS::Key")}


# The simulator itself


@pytest.mark.parametrize("name", FUNCTIONS)
def test_without_its_policies_a_role_may_do_nothing_of_its_table(name: str, prod: Environment) -> None:
    assert _granted(prod, _asked(prod, name, ROLES[name].allowed, policies=())) == []


def test_a_request_is_denied_once_its_statement_is_removed(prod: Environment) -> None:
    name = "Compute/FunctionsWebhookRole"
    (policy,) = own_policies(prod, _role(prod, name))
    without = {
        **as_map(policy),
        "Statement": [s for s in as_list(as_map(policy)["Statement"]) if "sqs:SendMessage" not in str(s)],
    }
    requests = [request for request in ROLES[name].allowed if request.action.startswith("sqs:")]
    assert len(_granted(prod, _asked(prod, name, requests))) == len(requests) > 0
    assert _granted(prod, _asked(prod, name, requests, policies=(without,))) == []


def test_a_policy_that_is_too_wide_is_noticed(prod: Environment) -> None:
    """All becomes allowed, but for what no role's policy can open: plain HTTP, other accounts, grants to people."""
    name = "Compute/FunctionsWebhookRole"
    requests = [*ROLES[name].denied, *forbidden(prod, ROLES[name].allowed)]
    opened = _granted(prod, _asked(prod, name, requests, policies=(_EVERYTHING,)))
    closed = [request for request in map(str, requests) if request not in opened]
    for never in ("SecureTransport=false", ":9999", "kms:CreateGrant"):
        closed = [request for request in closed if never not in request]
    assert closed == []
    assert len(opened) > 100


def test_a_request_that_iam_does_not_know_is_an_error_and_not_a_denial(prod: Environment) -> None:
    name = "Compute/FunctionsWebhookRole"
    for request in (
        Request(action="sqs:SendMesage", resource="Compute/QueuesPosSyncQueue"),
        Request(action="sqs:SendMessage", resource="Data/SecretsTokenKeys"),
        Request(action="sqs:SendMessage", resource="Compute/QueuesPosSyncQueue", context={"kms:ViaService": "x"}),
    ):
        with pytest.raises(ValueError, match="sqs:SendMes"):
            allowed(prod, _asked(prod, name, [request]))
    with pytest.raises(LookupError, match="no such resource"):
        allowed(prod, _asked(prod, name, [Request(action="sqs:SendMessage", resource="Compute/Nowhere")]))


def test_an_endpoint_that_serves_somebody_else_stops_a_function(prod: Environment) -> None:
    name = "Compute/FunctionsWebhookRole"
    requests = [request for request in ROLES[name].allowed if request.action.startswith("sqs:")]
    elsewhere = replace(prod, stacks=tuple(replace(s, resources=tuple(map(_closed, s.resources))) for s in prod.stacks))
    questions = [replace(question, through_vpc=True) for question in _asked(prod, name, requests)]
    assert len(_granted(prod, questions)) == len(requests)
    assert _granted(elsewhere, questions) == []


def _closed(resource: Resource) -> Resource:
    if resource.type != "AWS::EC2::VPCEndpoint":
        return resource
    statement: Json = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    document: Json = {"Version": "2012-10-17", "Statement": [statement]}
    return replace(resource, properties={**resource.properties, "PolicyDocument": document})
