from pathlib import Path

import pytest

from migrate.schema import SCRIPTS
from migrations.phases import BASE, Contract
from schema.lint import Finding, lint

from .revisions import Step, on_top

MARKER = 'contracts = Contract(stopped_using="release/2026.48", columns=("menu_items.name",))'


def rules(folder: Path, *steps: Step) -> list[str]:
    return [finding.rule for finding in findings(folder, *steps)]


def findings(folder: Path, *steps: Step) -> list[Finding]:
    real = {str(finding) for finding in lint(SCRIPTS)}
    return [finding for finding in lint(on_top(folder, *steps)) if str(finding) not in real]


def test_the_revisions_of_this_release_obey_the_rules() -> None:
    assert list(lint(SCRIPTS)) == []


def test_only_the_revisions_that_made_the_first_tables_are_exempt() -> None:
    assert sorted(BASE) == ["0001", "0002", "0003", "0004"]


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE menu_items ADD COLUMN category text",
        "ALTER TABLE menu_items ADD COLUMN category text NOT NULL DEFAULT 'other'",
        "ALTER TABLE menu_items ALTER COLUMN name SET DEFAULT 'a dish'",
        """CREATE TABLE waste (id uuid PRIMARY KEY, name text NOT NULL CHECK (length(name) > 0));
           CREATE INDEX waste_by_name ON waste (name);
           ALTER TABLE waste ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
           CREATE POLICY tenant ON waste USING (true);
           GRANT SELECT ON waste TO flux_app""",
        """CREATE FUNCTION dishes() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM menu_items $$;
           REVOKE ALL ON FUNCTION dishes() FROM PUBLIC;
           GRANT EXECUTE ON FUNCTION dishes() TO flux_app""",
        "-- the chef's DELETE FROM\nINSERT INTO menu_items (name) VALUES ('TRUNCATE; DO DELETE FROM')",
    ],
)
def test_a_revision_that_only_adds_passes(tmp_path: Path, sql: str) -> None:
    assert rules(tmp_path, Step(up=sql)) == []


TAKES_AWAY = {
    "ALTER TABLE menu_items DROP COLUMN name": "ban-drop-column",
    "DROP TABLE forecasts": "ban-drop-table",
    "DROP FUNCTION list_active_restaurants()": "ban-drop-function",
    "ALTER TABLE menu_items DROP CONSTRAINT menu_items_pkey": "ban-drop-constraint",
    "ALTER TABLE menu_items RENAME COLUMN name TO title": "renaming-column",
    "ALTER TABLE menu_items RENAME TO dishes": "renaming-table",
    "ALTER TABLE transactions ALTER COLUMN version TYPE bigint": "changing-column-type",
    "ALTER TABLE transaction_items ALTER COLUMN menu_item_id SET NOT NULL": "adding-not-nullable-field",
    "ALTER TABLE menu_items ADD COLUMN category text NOT NULL": "adding-required-field",
    "ALTER TABLE menu_items ADD CONSTRAINT short CHECK (length(name) < 9) NOT VALID": "ban-new-write-restriction",
    "DROP POLICY tenant ON menu_items": "ban-drop-policy",
    "REVOKE SELECT\nON menu_items FROM flux_app": "ban-revoke",
    "DELETE FROM forecasts": "deletes-rows",
    "TRUNCATE forecasts": "deletes-rows",
}


@pytest.mark.parametrize(("sql", "rule"), TAKES_AWAY.items())
def test_a_revision_that_takes_away_or_tightens_needs_a_marker(tmp_path: Path, sql: str, rule: str) -> None:
    found = findings(tmp_path, Step(up=sql))
    assert rule in {finding.rule for finding in found}
    assert "contracts = Contract(stopped_using=" in "".join(map(str, found))


@pytest.mark.parametrize(("sql", "rule"), TAKES_AWAY.items())
def test_with_the_marker_it_may(tmp_path: Path, sql: str, rule: str) -> None:
    assert rule not in rules(tmp_path, Step(up=sql, marker=MARKER))


@pytest.mark.parametrize("marker", ["", MARKER])
@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("CREATE INDEX by_name ON menu_items (name)", "require-concurrent-index-creation"),
        ("ALTER TABLE menu_items ADD CONSTRAINT short CHECK (length(name) < 9)", "constraint-missing-not-valid"),
        ("DO $$ BEGIN EXECUTE 'ALTER TABLE menu_items DROP COLUMN name'; END $$", "hidden-statements"),
        ("-- squawk-ignore ban-drop-column\nALTER TABLE menu_items DROP COLUMN name", "unchecked-statements"),
    ],
)
def test_what_blocks_users_or_hides_from_the_linter_is_refused_with_and_without_a_marker(
    tmp_path: Path, marker: str, sql: str, rule: str
) -> None:
    assert rule in rules(tmp_path, Step(up=sql, marker=marker))


def test_a_marker_without_need_is_refused_because_it_would_forbid_the_way_back(tmp_path: Path) -> None:
    assert rules(tmp_path, Step(up="ALTER TABLE menu_items ADD COLUMN category text", marker=MARKER)) == [
        "idle-contract"
    ]


@pytest.mark.parametrize(
    ("stopped_using", "columns", "message"),
    [
        ("soon", ("menu_items.name",), "must name the release"),
        ("release/2026.48", (), "at least one column"),
        ("release/2026.48", ("name",), r"table\.column"),
    ],
)
def test_a_marker_must_name_a_release_and_the_columns(
    stopped_using: str, columns: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Contract(stopped_using=stopped_using, columns=columns)
