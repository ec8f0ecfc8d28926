"""What a revision may not do to the release before it: squawk's rules, and what squawk does not look into."""

import re
from collections.abc import Mapping

# What breaks a release that still uses the thing: only a contract revision may do it.
CONTRACT = frozenset(
    {
        "adding-not-nullable-field",
        "adding-required-field",
        "ban-drop-column",
        "ban-drop-constraint",
        "ban-drop-default",
        "ban-drop-domain",
        "ban-drop-function",
        "ban-drop-not-null",  # a reader that never met NULL meets it
        "ban-drop-policy",
        "ban-drop-schema",
        "ban-drop-sequence",
        "ban-drop-table",
        "ban-drop-type",
        "ban-drop-view",
        "ban-new-write-restriction",
        "ban-replace-view-function",
        "ban-revoke",
        "ban-set-schema",
        "changing-column-type",
        "deletes-rows",
        "renaming-column",
        "renaming-object",
        "renaming-table",
    }
)

# Rules that squawk has and does not apply unless it is asked.
OPT_IN = (
    "ban-drop-policy",
    "ban-new-write-restriction",
    "ban-replace-view-function",
    "ban-revoke",
    "ban-set-schema",
)

# Ours, each found by a pattern in the SQL outside comments and quotes.
OWN: Mapping[str, tuple[re.Pattern[str], str]] = {
    "deletes-rows": (
        re.compile(r"\b(TRUNCATE|DELETE\s+FROM)\b", re.IGNORECASE),
        "rows that the release before may read are deleted",
    ),
    "hidden-statements": (
        re.compile(r"(^|;)\s*DO\b", re.IGNORECASE),
        "nobody can check the statements inside a DO block; write them out",
    ),
}

# Whichever begins first: an apostrophe in a comment opens no literal, and dashes in a literal no comment.
_TEXT = re.compile(r"(?P<comment>--[^\n]*|/\*.*?\*/)|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$|'(?:[^']|'')*'", re.DOTALL)


def is_harmless(rule: str, statement: str) -> bool:
    """Whether squawk's finding is one that no release notices.

    - A new column that must not be NULL has a default for those who do not know it.
    - What PUBLIC loses on a new function, or its first owner, nobody had before; only `flux_app` is a release's role.
    """
    if rule == "ban-new-write-restriction":
        return re.search(r"\bADD\s+COLUMN\b.*\bDEFAULT\b", statement, re.IGNORECASE | re.DOTALL) is not None
    if rule == "ban-revoke":
        return re.search(r"\bREVOKE\b.*\bFROM\b.*\bflux_app\b", statement, re.IGNORECASE | re.DOTALL) is None
    return False


def statements(sql: str) -> str:
    """The SQL without comments and without the content of literals and function bodies."""
    return _TEXT.sub(lambda text: "" if text["comment"] else "''", sql)
