"""What the roles of the database may do that they should not, and what they lack.

PostgreSQL tells anybody what a role may do, so one connection asks about all of them. In SQL for
want of a model: this is PostgreSQL's catalog.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

from monitoring.database import grants

_ATTRIBUTES = {
    "rolsuper": "is a superuser: it can switch off triggers and run programs on the server",
    "rolcreaterole": "can make roles",
    "rolcreatedb": "can make databases",
    "rolbypassrls": "passes by row security",
    "rolreplication": "can copy the whole server",
}
# What a role could become counts as what it is.
_ATTRIBUTES_SQL = """
SELECT bool_or(rolsuper), bool_or(rolcreaterole), bool_or(rolcreatedb), bool_or(rolbypassrls),
    bool_or(rolreplication)
FROM pg_roles WHERE pg_has_role(%(role)s, oid, 'MEMBER')
"""
_MEMBERSHIPS = """
SELECT rolname FROM pg_roles
WHERE pg_has_role(%(role)s, oid, 'MEMBER') AND rolname NOT IN (%(role)s, 'pg_database_owner')
ORDER BY rolname
"""
_OWNED = """
SELECT count(*) FROM pg_class JOIN pg_roles r ON r.oid = relowner
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND r.rolname = %(role)s
"""
_MAKES = """
SELECT 'may make schemas and extensions in the database'
WHERE has_database_privilege(%(role)s, current_database(), 'CREATE')
UNION ALL SELECT 'may make temporary tables'
WHERE has_database_privilege(%(role)s, current_database(), 'TEMP')
UNION ALL SELECT 'may make tables and functions in the schema ' || nspname FROM pg_namespace
WHERE nspname !~ '^pg_(temp|toast)' AND has_schema_privilege(%(role)s, oid, 'CREATE')
"""
# Whether given to it, to everybody, to a role that it is a member of, or for one column.
_HAS = """CASE
    WHEN c.relkind = 'S' THEN has_sequence_privilege({who}, c.oid, p.name)
    WHEN p.name IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
        THEN has_any_column_privilege({who}, c.oid, p.name)
    ELSE has_table_privilege({who}, c.oid, p.name) END"""
_ON_TABLES = f"""
SELECT c.relname, array_agg(p.name)
FROM pg_class c, unnest(%(privileges)s::text[]) AS p(name)
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    AND {_HAS.format(who="%(role)s")}
GROUP BY c.relname
"""  # noqa: S608 - no word from outside
# Sequences and views, and all of other schemas. Not what a duty's memberships bring, nor what
# PostgreSQL and its extensions give to everybody.
_ON_THE_REST = f"""
SELECT CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END,
    array_agg(p.name)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
    unnest(CASE c.relkind WHEN 'S' THEN '{{USAGE,SELECT,UPDATE}}' ELSE %(privileges)s::text[] END)
        AS p(name)
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname !~ '^pg_(temp|toast)'
    AND (n.nspname <> 'public' OR c.relkind NOT IN ('r', 'p'))
    AND has_schema_privilege(%(role)s, n.oid, 'USAGE') AND {_HAS.format(who="%(role)s")}
    AND NOT (
        (n.nspname IN ('pg_catalog', 'information_schema') OR EXISTS (
            SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                AND d.deptype = 'e'))
        AND {_HAS.format(who="'public'")})
    AND ({_HAS.format(who="'public'")} OR NOT EXISTS (
        SELECT FROM unnest(%(memberships)s::text[]) AS m(name) WHERE {_HAS.format(who="m.name")}))
GROUP BY 1
"""  # noqa: S608 - no word from outside
# Functions that run as somebody else; those of triggers can't be called.
_AS_SOMEBODY_ELSE = """
SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
WHERE prosecdef AND nspname <> 'pg_catalog'
    AND prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
    AND has_schema_privilege(%(role)s, n.oid, 'USAGE')
    AND has_function_privilege(%(role)s, p.oid, 'EXECUTE')
    AND p.oid <> ALL (array_remove(ARRAY(
        SELECT to_regprocedure(f)::oid FROM unnest(%(ours)s::text[]) AS f), NULL))
ORDER BY 1
"""
# What only superusers have until it is given away.
_PARAMETERS = """
SELECT parname FROM pg_parameter_acl
WHERE has_parameter_privilege(%(role)s, parname, 'SET')
    OR has_parameter_privilege(%(role)s, parname, 'ALTER SYSTEM')
ORDER BY parname
"""
_FUNCTIONS = """
SELECT DISTINCT proname FROM pg_proc p
WHERE pronamespace = 'pg_catalog'::regnamespace AND proacl IS NOT NULL
    AND NOT EXISTS (SELECT FROM aclexplode(proacl) WHERE grantee = 0)
    AND has_function_privilege(%(role)s, p.oid, 'EXECUTE') AND proname <> ALL (%(functions)s)
    AND NOT EXISTS (SELECT FROM unnest(%(memberships)s::text[]) AS m(name)
        WHERE has_function_privilege(m.name, p.oid, 'EXECUTE'))
ORDER BY proname
"""


@dataclass(frozen=True)
class Duty:
    """What a role is for, and so may do. The site's rights on tables stand in grants.py."""

    memberships: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    on_tables: frozenset[str] = frozenset()


SITE, OWNER = Duty(), Duty()
READER = Duty(
    frozenset({"pg_monitor", "pg_read_all_settings", "pg_read_all_stats", "pg_stat_scan_tables"})
)
BACKUP = Duty(
    frozenset({"pg_read_all_data", "pg_read_all_settings", "pg_read_all_stats", "pg_checkpoint"}),
    frozenset({"rolreplication"}),
    frozenset({"pg_backup_start", "pg_backup_stop", "pg_switch_wal", "pg_create_restore_point"}),
    frozenset({"SELECT"}),
)
MAINTENANCE = Duty(
    frozenset({"pg_maintain", "pg_read_all_stats", "pg_stat_scan_tables"}),
    on_tables=frozenset({"MAINTAIN"}),
)


def faults() -> list[str]:
    """One line for each thing that a role may do and should not, or must do and can't."""
    with connection.cursor() as cursor:
        return [
            f"{role} {what}."
            for role, duty in _known(cursor).items()
            for what in _of_role(cursor, role, duty)
        ]


def _known(cursor: CursorWrapper) -> dict[str, Duty]:
    """The roles that there are, by name. One with several duties is held to the site's."""
    cursor.execute(
        "SELECT session_user, pg_get_userbyid(relowner) FROM pg_class"
        " WHERE oid = 'public.django_migrations'::regclass"
    )
    site, owner = cursor.fetchone()
    prefix = owner.removesuffix("_owner")
    maintenance = (settings.DATABASE_MAINTENANCE or {}).get("USER", f"{prefix}_maintenance")
    wanted = {
        owner: OWNER,
        f"{prefix}_reader": READER,
        f"{prefix}_backup": BACKUP,
        maintenance: MAINTENANCE,
        site: SITE,
    }
    cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY (%s)", [list(wanted)])
    there = {name for (name,) in cursor.fetchall()}
    return {name: duty for name, duty in wanted.items() if name in there}


def _of_role(cursor: CursorWrapper, role: str, duty: Duty) -> Iterator[str]:
    cursor.execute(_ATTRIBUTES_SQL, {"role": role})
    has = dict(zip(_ATTRIBUTES, cursor.fetchone(), strict=True))
    if has["rolsuper"]:  # and so may do all that follows
        yield _ATTRIBUTES["rolsuper"]
        return
    yield from (
        words for name, words in _ATTRIBUTES.items() if has[name] and name not in duty.attributes
    )
    for other in _names(cursor, _MEMBERSHIPS, role=role):
        if other not in duty.memberships:
            yield f"is a member of {other}"
    yield from (f"may set {name}" for name in _names(cursor, _PARAMETERS, role=role))
    functions = _names(
        cursor,
        _FUNCTIONS,
        role=role,
        functions=list(duty.functions),
        memberships=list(duty.memberships),
    )
    yield from (f"may call {name}" for name in functions)
    if duty is OWNER:
        return
    cursor.execute(_OWNED, {"role": role})
    if owned := cursor.fetchone()[0]:
        yield (
            f"owns {owned} tables: it can drop them, and switch off the triggers that keep the"
            " audit trail"
        )
        return
    yield from _names(cursor, _MAKES, role=role)
    yield from _on_tables(cursor, role, duty)
    yield from _on_the_rest(cursor, role, duty)
    ours = grants.of_functions() if duty is SITE else []
    as_somebody_else = _names(cursor, _AS_SOMEBODY_ELSE, role=role, ours=ours)
    yield from (f"may call {name}, which runs as its owner" for name in as_somebody_else)
    if duty is SITE:
        yield from _functions_that_lack(cursor, role)


def _on_tables(cursor: CursorWrapper, role: str, duty: Duty) -> Iterator[str]:
    cursor.execute(_ON_TABLES, {"role": role, "privileges": _asked(cursor)})
    wanted = grants.of_tables() if duty is SITE else {}
    yield from _compared(
        dict(cursor.fetchall()), wanted, grants.ORDINARY if duty is SITE else duty.on_tables
    )


def _on_the_rest(cursor: CursorWrapper, role: str, duty: Duty) -> Iterator[str]:
    facts: dict[str, Any] = {
        "role": role,
        "privileges": _asked(cursor),
        "memberships": list(duty.memberships),
    }
    cursor.execute(_ON_THE_REST, facts)
    wanted = grants.SEQUENCES if duty is SITE else {}
    yield from _compared(dict(cursor.fetchall()), wanted, frozenset())


def _asked(cursor: CursorWrapper) -> list[str]:
    asked = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
    if cursor.connection.info.server_version >= 170000:
        asked.append("MAINTAIN")
    return asked


def _compared(
    has: dict[str, list[str]], wanted: dict[str, frozenset[str]], usual: frozenset[str]
) -> Iterator[str]:
    """What differs. `usual` is what a role may do at most where `wanted` says nothing."""
    too_much, lacking = defaultdict(list), defaultdict(list)
    for name in sorted(has.keys() | wanted.keys()):
        should, does = wanted.get(name, usual), frozenset(has.get(name, ()))
        too_much[does - should].append(name)
        if name in wanted:
            lacking[should - does].append(name)
    yield from (f"may {_and(what)} on {_few(where)}" for what, where in too_much.items() if what)
    yield from (f"lacks {_and(what)} on {_few(where)}" for what, where in lacking.items() if what)


def _functions_that_lack(cursor: CursorWrapper, role: str) -> Iterator[str]:
    for function in grants.of_functions():
        cursor.execute(
            "SELECT has_function_privilege(%s, to_regprocedure(%s), 'EXECUTE')", [role, function]
        )
        if cursor.fetchone() != (True,):
            yield f"lacks EXECUTE on {function}"


def _names(cursor: CursorWrapper, statement: str, **values: Any) -> list[str]:
    cursor.execute(statement, values)
    return [name for (name,) in cursor.fetchall()]


def _and(privileges: frozenset[str]) -> str:
    return ", ".join(sorted(privileges))


def _few(tables: list[str]) -> str:
    more = f" and {len(tables) - 4} more" if len(tables) > 5 else ""
    return ", ".join(tables[:4] if more else tables) + more
