"""The same tables twice, in two schemas, so that few rows and many are asked in turn."""

import contextlib
from collections.abc import Iterator

from django.db import connection


@contextlib.contextmanager
def few_beside_many(*tables: str) -> Iterator[None]:
    """Empty copies of these tables in the schema `few`; at the end both are empty or gone."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA few")
        for table in tables:
            cursor.execute(f"CREATE TABLE few.{table} (LIKE public.{table} INCLUDING ALL)")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET search_path")
            cursor.execute("DROP SCHEMA few CASCADE")
            cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")


def look_at(schema: str) -> None:
    """Which set of tables the site sees from here on."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET search_path TO {schema}, public")
