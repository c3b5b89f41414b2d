"""check_database names each thing that a role may do and should not, or must do and can't."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from monitoring.database import checks, connecting
from monitoring.database import roles as looking
from monitoring.health.registry import Degraded


@pytest.fixture
def given(roles, as_superuser):
    """Gives a right for the time of a test: given("GRANT … TO {site}", "REVOKE …")."""
    undo = []

    def give(statement, back):
        names = {
            role: f"{roles.prefix}_{role}"
            for role in ("owner", "site", "reader", "backup", "maintenance")
        }
        as_superuser(statement.format(**names))
        undo.append(back.format(**names))

    yield give
    for back in reversed(undo):
        as_superuser(back)
    roles.give()  # who owned a table for a moment has lost its rights on it


def test_it_works(as_site):
    out = io.StringIO()
    call_command("check_database", stdout=out)
    assert out.getvalue() == "Each role of the database may do what it must, and no more.\n"


@pytest.mark.parametrize(
    ("statement", "back", "said"),
    [
        (
            "ALTER ROLE {site} SUPERUSER",
            "ALTER ROLE {site} NOSUPERUSER",
            "site is a superuser: it can switch off triggers and run programs on the server.",
        ),
        (
            "ALTER ROLE {site} CREATEROLE",
            "ALTER ROLE {site} NOCREATEROLE",
            "site can make roles.",
        ),
        (
            "ALTER ROLE {site} CREATEDB",
            "ALTER ROLE {site} NOCREATEDB",
            "site can make databases.",
        ),
        (
            "ALTER ROLE {maintenance} BYPASSRLS",
            "ALTER ROLE {maintenance} NOBYPASSRLS",
            "maintenance passes by row security.",
        ),
        (
            "ALTER ROLE {reader} REPLICATION",
            "ALTER ROLE {reader} NOREPLICATION",
            "reader can copy the whole server.",
        ),
        (
            "GRANT pg_execute_server_program TO {site}",
            "REVOKE pg_execute_server_program FROM {site}",
            "site is a member of pg_execute_server_program.",
        ),
        (
            "GRANT pg_write_server_files TO {owner}",
            "REVOKE pg_write_server_files FROM {owner}",
            "owner is a member of pg_write_server_files.",
        ),
        (
            "GRANT SET ON PARAMETER session_replication_role TO {site}",
            "REVOKE ALL ON PARAMETER session_replication_role FROM {site}",
            "site may set session_replication_role.",
        ),
        (
            "GRANT EXECUTE ON FUNCTION pg_read_file(text) TO {site}",
            "REVOKE EXECUTE ON FUNCTION pg_read_file(text) FROM {site}",
            "site may call pg_read_file.",
        ),
        (
            "GRANT CREATE ON SCHEMA public TO PUBLIC",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            "site may make tables and functions in the schema public.",
        ),
        (
            "GRANT DELETE, TRUNCATE ON audit_entry, audit_seal TO {site}",
            "REVOKE DELETE, TRUNCATE ON audit_entry, audit_seal FROM {site}",
            "site may DELETE, TRUNCATE on audit_entry, audit_seal.",
        ),
        (
            "GRANT UPDATE (action) ON audit_entry TO PUBLIC",
            "REVOKE UPDATE (action) ON audit_entry FROM PUBLIC",
            "site may UPDATE on audit_entry.",
        ),
        (
            "GRANT TRIGGER, MAINTAIN ON django_session TO {site}",
            "REVOKE TRIGGER, MAINTAIN ON django_session FROM {site}",
            "site may MAINTAIN, TRIGGER on django_session.",
        ),
        (
            "REVOKE DELETE ON django_session FROM {site}",
            "GRANT DELETE ON django_session TO {site}",
            "site lacks DELETE on django_session.",
        ),
        (
            "REVOKE EXECUTE ON FUNCTION partition_drop(text, date) FROM {site}",
            "GRANT EXECUTE ON FUNCTION partition_drop(text, date) TO {site}",
            "site lacks EXECUTE on public.partition_drop(text, date).",
        ),
        (
            "GRANT USAGE, UPDATE ON SEQUENCE audit_entry_id_seq TO {site}",
            "REVOKE USAGE, UPDATE ON SEQUENCE audit_entry_id_seq FROM {site}",
            "site may UPDATE, USAGE on audit_entry_id_seq.",
        ),
        (
            "GRANT SELECT ON SEQUENCE alerts_alert_id_seq TO {reader}",
            "REVOKE SELECT ON SEQUENCE alerts_alert_id_seq FROM {reader}",
            "reader may SELECT on alerts_alert_id_seq.",
        ),
        (
            "REVOKE SELECT ON SEQUENCE audit_entry_id_seq FROM {site}",
            "GRANT SELECT ON SEQUENCE audit_entry_id_seq TO {site}",
            "site lacks SELECT on audit_entry_id_seq.",
        ),
        (
            "GRANT SELECT ON pg_authid TO {site}",
            "REVOKE SELECT ON pg_authid FROM {site}",
            "site may SELECT on pg_catalog.pg_authid.",
        ),
        (
            "CREATE VIEW mine AS SELECT * FROM audit_entry; GRANT UPDATE ON mine TO {site}",
            "DROP VIEW mine",
            "site may UPDATE on mine.",
        ),
        (
            "CREATE SCHEMA other; GRANT USAGE ON SCHEMA other TO PUBLIC;"
            " CREATE TABLE other.kept (id int); GRANT SELECT, DELETE ON other.kept TO {site}",
            "DROP SCHEMA other CASCADE",
            "site may DELETE, SELECT on other.kept.",
        ),
        (
            "CREATE SCHEMA other; GRANT USAGE ON SCHEMA other TO PUBLIC;"
            " CREATE SEQUENCE other.kept; GRANT UPDATE ON SEQUENCE other.kept TO PUBLIC",
            "DROP SCHEMA other CASCADE",
            "maintenance may UPDATE on other.kept.",
        ),
        (
            "CREATE FUNCTION mine(int) RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT $1'",
            "DROP FUNCTION mine(int)",
            "site may call mine(integer), which runs as its owner.",
        ),
        (
            "GRANT EXECUTE ON FUNCTION partition_drop(text, date) TO {backup}",
            "REVOKE EXECUTE ON FUNCTION partition_drop(text, date) FROM {backup}",
            "backup may call partition_drop(text,date), which runs as its owner.",
        ),
        (
            "GRANT SELECT ON members_member TO {reader}",
            "REVOKE SELECT ON members_member FROM {reader}",
            "reader may SELECT on members_member.",
        ),
        (
            "GRANT INSERT ON audit_entry TO {backup}",
            "REVOKE INSERT ON audit_entry FROM {backup}",
            "backup may INSERT on audit_entry.",
        ),
        (
            "ALTER TABLE audit_entry OWNER TO {site}",
            "ALTER TABLE audit_entry OWNER TO {owner}",
            "site owns 1 tables: it can drop them, and switch off the triggers that keep the audit"
            " trail.",
        ),
    ],
)
def test_named(as_site, given, statement, back, said):
    given(statement, back)
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("check_database", stdout=out)
    assert f"{as_site}_{said}" in out.getvalue().splitlines()


def test_what_it_could_only_do_in_a_schema_that_is_closed_to_it(as_site, given):
    given(
        "CREATE SCHEMA other; CREATE TABLE other.kept (id int); GRANT ALL ON other.kept TO {site}",
        "DROP SCHEMA other CASCADE",
    )
    assert looking.faults() == []


def test_a_member_of_the_owner(as_site, given):
    given("GRANT {owner} TO {site}", "REVOKE {owner} FROM {site}")
    assert f"{as_site}_site is a member of {as_site}_owner." in looking.faults()


def test_health_is_degraded_and_tells_no_hole(as_site, given, settings, monkeypatch):
    monkeypatch.setattr(checks._Kept, "at", None)
    settings.DATABASE_ROLES = "warn"
    assert checks.database_roles() == {"checked": True}
    given("ALTER ROLE {site} CREATEDB", "ALTER ROLE {site} NOCREATEDB")
    assert checks.database_roles() == {"checked": True}, "looked at again after five minutes"
    monkeypatch.setattr(checks._Kept, "at", None)
    with pytest.raises(Degraded) as degraded:
        checks.database_roles()
    assert degraded.value.fields == {"faults": 1}
    assert "make databases" not in str(degraded.value)
    settings.DATABASE_ROLES = "off"
    assert checks.database_roles() == {"checked": False}
    monkeypatch.setattr(checks._Kept, "faults", [])
    monkeypatch.setattr(checks._Kept, "at", None)


def test_one_role_for_all_is_said(roles, settings, as_superuser):
    """A simple server of one's own: the site's role owns the tables and migrates."""
    before = connections["default"]
    connections["default"] = connecting._as(roles.facts("owner"))
    try:
        found = looking.faults()
    finally:
        connections["default"].close()
        connections["default"] = before
    assert len(found) == 1
    assert found[0].startswith(f"{roles.prefix}_owner owns ")
