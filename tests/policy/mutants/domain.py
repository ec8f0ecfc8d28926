"""Weakenings of a domain of our own, in a production that has one: no environment of the repository does."""

from collections.abc import Callable, Iterator

from .change import OFF, Change, Json, Template, add, drop, new, put, remove

_P = "Properties/"
_KEY, _CAA = "DomainSigningKey", _P + "ResourceRecords"
_OTHER_ZONE: Json = {
    "Type": "AWS::Route53::DNSSEC",
    "Properties": {"HostedZoneId": "ZANOTHER"},
    "DeletionPolicy": "Retain",
}

_DOMAIN: tuple[tuple[str, Callable[[Template], None]], ...] = (
    ("the zone is not signed", remove("DomainSigningDnssec")),
    ("the zone has no key-signing key", remove("DomainSigningKeySigningKey")),
    ("the key-signing key is idle", put("DomainSigningKeySigningKey", _P + "Status", "INACTIVE")),
    ("another zone gets the key", put("DomainSigningKeySigningKey", _P + "HostedZoneId", "ZANOTHER")),
    ("another zone is signed", put("DomainSigningDnssec", _P + "HostedZoneId", "ZANOTHER")),
    ("one more zone is signed", new("Another", _OTHER_ZONE)),
    (
        "a key of somebody else signs",
        put(
            "DomainSigningKeySigningKey",
            _P + "KeyManagementServiceArn",
            "arn:aws:kms:us-east-1:999999999999:key/11111111-2222-3333-4444-555555555555",
        ),
    ),
    ("signing ends with its stack", put("DomainSigningDnssec", "DeletionPolicy", "Delete")),
    ("the key-signing key ends with its stack", drop("DomainSigningKeySigningKey", "DeletionPolicy")),
    ("the key is replaced and deleted", drop(_KEY, "UpdateReplacePolicy")),
    ("the key is of a kind that Route 53 cannot use", put(_KEY, _P + "KeySpec", "RSA_2048")),
    ("the key encrypts instead of signing", put(_KEY, _P + "KeyUsage", "ENCRYPT_DECRYPT")),
    ("the key is disabled", put(_KEY, _P + "Enabled", OFF)),
    ("Route 53 may not sign", drop(_KEY, _P + "KeyPolicy/Statement/1")),
    ("every zone may be signed with the key", drop(_KEY, _P + "KeyPolicy/Statement/1/Condition/ArnEquals")),
    ("every account's zones may be", drop(_KEY, _P + "KeyPolicy/Statement/1/Condition/StringEquals")),
    ("grants are for anybody", drop(_KEY, _P + "KeyPolicy/Statement/2/Condition")),
    ("every principal signs", put(_KEY, _P + "KeyPolicy/Statement/1/Principal", "*")),
    ("anybody issues certificates", remove("DomainAuthority")),
    ("one more authority issues certificates", add("DomainAuthority", _CAA, '0 issue "letsencrypt.org"')),
    ("another authority issues certificates", put("DomainAuthority", _CAA + "/0", '0 issue "letsencrypt.org"')),
    ("wildcards may be issued", drop("DomainAuthority", _CAA + "/1")),
    ("nobody hears of refused certificates", drop("DomainAuthority", _CAA + "/2")),
    ("the authority is named for another name", put("DomainAuthority", _P + "Name", "other.flux.example.")),
)
_MONITORING: tuple[tuple[str, Callable[[Template], None]], ...] = (
    ("nobody hears that signing fails", remove("DomainDnssecFailure")),
    ("nobody hears that the key is out of reach", drop("DomainDnssecKey", _P + "AlarmActions")),
    (
        "the alarm watches another zone",
        put("DomainDnssecKey", _P + "Metrics/0/MetricStat/Metric/Dimensions/0/Value", "ZANOTHER"),
    ),
    ("the alarm takes a day", put("DomainDnssecKey", _P + "EvaluationPeriods", 6)),
)
_STRICTER: tuple[tuple[str, Callable[[Template], None]], ...] = (
    ("the key's words", put(_KEY, _P + "Description", "Other words")),
    ("the record's life", put("DomainAuthority", _P + "TTL", 300)),
    (
        "records in another order",
        put(
            "DomainAuthority",
            _P + "ResourceRecords",
            [
                '0 iodef "mailto:security@flux.app"',
                '0 issuewild ";"',
                '0 issue "amazon.com"',
            ],
        ),
    ),
)


def _changes(stack: str, changes: tuple[tuple[str, Callable[[Template], None]], ...]) -> Iterator[Change]:
    for what, apply in changes:
        yield Change(layer="domain", stack=stack, what=what, apply=apply)


MUTANTS = (*_changes("Frontend", _DOMAIN), *_changes("Monitoring", _MONITORING))
HARMLESS = tuple(_changes("Frontend", _STRICTER))
