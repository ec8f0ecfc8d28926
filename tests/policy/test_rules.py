"""Each rule by one weakening of production that trips it, and by what is safe and must not."""

from collections.abc import Callable, Mapping

import pytest

from policy.assembly import readings
from policy.gate import ALL_RULES, judge
from policy.model import WrittenStack
from tests.policy.mutants.change import Change, Template, both, drop, put, twin
from tests.policy.mutants.table import read

_P = "Properties/"
_FUNCTION, _VARIABLE = "FunctionsApiFunction", _P + "Environment/Variables/"
_LAYER = "arn:aws:lambda:us-east-1:464622532012:layer:Datadog-Extension:1"
WEAKENINGS = read("rules")
_BY_MANIFEST = {"STATE-STACK"}  # test_gate.py: termination protection stands in no template


def _rules(production: list[WrittenStack], change: Change) -> set[str]:
    return {finding.rule for finding in judge(readings(change.to(production)))}


@pytest.mark.parametrize("weakening", WEAKENINGS, ids=lambda weakening: str(*weakening.right))
def test_the_rule_notices_the_weakening(weakening: Change, production: list[WrittenStack]) -> None:
    assert weakening.right <= _rules(production, weakening)


def test_every_rule_is_tripped_by_something() -> None:
    tripped = {rule for weakening in WEAKENINGS for rule in weakening.right}
    assert tripped | _BY_MANIFEST == {rule.rule_id for rule in ALL_RULES}


def test_every_rule_has_its_own_id_a_source_and_a_remedy() -> None:
    assert len({rule.rule_id for rule in ALL_RULES}) == len(ALL_RULES)
    assert all(rule.source and rule.remedy for rule in ALL_RULES)


def _replica(template: Template) -> None:
    """A read replica, which has no standby, backups or owner of its own."""
    instance = "DatabaseInstance"
    twin(instance, "Replica", (_P + "SourceDBInstanceIdentifier", {"Ref": "DatabaseInstanceAA8A5FDE"}))(template)
    put("Replica", "DeletionPolicy", "Delete")(template)
    owns = ("MultiAZ", "BackupRetentionPeriod", "DeletionProtection", "DBInstanceIdentifier", "MasterUserPassword")
    for name in owns:
        drop("Replica", _P + name)(template)


# Safe additions, which no rule may refuse as such; what is missing with them is another rule's business.
SAFE: Mapping[str, tuple[str, Callable[[Template], None], set[str]]] = {
    "a read replica": ("Data", _replica, {"ALARM-MISSING"}),
    "a second function's variable with a secret's ARN": (
        "Compute",
        put(
            _FUNCTION,
            _VARIABLE + "DD_API_KEY_SECRET",
            "arn:aws:secretsmanager:us-east-1:333333333333:secret:datadog-Ab12Cd",
        ),
        set(),
    ),
    "a variable with a secret's name": ("Compute", put(_FUNCTION, _VARIABLE + "API_SECRET", "flux/prod/api-2"), set()),
    "a queue with its own dead letters": (
        "Compute",
        both(
            twin("QueuesPosSyncQueue", "SecondQueue"),
            twin("QueuesPosSyncQueuePolicy", "SecondPolicy", (_P + "Queues", [{"Ref": "SecondQueue"}])),
        ),
        {"ALARM-MISSING"},
    ),
}


@pytest.mark.parametrize("name", SAFE)
def test_what_is_safe_is_not_refused(name: str, production: list[WrittenStack]) -> None:
    stack, apply, missing = SAFE[name]
    assert _rules(production, Change(layer="", stack=stack, what="", apply=apply)) == missing


def test_a_layer_of_another_account_is_one_finding_until_it_is_known(production: list[WrittenStack]) -> None:
    names = ("FunctionsApiFunction", "FunctionsSyncFunction", "FunctionsWebhookFunction")
    change = Change(
        layer="", stack="Compute", what="", apply=both(*(put(name, _P + "Layers", [_LAYER]) for name in names))
    )
    found = [f for f in judge(readings(change.to(production))) if f.rule == "ACCOUNT-FOREIGN"]
    assert ["464622532012" in finding.message for finding in found] == [True]
