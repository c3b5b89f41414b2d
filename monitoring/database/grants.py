"""What the site's role may do with each table. Given by who migrates, after each migration.

Without a word it is ORDINARY. A model that wants less says so: `grants = APPEND_ONLY`, and names
the functions that do the rest as the owner: `functions = ("public.moderation_forget(bigint)",)`.
Rows get their numbers without any right on a sequence: all ids are identity columns.

In SQL for want of a model: these are PostgreSQL's catalog and its GRANT.
"""

from django.apps import apps
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

ORDINARY = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
APPEND_ONLY = frozenset({"SELECT", "INSERT"})
READ_ONLY = frozenset({"SELECT"})

# Functions that run as the owner, and that the site may call, beside those of the models.
FUNCTIONS = (
    "public.partition_make(text, date)",
    "public.partition_index(text, date)",
    "public.partition_drop(text, date)",
)
# Sequences that the site may look at, all others being the owner's alone. The audit trail finds
# by this one that numbers have no entry.
SEQUENCES = {"audit_entry_id_seq": READ_ONLY}
# What the role has on each table or sequence now; PUBLIC, when everybody has something.
_PRESENT = """
SELECT c.relname, coalesce(array_agg(CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.privilege_type END)
    FILTER (WHERE a.grantee IN (0, r.oid)), '{}')
FROM pg_class c
JOIN pg_roles r ON r.rolname = %s
LEFT JOIN LATERAL aclexplode(c.relacl) a ON true
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = ANY (%s)
    AND (c.relkind <> 'S' OR pg_get_userbyid(c.relowner) = current_user)
GROUP BY c.relname
"""


def of_tables() -> dict[str, frozenset[str]]:
    """Table -> the privileges that the site's role has on it, no more and no less."""
    found = {
        model._meta.db_table: frozenset(getattr(model, "grants", ORDINARY))
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    return found | {"django_migrations": READ_ONLY}


def of_functions() -> list[str]:
    """What the site may call that runs as the owner."""
    declared = {name for model in apps.get_models() for name in getattr(model, "functions", ())}
    return sorted({*FUNCTIONS, *declared})


def append_only() -> list[str]:
    return sorted(table for table, grants in of_tables().items() if grants == APPEND_ONLY)


@transaction.atomic
def give(site: str) -> None:
    """Give the role `site` exactly what it should have; the present role must own the tables.

    Tables without a model stay as they are: a process of the previous version may still use them.
    Where the site itself owns the tables there is nothing to give. Whoever works meanwhile notices
    nothing: it is one transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        if cursor.fetchone() == (site,):
            return
        role = sql.Identifier(site)
        present = _present(cursor, site, "r", "p")
        for table, grants in sorted(of_tables().items()):
            if present.get(table, grants) != grants:
                _set(cursor, "TABLE", table, role, grants)
        for sequence, has in sorted(_present(cursor, site, "S").items()):
            if has != (grants := SEQUENCES.get(sequence, frozenset())):
                _set(cursor, "SEQUENCE", sequence, role, grants)
        for function in of_functions():
            cursor.execute("SELECT to_regprocedure(%s) IS NOT NULL", [function])
            if cursor.fetchone() == (True,):
                _run(cursor, f"GRANT EXECUTE ON FUNCTION {function} TO {{}}", role)


def _present(cursor: CursorWrapper, site: str, *kinds: str) -> dict[str, frozenset[str]]:
    cursor.execute(_PRESENT, [site, list(kinds)])
    return {name: frozenset(grants) for name, grants in cursor.fetchall()}


def _set(
    cursor: CursorWrapper, kind: str, name: str, role: sql.Identifier, grants: frozenset[str]
) -> None:
    of = sql.Identifier("public", name)
    _run(cursor, f"REVOKE ALL ON {kind} {{}} FROM PUBLIC, {{}}", of, role)
    if grants:
        given = ", ".join(sorted(grants))
        _run(cursor, f"GRANT {given} ON {kind} {{}} TO {{}}", of, role)


def _run(cursor: CursorWrapper, statement: str, *names: sql.Identifier) -> None:
    cursor.execute(sql.SQL(statement).format(*names))
