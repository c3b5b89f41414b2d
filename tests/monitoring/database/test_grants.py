"""Who migrates gives the site its rights on tables; rooms say which are append-only."""

from django.db import connection

from monitoring.database import connecting, grants
from monitoring.database.grants import APPEND_ONLY, ORDINARY, READ_ONLY

# Tables whose rows a trigger keeps from being changed or removed.
KEPT_BY_A_TRIGGER = """
SELECT DISTINCT c.relname FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE p.proname LIKE '%%append_only'
"""
HAS = """
SELECT array_agg(a.privilege_type::text ORDER BY 1) FROM pg_class c, aclexplode(c.relacl) a
WHERE c.oid = %s::regclass AND a.grantee = %s::regrole
"""


def has(roles, table):
    with connection.cursor() as cursor:
        cursor.execute(HAS, [table, f"{roles.prefix}_site"])
        return frozenset(cursor.fetchone()[0] or ())


def test_it_works(roles):
    assert has(roles, "audit_entry") == has(roles, "audit_seal") == APPEND_ONLY
    assert has(roles, "incidents_timelineentry") == APPEND_ONLY
    assert has(roles, "django_migrations") == READ_ONLY
    assert has(roles, "members_member") == ORDINARY


def test_of_sequences_the_site_reads_that_of_the_trail_alone(roles, as_superuser):
    """Also where somebody gave it the usual rights, for a version that needed them."""
    site = f"{roles.prefix}_site"
    as_superuser(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {site}, PUBLIC")
    roles.give()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, p FROM pg_class c,"
            " unnest('{SELECT,USAGE,UPDATE}'::text[]) p"
            " WHERE c.relkind = 'S' AND has_sequence_privilege(%s, c.oid, p)",
            [site],
        )
        assert cursor.fetchall() == [("audit_entry_id_seq", "SELECT")]


def test_places_of_heads_are_not_removed(roles):
    assert has(roles, "audit_headplace") == {"SELECT", "INSERT", "UPDATE"}


def test_every_table_that_a_trigger_keeps_is_declared(db):
    with connection.cursor() as cursor:
        cursor.execute(KEPT_BY_A_TRIGGER)
        kept = {name for (name,) in cursor.fetchall()}
    assert kept == {name for name, given in grants.of_tables().items() if given == APPEND_ONLY}
    assert "audit_entry" in kept


def test_a_later_version_takes_away_and_adds(roles, as_superuser):
    site = f"{roles.prefix}_site"
    as_superuser(f"GRANT ALL ON audit_entry TO {site}")
    as_superuser("GRANT UPDATE ON audit_seal TO PUBLIC")
    as_superuser(f"REVOKE ALL ON members_member FROM {site}")
    roles.give()
    assert has(roles, "audit_entry") == APPEND_ONLY
    assert has(roles, "audit_seal") == APPEND_ONLY
    assert has(roles, "members_member") == ORDINARY
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('public', 'audit_seal', 'UPDATE')")
        assert cursor.fetchone() == (False,)


def test_a_table_that_only_the_previous_version_knows_keeps_its_rights(roles, as_superuser):
    site = f"{roles.prefix}_site"
    as_superuser("CREATE TABLE of_the_previous_version (id int)")
    try:
        as_superuser(f"GRANT SELECT ON of_the_previous_version TO {site}")
        roles.give()
        assert has(roles, "of_the_previous_version") == READ_ONLY
    finally:
        as_superuser("DROP TABLE of_the_previous_version")


def test_where_the_site_owns_the_tables_nothing_is_given(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (ours,) = cursor.fetchone()
        cursor.execute("SELECT relacl FROM pg_class WHERE relname = 'audit_entry'")
        before = cursor.fetchall()
        grants.give(ours)
        cursor.execute("SELECT relacl FROM pg_class WHERE relname = 'audit_entry'")
        assert cursor.fetchall() == before


def test_migrating_is_done_as_the_owner(roles, settings):
    settings.DATABASE_OWNER = roles.facts("owner")
    outside = connection.settings_dict["USER"]
    with connecting.as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (f"{roles.prefix}_owner",)
    assert connection.settings_dict["USER"] == outside
