"""The bot's way to PostgreSQL: never on the event loop."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import psycopg
from django.conf import settings
from django.db import connections

P = ParamSpec("P")
T = TypeVar("T")


async def in_database(act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run one act in a thread; its connection goes back to the pool at the end."""

    def run() -> T:
        try:
            return act(*args, **kwargs)
        finally:
            connections.close_all()

    return await asyncio.to_thread(run)


async def listening_connection() -> psycopg.AsyncConnection[tuple[object, ...]]:
    """A connection of its own for LISTEN, outside the pool. Raises psycopg.OperationalError."""
    database = settings.DATABASES["default"]
    return await psycopg.AsyncConnection.connect(
        host=database["HOST"] or None,
        port=database["PORT"] or None,
        dbname=database["NAME"],
        user=database["USER"],
        password=database["PASSWORD"],
        autocommit=True,
        connect_timeout=5,
        application_name="bot-listen",
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=2,
    )
