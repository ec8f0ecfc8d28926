"""CloudWatch Logs User Guide, "Filter pattern syntax for metric filters, subscription filters, filter log events"."""

import pytest

from local_aws.telemetry.filter_pattern import PatternError, compile_pattern


@pytest.mark.parametrize(
    ("pattern", "message", "matches"),
    [
        ("", "anything", True),
        ("ERROR", "[ERROR 400] BAD REQUEST", True),
        ("ERROR", "[error 400] bad request", False),
        ("ERROR REQUEST", "[ERROR 400] BAD REQUEST", True),
        ("ERROR TIMEOUT", "[ERROR 400] BAD REQUEST", False),
        ("?TIMEOUT ?REQUEST", "[ERROR 400] BAD REQUEST", True),
        ("ERROR -REQUEST", "[ERROR 400] BAD REQUEST", False),
        ('"BAD REQUEST"', "[ERROR 400] BAD REQUEST", True),
        ('"REQUEST BAD"', "[ERROR 400] BAD REQUEST", False),
        ('-"d-3FK7QX2LM"', "deployment d-3FK7QX2LM", False),
    ],
)
def test_terms_are_matched_as_documented(pattern: str, message: str, *, matches: bool) -> None:
    assert compile_pattern(pattern)(message) is matches


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ('{ $.eventType = "UpdateTrail" }', True),
        ('{ $.eventType = "Update*" }', True),
        ('{ $.eventType != "UpdateTrail" }', False),
        ('{ $.eventType = "updatetrail" }', False),
        ("{ $.sourceIPAddress != 123.123.* }", True),
        ('{ $.user.id = 1 && $.user.email = "John.Stiles@example.com" }', True),
        ('{ $.user.email = "nobody" || $.user.id = 1 && $.arrayKey != "x" }', True),
        ('{ ($.user.email = "nobody" || $.user.id = 1) && $.eventType = "Other" }', False),
        ('{ $.missing != "x" }', False),
    ],
)
def test_properties_of_json_are_matched_as_documented(pattern: str, *, matches: bool) -> None:
    message = (
        '{"eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111", "arrayKey": ["value"], '
        '"user": {"id": 1, "email": "John.Stiles@example.com"}}'
    )
    assert compile_pattern(pattern)(message) is matches
    assert not compile_pattern(pattern)("no JSON at all")


@pytest.mark.parametrize(
    "pattern", ["{ $.size > 5 }", "{ $.level = }", '{ $.a = "b"', "[ip, user]", "%ERR.*%", "a-b", '"open', "a ?b"]
)
def test_what_is_not_evaluated_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError, match="filterPattern="):
        compile_pattern(pattern)
