"""Statements that are sent often and never change: PostgreSQL plans them once for each connection.

To build a statement from a queryset costs several times what it costs to run it. Acts of which
there are many a second write theirs in SQL and send it through here; everything else is
better off with querysets. Beside each statement stands which benchmark or race it is for.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper

M = TypeVar("M", bound=models.Model)
Parameters = Sequence[Any] | Mapping[str, Any]


def rows(statement: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
    """The rows that a statement gives. Its parameters are sent apart from it.

    psycopg has a statement prepared on a connection that has sent it `prepare_threshold` times
    (settings.DATABASES), and forgets that with the connection, or when it is rolled back. The
    text of the statement must be the same each time, and a condition of a partial index must
    stand in it in full: PostgreSQL can't tell that from a parameter.
    """
    with _cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def run(statement: str, parameters: Parameters = ()) -> int:
    """Send a statement that gives no rows, like rows(); returns how many it changed."""
    with _cursor() as cursor:
        cursor.execute(statement, parameters)
        changed: int = cursor.rowcount
    return changed


def columns(model: type[models.Model], alias: str) -> str:
    """All columns of a table, for a SELECT whose rows instance() reads."""
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


def instance(model: type[M], values: list[Any]) -> M:
    """A row of a table; its columns() are taken from the front of `values`.

    Not for tables with JSON, which Django reads in a second step.
    """
    names = _names(model)
    own, values[:] = values[: len(names)], values[len(names) :]
    return model.from_db(DEFAULT_DB_ALIAS, names, own)


def insert(added: Sequence[models.Model]) -> None:
    """Add a few rows of one table, which get their keys: as bulk_create() does.

    Not for tables with defaults that the database computes.
    """
    model = type(added[0])
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    values = [
        field.get_db_prep_save(getattr(row, field.attname), connection)
        for row in added
        for field in fields
    ]
    keys = rows(_insert(model, len(added)), values)
    for row, (key,) in zip(added, keys, strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def _cursor() -> CursorWrapper:
    """Django's own, with all that it does around one, which leaves parameters to the server."""
    cursor = connection.cursor()
    cursor.cursor = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]
    return cursor


@cache
def _names(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)


@cache
def _insert(model: type[models.Model], count: int) -> str:
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    names = ", ".join(f'"{field.column}"' for field in fields)
    row = f"({', '.join(['%s'] * len(fields))})"
    return (
        f"INSERT INTO {model._meta.db_table} ({names}) VALUES {', '.join([row] * count)} "  # noqa: S608
        f"RETURNING {model._meta.pk.column}"
    )
