"""The catalog gate, and every table by every verb: no restaurant reaches another's rows."""

from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from .support.platform import Platform
from .support.restaurants import Restaurant, open_restaurant

TABLES = (
    "restaurants",
    "users",
    "password_links",
    "pos_connections",
    "pos_locations",
    "menu_items",
    "transactions",
    "transaction_items",
    "forecast_runs",
    "forecasts",
)
LOOKUPS = {
    "find_user_for_sign_in",
    "find_password_link",
    "find_connection_by_merchant",
    "find_connection",
    "list_active_connections",
    "list_active_restaurants",
    "count_silent_connections",
    "count_forecasts",
}


def catalog(platform: Platform, query: str) -> list[tuple[object, ...]]:
    with platform.connect_as_owner() as connection:
        return connection.execute(query).fetchall()


def fill(platform: Platform, restaurant: Restaurant) -> None:
    """One row of everything."""
    with platform.tenant(restaurant.id) as cursor:
        cursor.execute(
            "INSERT INTO password_links VALUES (%s, %s, sha256(%s), now() + interval '1 day')",
            [restaurant.id, restaurant.user_id, restaurant.email.encode()],
        )
        item = cursor.execute(
            "INSERT INTO menu_items (restaurant_id, provider, provider_item_id, name)"
            " VALUES (%s, 'square', 'soup', 'Soup') RETURNING id",
            [restaurant.id],
        ).fetchone()
        sale = cursor.execute(
            "INSERT INTO transactions"
            " (restaurant_id, provider, provider_order_id, version, state, sold_at, total_minor, currency)"
            " VALUES (%s, 'square', 'order', 1, 'completed', now(), 500, 'USD') RETURNING id",
            [restaurant.id],
        ).fetchone()
        assert item is not None
        assert sale is not None
        cursor.execute(
            "INSERT INTO transaction_items VALUES (%s, %s, 1, %s, 'Soup', 1, 500)", [restaurant.id, sale[0], item[0]]
        )
        cursor.execute(
            "INSERT INTO forecast_runs (restaurant_id, business_date, model_version) VALUES (%s, '2026-11-23', 'v1')",
            [restaurant.id],
        )
        cursor.execute(
            "INSERT INTO forecasts VALUES (%s, '2026-11-23', %s, '2026-11-23', 2, 1, 3, '{}')",
            [restaurant.id, item[0]],
        )


@pytest.fixture(scope="module")
def two(platform: Platform) -> tuple[Restaurant, Restaurant]:
    pair = open_restaurant(platform), open_restaurant(platform)
    for restaurant in pair:
        fill(platform, restaurant)
    return pair


def count(connection: psycopg.Connection[tuple[object, ...]], table: str, setting: str | None) -> int:
    """Rows that the functions' role sees with this tenant."""
    with connection.transaction():
        if setting is not None:
            connection.execute("SELECT set_config('app.restaurant_id', %s, true)", [setting])
        columns = sql.SQL("restaurant_id" if table != "restaurants" else "id")
        query = sql.SQL("SELECT {} FROM {}").format(columns, sql.Identifier(table))
        return len(connection.execute(query).fetchall())


def test_every_table_of_a_tenant_forces_row_level_security(platform: Platform) -> None:
    rows = catalog(
        platform,
        "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname <> 'alembic_version'",
    )
    assert dict(rows) == dict.fromkeys(TABLES, True)  # type: ignore[arg-type] # rows are (name, flag)


def test_every_policy_but_the_lookups_names_the_tenant_for_reading_and_writing(platform: Platform) -> None:
    tenant = "current_setting('app.restaurant_id'::text, true)"
    for table, name, roles, using, check in catalog(
        platform, "SELECT tablename, policyname, roles::text, qual, with_check FROM pg_policies"
    ):
        if name == "lookup":
            assert (roles, using, check) == ("{flux_lookup}", "true", None), table
        else:
            assert tenant in str(using), table
            assert tenant in str(check), table


def test_the_functions_role_has_no_power_and_owns_nothing(platform: Platform) -> None:
    assert catalog(
        platform,
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolcanlogin FROM pg_roles"
        " WHERE rolname IN ('flux_app', 'flux_lookup') ORDER BY rolname",
    ) == [(False, False, False, False, False, True), (False, False, False, False, False, False)]
    owned = "SELECT count(*) FROM pg_shdepend WHERE deptype = 'o' AND refobjid = 'flux_app'::regrole"
    assert catalog(platform, owned) == [(0,)]
    memberships = "SELECT count(*) FROM pg_auth_members WHERE member = 'flux_app'::regrole"
    assert catalog(platform, memberships) == [(0,)]


def test_the_master_user_is_as_weak_as_on_rds(platform: Platform) -> None:
    assert catalog(platform, "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user") == [
        (False, False)
    ]


def test_only_the_listed_lookups_run_with_other_rights_and_all_fix_their_search_path(platform: Platform) -> None:
    rows = catalog(
        platform,
        "SELECT proname, proowner::regrole::text, proconfig::text, has_function_privilege('public', oid, 'EXECUTE')"
        " FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace",
    )
    assert {row[0] for row in rows} == LOOKUPS
    assert {row[1:] for row in rows} == {("flux_lookup", '{"search_path=pg_catalog, pg_temp"}', False)}


def test_there_are_no_views_that_could_bypass_policies(platform: Platform) -> None:
    views = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')"
    assert catalog(platform, views) == [(0,)]


def test_the_lookup_role_sees_only_the_columns_that_its_functions_answer_from(platform: Platform) -> None:
    rows = catalog(
        platform,
        "SELECT table_name, column_name, privilege_type FROM information_schema.column_privileges"
        " WHERE grantee = 'flux_lookup'",
    )
    assert {row[2] for row in rows} == {"SELECT"}
    assert {f"{row[0]}.{row[1]}" for row in rows} == {
        "restaurants.id",
        "restaurants.active",
        "restaurants.created_at",
        "users.id",
        "users.restaurant_id",
        "users.email",
        "users.password_hash",
        "users.role",
        "users.active",
        "password_links.restaurant_id",
        "password_links.user_id",
        "password_links.token_hash",
        "password_links.expires_at",
        "pos_connections.id",
        "pos_connections.restaurant_id",
        "pos_connections.provider",
        "pos_connections.merchant_id",
        "pos_connections.active",
        "pos_connections.last_synced_at",
        "pos_connections.created_at",
        "forecast_runs.restaurant_id",
        "forecast_runs.business_date",
        "forecast_runs.finished_at",
    }


@pytest.mark.parametrize("table", TABLES)
def test_a_restaurant_reads_its_own_rows_and_nobody_elses(
    platform: Platform, two: tuple[Restaurant, Restaurant], table: str
) -> None:
    with platform.connect_as_functions() as connection:
        assert count(connection, table, str(two[0].id)) == 1


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("setting", [None, ""])
def test_without_a_tenant_there_are_no_rows(
    platform: Platform, two: tuple[Restaurant, Restaurant], table: str, setting: str | None
) -> None:
    del two
    with platform.connect_as_functions() as connection:
        assert count(connection, table, setting) == 0


@pytest.mark.parametrize("table", TABLES)
def test_after_a_tenants_transaction_the_connection_sees_nothing(
    platform: Platform, two: tuple[Restaurant, Restaurant], table: str
) -> None:
    with platform.connect_as_functions() as connection:
        count(connection, table, str(two[0].id))
        assert count(connection, table, None) == 0


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
@pytest.mark.parametrize("owner", [True, False], ids=["as owner", "as functions"])
def test_a_restaurant_changes_no_row_of_another(
    platform: Platform, two: tuple[Restaurant, Restaurant], table: str, verb: str, *, owner: bool
) -> None:
    key = sql.Identifier("id" if table == "restaurants" else "restaurant_id")
    statement = {
        "UPDATE": "UPDATE {table} SET {key} = {key} WHERE {key} = {other}",
        "DELETE": "DELETE FROM {table} WHERE {key} = {other}",
    }[verb]
    connect = platform.connect_as_owner if owner else platform.connect_as_functions
    with connect() as connection:
        connection.execute("SELECT set_config('app.restaurant_id', %s, true)", [str(two[0].id)])
        query = sql.SQL(statement).format(table=sql.Identifier(table), key=key, other=sql.Literal(two[1].id))
        try:
            assert connection.execute(query).rowcount == 0
        except psycopg.errors.InsufficientPrivilege:
            assert not owner  # the functions lack the verb altogether
            connection.rollback()


@pytest.mark.parametrize("table", TABLES)
def test_a_restaurant_inserts_no_row_for_another(
    platform: Platform, two: tuple[Restaurant, Restaurant], table: str
) -> None:
    mine, other = two
    with platform.connect_as_owner() as connection:
        connection.execute("SELECT set_config('app.restaurant_id', %s, true)", [str(mine.id)])
        row = connection.execute(sql.SQL("SELECT to_jsonb(t) FROM {} t").format(sql.Identifier(table))).fetchone()
        assert row is not None
        stolen = row[0] | {"id" if table == "restaurants" else "restaurant_id": str(other.id)}
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            connection.execute(
                sql.SQL("INSERT INTO {0} SELECT * FROM jsonb_populate_record(NULL::{0}, %s)").format(
                    sql.Identifier(table)
                ),
                [Jsonb(stolen)],
            )


def test_the_functions_cannot_read_password_hashes_directly(platform: Platform) -> None:
    with platform.connect_as_functions() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT password_hash FROM users")


def test_the_functions_cannot_become_the_lookup_role(platform: Platform) -> None:
    with platform.connect_as_functions() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SET ROLE flux_lookup")


def test_lookups_answer_before_a_tenant_is_known(platform: Platform, two: tuple[Restaurant, Restaurant]) -> None:
    with platform.connect_as_functions() as connection:
        for restaurant in two:
            found = connection.execute(
                "SELECT id, restaurant_id FROM find_user_for_sign_in(%s)", [restaurant.email]
            ).fetchall()
            assert found == [(restaurant.user_id, restaurant.id)]
            by_merchant = connection.execute(
                "SELECT * FROM find_connection_by_merchant('square', %s)", [restaurant.merchant_id]
            ).fetchall()
            by_id = connection.execute("SELECT * FROM find_connection(%s)", [restaurant.connection_id]).fetchall()
            assert by_merchant == by_id == [(restaurant.connection_id, restaurant.id)]


def test_lookups_leave_out_restaurants_that_are_closed(platform: Platform) -> None:
    closed = open_restaurant(platform, active=False)
    with platform.connect_as_functions() as connection:

        def ids(query: str, *parameters: object) -> set[UUID]:
            return {row[0] for row in connection.execute(query, parameters).fetchall()}

        assert not ids("SELECT id FROM find_user_for_sign_in(%s)", closed.email)
        assert not ids("SELECT id FROM find_connection_by_merchant('square', %s)", closed.merchant_id)
        assert not ids("SELECT id FROM find_connection(%s)", closed.connection_id)
        assert closed.connection_id not in ids("SELECT id FROM list_active_connections()")
        assert closed.id not in ids("SELECT id FROM list_active_restaurants()")
