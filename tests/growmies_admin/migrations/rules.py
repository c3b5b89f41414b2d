"""The linter with our own rules beside its own: constraints, changes of rows, indexes."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db.migrations import RunPython, RunSQL, SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation
from django_migration_linter import MigrationLinter
from django_migration_linter.sql_analyser.base import Check, CheckMode, CheckType, Issue
from django_migration_linter.sql_analyser.postgresql import PostgresqlAnalyser

REPOSITORY = Path(__file__).resolve().parents[3]
_ALTER = re.compile(r"ALTER TABLE (?:IF EXISTS )?(?:ONLY )?(\S+) (.*)", re.IGNORECASE)
_CREATE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?([^\s(]+)", re.IGNORECASE)
_CONSTRAINT = re.compile(r"\bADD (CONSTRAINT \S+ )?(CHECK|FOREIGN KEY|EXCLUDE)\b", re.IGNORECASE)
# PostgreSQL does not look for the rows of a new column that is NULL everywhere.
_FILLED_KEY = re.compile(r"\bADD COLUMN .* DEFAULT (?!NULL).*\bREFERENCES\b", re.IGNORECASE)
_ROWS = re.compile(r"(INSERT|UPDATE|DELETE|MERGE|COPY|TRUNCATE|WITH)\b", re.IGNORECASE)
_SCHEMA = re.compile(r"(CREATE|ALTER|DROP|REINDEX)\b", re.IGNORECASE)
_BODY = re.compile(r"\$(\w*)\$.*?\$\1\$", re.DOTALL)
_INDEXES = (AddIndexConcurrently, RemoveIndexConcurrently)


def _statements(sql: str) -> list[str]:
    """One line each, without comments and bodies of functions."""
    bare = re.sub(r"--[^\n]*", "", _BODY.sub("''", sql))
    return [" ".join(statement.split()) for statement in bare.split(";") if statement.strip()]


def _locks_while_it_looks(sql: list[str], **_: object) -> bool:
    """A constraint for which all rows of a table that was there are read under its lock."""
    found = _statements("\n".join(sql))
    made = {match[1] for statement in found if (match := _CREATE.match(statement))}
    for statement in found:
        if (match := _ALTER.match(statement)) and match[1] not in made:
            change = match[2]
            if _FILLED_KEY.search(change):
                return True
            if _CONSTRAINT.search(change) and "NOT VALID" not in change.upper():
                return True
    return False


def _validates_at_once(sql: list[str], **_: object) -> bool:
    """Validating in the migration that adds holds the lock just as long."""
    found = " ".join(_statements("\n".join(sql))).upper()
    return "NOT VALID" in found and "VALIDATE CONSTRAINT" in found


class Analyser(PostgresqlAnalyser):
    migration_checks = [
        *PostgresqlAnalyser.migration_checks,
        Check(
            code="CONSTRAINT_VALID",
            fn=_locks_while_it_looks,
            message="A new constraint on a table with rows: NOT VALID first",
            mode=CheckMode.TRANSACTION,
            type=CheckType.ERROR,
        ),
        Check(
            code="CONSTRAINT_VALIDATED_AT_ONCE",
            fn=_validates_at_once,
            message="A constraint is validated in a later version",
            mode=CheckMode.TRANSACTION,
            type=CheckType.ERROR,
        ),
    ]


class Linter(MigrationLinter):
    """As the linter; `codes` holds what it found, `looked_at` in which migrations it looked."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self.sql_analyser_class = Analyser
        self.codes: set[str] = set()
        self.looked_at: set[tuple[str, str]] = set()

    def print_errors(self, errors: list[Issue]) -> None:
        self.codes |= {error.code for error in errors}
        super().print_errors(errors)

    def analyse_data_migration(self, migration):
        self.looked_at.add((migration.app_label, migration.name))
        errors, ignored, warnings = super().analyse_data_migration(migration)
        kinds = set(_kinds(migration.operations))
        if "rows" in kinds and len(kinds) > 1:
            errors.append(
                Issue(code="ROWS_AND_SCHEMA", message="Rows change in a migration of their own")
            )
        if "index" in kinds and len(kinds) > 1:
            errors.append(
                Issue(code="INDEX_AND_MORE", message="Indexes are built in a migration of its own")
            )
        return errors, ignored, warnings


def _kinds(operations: list[Operation]) -> Iterator[str]:
    """What a migration does to the database: "rows", "schema", "index"."""
    for operation in operations:
        match operation:
            case RunPython():
                yield "rows"
            case RunSQL():
                for statement in _statements(_sql_of(operation)):
                    if _ROWS.match(statement):
                        yield "rows"
                    elif _SCHEMA.match(statement):
                        yield "schema"
            case SeparateDatabaseAndState():
                yield from _kinds(operation.database_operations)
            case _ if isinstance(operation, _INDEXES):
                yield "index"
            case _:
                yield "schema"


def _sql_of(operation: RunSQL) -> str:
    if isinstance(operation.sql, str):
        return operation.sql
    parts = (part if isinstance(part, str) else part[0] for part in operation.sql)
    return ";".join(parts)
