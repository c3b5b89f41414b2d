"""What somebody could do who runs SQL as the site: its work, and nothing else."""

import psycopg
import pytest
from psycopg import errors

ENTRY = (
    "INSERT INTO audit_entry (category, severity, action, actor_type)"
    " VALUES ('technical', 'info', 'job.failed', 'system') RETURNING id"
)

REFUSED = [
    # The triggers that keep the audit trail.
    "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
    "ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_append_only",
    "ALTER TABLE audit_seal DISABLE TRIGGER audit_seal_append_only",
    "DROP TRIGGER audit_entry_append_only ON audit_entry",
    "DROP TRIGGER audit_entry_list_unsealed ON audit_entry",
    "CREATE TRIGGER mine BEFORE INSERT ON audit_entry"
    " FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE RULE mine AS ON INSERT TO audit_entry DO INSTEAD NOTHING",
    "DROP FUNCTION audit_append_only() CASCADE",
    "SET session_replication_role = replica",
    "SELECT set_config('session_replication_role', 'replica', false)",
    # Its rows.
    "UPDATE audit_entry SET action = 'x'",
    "UPDATE audit_seal SET hash = ''",
    "UPDATE incidents_timelineentry SET text = 'x'",
    "DELETE FROM audit_entry",
    "DELETE FROM audit_seal",
    "DELETE FROM incidents_timelineentry",
    "UPDATE audit_unsealed SET entry_id = 0",
    "DELETE FROM audit_headplace",
    "TRUNCATE audit_entry CASCADE",
    "TRUNCATE audit_seal",
    "TRUNCATE audit_unsealed",
    "TRUNCATE audit_headplace",
    "INSERT INTO audit_seal (position, entry_id, hash) VALUES (1, 1, '')"
    " ON CONFLICT (position) DO UPDATE SET hash = ''",
    "MERGE INTO audit_entry USING (VALUES (1)) v(i) ON id = i WHEN MATCHED THEN DELETE",
    "SELECT id FROM audit_entry FOR UPDATE",
    "LOCK TABLE audit_entry IN ACCESS EXCLUSIVE MODE",
    "SELECT setval('audit_entry_id_seq', 1)",
    "SELECT nextval('audit_entry_id_seq')",
    "SELECT last_value FROM alerts_alert_id_seq",
    # Tables.
    "DROP TABLE audit_entry CASCADE",
    "ALTER TABLE django_session ADD COLUMN mine text",
    "ALTER TABLE audit_entry OWNER TO CURRENT_USER",
    "TRUNCATE django_session",
    "CREATE INDEX ON django_session (session_data)",
    "INSERT INTO django_migrations (app, name, applied) VALUES ('audit', 'x', now())",
    "DELETE FROM django_migrations",
    "INSERT INTO database_partitionedtable VALUES ('audit_entry', 'day', '0', '0', '[]')",
    # Things of its own.
    "CREATE TABLE mine (id int)",
    "CREATE TEMPORARY TABLE mine (id int)",
    "CREATE VIEW mine AS SELECT 1",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE EXTENSION hstore",
    "CREATE EXTENSION dblink",
    "CREATE EXTENSION file_fdw",
    "CREATE PUBLICATION mine",
    "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION audit_append_only()",
    # Programs and files of the server.
    "COPY audit_seal FROM PROGRAM 'id'",
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    "COPY django_session FROM '/etc/passwd'",
    "COPY (SELECT 1) TO '/tmp/growmies'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_read_binary_file('PG_VERSION')",
    "SELECT pg_ls_dir('.')",
    "SELECT pg_ls_waldir()",
    "SELECT pg_stat_file('PG_VERSION')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_export(1, '/tmp/growmies')",
    "SELECT pg_current_logfile()",
    # The server.
    "SELECT pg_reload_conf()",
    "SELECT pg_switch_wal()",
    "SELECT pg_create_physical_replication_slot('mine')",
    "CHECKPOINT",
    # Roles.
    "SELECT * FROM pg_authid",
    "SELECT * FROM pg_shadow",
    "CREATE ROLE mine",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER ROLE CURRENT_USER BYPASSRLS",
    "SET ROLE {owner}",
    "SET ROLE {maintenance}",
    "SET SESSION AUTHORIZATION {owner}",
    "GRANT {owner} TO CURRENT_USER",
    "GRANT pg_execute_server_program TO CURRENT_USER",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT ALL ON TABLES TO CURRENT_USER",
    "ALTER ROLE {owner} PASSWORD 'mine'",
    # What only the owner's functions call.
    "SELECT partition_of('audit_entry', now()::date)",
]
OUTSIDE_OF_TRANSACTIONS = [
    "CREATE DATABASE mine",
    "DROP DATABASE postgres",
    "ALTER SYSTEM SET archive_command = 'id'",
    "CREATE TABLESPACE mine LOCATION '/tmp'",
]


@pytest.fixture
def names(roles):
    return {role: f"{roles.prefix}_{role}" for role in ("owner", "maintenance")}


def test_it_works(site):
    entry = site.execute(ENTRY).fetchone()[0]
    assert site.execute("SELECT entry_id FROM audit_unsealed").fetchall() == [(entry,)]
    site.execute(
        "INSERT INTO audit_seal (position, entry_id, hash) VALUES (1, %s, %s)", [entry, b"0" * 32]
    )
    site.execute("DELETE FROM audit_unsealed")
    assert site.execute("SELECT count(*) FROM audit_entry").fetchone() == (1,)
    assert site.execute("SELECT last_value FROM audit_entry_id_seq").fetchone() == (entry,)
    site.execute("INSERT INTO django_session VALUES ('a', 'b', now())")
    site.execute("UPDATE django_session SET session_data = 'c'")
    site.execute("DELETE FROM django_session")
    assert site.execute("SELECT pg_try_advisory_lock(1)").fetchone() == (True,)
    site.execute("LISTEN effects")


@pytest.mark.parametrize("statement", REFUSED)
def test_refused(site, names, statement):
    site.execute(ENTRY)
    with pytest.raises(errors.InsufficientPrivilege):
        site.execute(statement.format(**names))


@pytest.mark.parametrize("statement", OUTSIDE_OF_TRANSACTIONS)
def test_refused_outside_of_transactions(site, statement):
    site.autocommit = True
    with pytest.raises(errors.InsufficientPrivilege):
        site.execute(statement)


def test_rights_that_it_gives_itself_are_none(site):
    site.execute(ENTRY)
    site.execute("GRANT ALL ON audit_entry TO CURRENT_USER")  # PostgreSQL only warns
    with pytest.raises(errors.InsufficientPrivilege):
        site.execute("UPDATE audit_entry SET action = 'x'")


def test_what_it_may_not_tend_is_skipped(site):
    said = []
    site.add_notice_handler(lambda notice: said.append(notice.message_primary))
    site.execute("ANALYZE audit_entry")
    assert said == ['permission denied to analyze "audit_entry", skipping it']


@pytest.mark.parametrize("role", ["reader", "maintenance"])
@pytest.mark.parametrize("table", ["members_member", "audit_entry", "accounts_staff"])
def test_exporters_and_tending_read_no_rows(roles, role, table):
    with roles.connect(role) as connected, pytest.raises(errors.InsufficientPrivilege):
        connected.execute(f"SELECT * FROM {table}")


def test_the_reader_sees_what_the_exporter_asks(roles):
    with roles.connect("reader") as reader:
        reader.execute("SELECT pg_database_size(current_database())")
        reader.execute("SELECT * FROM pg_stat_replication")
        reader.execute("SELECT * FROM pg_ls_waldir()")


def test_maintenance_tends_every_table(roles):
    said = []
    with roles.connect("maintenance") as tending:
        tending.autocommit = True
        tending.add_notice_handler(lambda notice: said.append(notice.message_primary))
        tending.execute("ANALYZE")
        tending.execute("VACUUM audit_entry")
        tending.execute("REINDEX TABLE CONCURRENTLY audit_seal")
        with pytest.raises(errors.InsufficientPrivilege):
            tending.execute("DELETE FROM audit_entry")
    assert said == []


def test_backups_read_all_and_change_nothing(roles):
    with roles.connect("backup") as backup:
        backup.autocommit = True
        backup.execute("SELECT count(*) FROM members_member")
        backup.execute("SELECT pg_backup_start('test', true)")
        backup.execute("SELECT pg_backup_stop(false)")
        for statement in ("DELETE FROM members_member", ENTRY, "COPY (SELECT 1) TO PROGRAM 'cat'"):
            with pytest.raises(errors.InsufficientPrivilege):
                backup.execute(statement)


def test_nobody_else_comes_in(roles, as_superuser):
    as_superuser(f"CREATE ROLE {roles.prefix}_other LOGIN PASSWORD '{roles.password}'")
    try:
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            roles.connect("other")
    finally:
        as_superuser(f"DROP ROLE {roles.prefix}_other")
