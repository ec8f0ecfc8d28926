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


@pytest.mark.parametrize("pattern", ['{ $.level = "ERROR" }', "[ip, user]", "%ERR.*%", "a-b", '"open', "a ?b"])
def test_what_is_not_evaluated_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError, match="filterPattern="):
        compile_pattern(pattern)
