import json
from typing import cast

import pytest
from aws_cdk.assertions import Match

from flux_infra.config import FUNCTIONS, Backups, FunctionSize
from tests.infra.templates import Resource, Templates, properties, whole

FUNCTION = "AWS::Lambda::Function"
# The others have tests of their own: test_rotations.py, test_probe.py.
PACKAGES = tuple(name for name in FUNCTIONS if name not in {"rotation", "probe"})
ROTATION = "rotation.handler.handler"
ROTATIONS = ("database-login", "database-owner", "cache-login", "token-key", "square-webhook")
DATABASE_USERS = ("api", "sync", "forecast", "migrate")


def function(templates: Templates, package: str) -> Resource:
    """Return the properties of one function."""
    (found,) = (f for f in properties(templates.compute, FUNCTION) if f["Handler"] == f"{package}.handler.handler")
    return found


def environment_of(templates: Templates, package: str) -> dict[str, object]:
    """Return one function's environment variables."""
    variables = cast("dict[str, dict[str, object]]", function(templates, package)["Environment"])
    return variables["Variables"]


def policy_of(templates: Templates, package: str) -> str:
    """Return what one function's role may do, as JSON."""
    role = json.dumps(function(templates, package)["Role"]).split('"')[3]
    return json.dumps(
        [p for p in properties(templates.compute, "AWS::IAM::ManagedPolicy") if role in json.dumps(p["Roles"])]
    )


def test_there_are_seven_functions_each_with_its_own_bundle_role_and_log_group(environment: Templates) -> None:
    functions = [f for f in properties(environment.compute, FUNCTION) if f["Handler"] != ROTATION]

    assert {f["Handler"] for f in functions} == {f"{package}.handler.handler" for package in PACKAGES}
    for part in ("Code", "Role", "LoggingConfig"):
        assert len({json.dumps(f[part]) for f in functions}) == len(PACKAGES)
    environment.compute.all_resources_properties(FUNCTION, {"Runtime": "python3.13", "Architectures": ["x86_64"]})


def test_functions_log_json_and_lambda_its_own_lines_in_trouble_only(environment: Templates) -> None:
    levels = {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "WARN"}
    environment.compute.all_resources_properties(FUNCTION, {"LoggingConfig": Match.object_like(levels)})
    environment.compute.all_resources_properties(FUNCTION, {"TracingConfig": Match.absent()})


@pytest.mark.parametrize("package", PACKAGES)
def test_each_function_gets_the_size_that_its_environment_gives_it(environment: Templates, package: str) -> None:
    size = cast("FunctionSize", getattr(environment.config.functions, package))

    found = function(environment, package)

    assert found["MemorySize"] == size.memory_mib
    assert found["Timeout"] == size.timeout_seconds
    assert found["ReservedConcurrentExecutions"] == size.concurrency


def test_logs_are_kept_as_long_as_configured_under_names_that_operators_type(environment: Templates) -> None:
    groups = properties(environment.compute, "AWS::Logs::LogGroup")

    assert {g["LogGroupName"] for g in groups} == {
        f"/flux/{environment.config.name}/{name}"
        for name in (
            *(package.replace("_", "-") for package in PACKAGES),
            *(f"rotate-{rotation}" for rotation in ROTATIONS),
            *(["rotate-probe"] if environment.config.objectives is True else []),
        )
    }
    assert {g["RetentionInDays"] for g in groups} == {environment.config.log_days}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_function_may_write_its_own_log_and_no_other(environment: Templates, package: str) -> None:
    log_group = function(environment, package)["LoggingConfig"]
    assert isinstance(log_group, dict)
    own = json.dumps(log_group["LogGroup"]).split('"')[3]
    policies = json.loads(policy_of(environment, package))
    statements = [
        s for policy in policies for s in policy["PolicyDocument"]["Statement"] if "logs:" in json.dumps(s["Action"])
    ]

    assert len(statements) == 1
    assert set(statements[0]["Action"]) == {"logs:CreateLogStream", "logs:PutLogEvents"}
    assert statements[0]["Resource"] == {"Fn::GetAtt": [own, "Arn"]}


def test_every_version_is_kept_so_that_live_can_go_back(environment: Templates) -> None:
    compute = environment.stage.compute
    functions = len(compute.functions.all) + len(compute.rotations.functions)
    environment.compute.resource_count_is("AWS::Lambda::Version", functions)
    environment.compute.all_resources(
        "AWS::Lambda::Version", {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
    )
    environment.compute.resource_count_is("AWS::Lambda::Alias", functions)
    environment.compute.all_resources_properties("AWS::Lambda::Alias", {"Name": "live"})


@pytest.mark.parametrize("package", DATABASE_USERS)
def test_functions_that_use_postgresql_verify_that_it_is_the_right_one(environment: Templates, package: str) -> None:
    variables = environment_of(environment, package)

    assert variables["PGSSLMODE"] == "verify-full"
    assert variables["PGSSLROOTCERT"] == "/var/task/rds-ca.pem"
    assert variables["DATABASE_NAME"] == "flux"
    assert "EndpointAddress" in json.dumps(variables["DATABASE_HOST"])
    assert "EndpointPort" in json.dumps(variables["DATABASE_PORT"])


def test_only_migrations_see_the_owners_secret(environment: Templates) -> None:
    def sees(package: str) -> bool:
        return "RefDatabaseOwner" in json.dumps(environment_of(environment, package)) + policy_of(environment, package)

    assert [package for package in PACKAGES if sees(package)] == ["migrate"]
    assert "RefDatabaseFunctions" in json.dumps(environment_of(environment, "migrate")["FUNCTIONS_DATABASE_SECRET"])


def test_no_secret_value_is_in_a_functions_environment(environment: Templates) -> None:
    assert "resolve:" not in json.dumps(properties(environment.compute, FUNCTION))


def test_roles_act_on_everything_only_for_interfaces(environment: Templates) -> None:
    for package in PACKAGES:
        (policy,) = json.loads(policy_of(environment, package))
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Resource"] == "*":
                assert {action.split(":")[0] for action in statement["Action"]} == {"ec2"}


def test_the_authorizer_and_the_gate_alone_read_the_origin_secret(environment: Templates) -> None:
    assert {p for p in PACKAGES if "RefSecretsOrigin" in policy_of(environment, p)} == {"authorizer", "release_gate"}


def test_the_authorizer_reads_no_other_secret(environment: Templates) -> None:
    (policy,) = json.loads(policy_of(environment, "authorizer"))
    reads = [s for s in policy["PolicyDocument"]["Statement"] if "secretsmanager" in json.dumps(s["Action"])]
    assert [(s["Action"], "RefSecretsOrigin" in json.dumps(s["Resource"])) for s in reads] == [
        ("secretsmanager:GetSecretValue", True)
    ]


def test_secrets_key_is_used_through_secrets_manager_only(environment: Templates) -> None:
    for package in ("api", "webhook", "migrate"):
        (policy,) = json.loads(policy_of(environment, package))
        decrypts = [s for s in policy["PolicyDocument"]["Statement"] if s["Action"] == "kms:Decrypt"]
        assert [s["Condition"] for s in decrypts] == [
            {"StringEquals": {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}}
        ]


def test_only_the_sync_worker_uses_the_pos_tokens_key(environment: Templates) -> None:
    assert [p for p in PACKAGES if "GetAttTokenKey" in policy_of(environment, p)] == ["sync"]


def test_only_who_speaks_to_square_may_leave_the_vpc_where_awss_services_are_inside_it(inside: Templates) -> None:
    open_groups = [
        group["GroupDescription"]
        for group in properties(inside.compute, "AWS::EC2::SecurityGroup")
        if '"CidrIp": "0.0.0.0/0"' in json.dumps(group)
    ]

    assert set(open_groups) == {"Flux: function rotate-square-webhook", "Flux: function sync"}
    inside.compute.has_resource_properties(
        "AWS::EC2::SecurityGroup",
        {
            "GroupDescription": "Flux: function sync",
            "SecurityGroupEgress": [Match.object_like({"CidrIp": "0.0.0.0/0", "FromPort": 443, "ToPort": 443})],
        },
    )


def test_consumers_open_the_doors_in_their_own_stack(inside: Templates) -> None:
    rules = properties(inside.compute, "AWS::EC2::SecurityGroupIngress")
    ports = sorted(cast("int", rule["FromPort"]) for rule in rules)

    # All functions call AWS, six use PostgreSQL, two use Valkey; one looks into what a drill restored.
    functions = len(properties(inside.compute, FUNCTION))
    assert ports == [443] * functions + [5433] * (6 + isinstance(inside.config.backups, Backups)) + [6380] * 2
    for rule in rules:
        assert "SourceSecurityGroupId" in rule
        assert rule["FromPort"] == rule["ToPort"]


def test_migrations_can_answer_cloudformation(environment: Templates) -> None:
    environment.compute.has_resource_properties(
        "AWS::EC2::SecurityGroupEgress",
        {
            "GroupId": {"Fn::GetAtt": [Match.string_like_regexp("Migrate"), "GroupId"]},
            "DestinationPrefixListId": "pl-63a5400a",
            "FromPort": 443,
        },
    )


def test_functions_run_in_private_subnets(environment: Templates) -> None:
    for found in properties(environment.compute, FUNCTION):
        subnets = json.dumps(cast("Resource", found["VpcConfig"])["SubnetIds"])
        assert subnets.count("VpcPrivateSubnet") == len(environment.config.network.zones)


def test_the_release_gate_knows_how_to_try_each_function(environment: Templates) -> None:
    gated = cast("dict[str, list[object]]", environment_of(environment, "release_gate")["GATED_FUNCTIONS"])
    parts = cast("list[str | dict[str, str]]", gated["Fn::Join"][1])
    text = "".join(part if isinstance(part, str) else part["Ref"] for part in parts)

    kinds = {name.removeprefix("Functions").partition("Function")[0]: kind for name, kind in json.loads(text).items()}

    assert kinds == {
        "Api": "api",
        "Webhook": "webhook",
        "Sync": "sync",
        "Forecast": "forecast",
        "Authorizer": "authorizer",
    }


def test_outputs_name_what_operators_and_tests_look_for(environment: Templates) -> None:
    outputs = cast("dict[str, object]", whole(environment.compute)["Outputs"])

    assert {
        "PosSyncQueueUrl",
        "PosSyncDeadLettersUrl",
        "ForecastQueueUrl",
        "ForecastDeadLettersUrl",
        "ApiFunctionName",
        "MigrateFunctionName",
        "NightlyRuleName",
    } <= set(outputs)
