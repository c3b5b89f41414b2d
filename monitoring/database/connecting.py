"""Connections as other roles than the site's, in the same database and outside of the pool."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

_WHO_AND_WHERE = ("HOST", "PORT", "NAME", "USER", "PASSWORD")


@contextmanager
def as_owner() -> Iterator[None]:
    """The default connection of this thread is DATABASE_OWNER_URL's; the site's without one."""
    if settings.DATABASE_OWNER is None:
        yield
        return
    site = connections["default"]
    connections["default"] = owner = _as(settings.DATABASE_OWNER)
    try:
        yield
    finally:
        owner.close()
        connections["default"] = site


@contextmanager
def maintenance() -> Iterator[CursorWrapper]:
    """A cursor of DATABASE_MAINTENANCE_URL for VACUUM, ANALYZE and REINDEX.

    Without one it is the site's: PostgreSQL skips tables that the site does not own.
    """
    if settings.DATABASE_MAINTENANCE is None:
        with connection.cursor() as cursor:
            yield cursor
        return
    other = _as(settings.DATABASE_MAINTENANCE)
    try:
        with other.cursor() as cursor:
            yield cursor
    finally:
        other.close()


def _as(role: dict[str, Any]) -> BaseDatabaseWrapper:
    found = connections["default"].copy()
    found.settings_dict |= {name: role[name] for name in _WHO_AND_WHERE}
    found.settings_dict["OPTIONS"] |= role.get("OPTIONS", {})
    found.settings_dict["OPTIONS"].pop("pool", None)
    return found
