"""Whether the roles of the database are as they should be, also where nobody ran `prepare`."""

import time
from typing import Any

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections

from monitoring import policy
from monitoring.database import roles
from monitoring.health.registry import WEB, Check, Degraded, Unhealthy, register

log = structlog.get_logger(__name__)


class _Kept:
    """What was found last, and when (of time.monotonic): rights change by hand only."""

    faults: list[str] = []
    at: float | None = None


def database_roles() -> dict[str, Any]:
    """Degraded while a role may do what it should not. /health says how many; the log says what."""
    if settings.DATABASE_ROLES == "off":
        return {"checked": False}
    every = policy.DATABASE_ROLES_LOOK_EVERY.total_seconds()
    if _Kept.at is None or time.monotonic() - _Kept.at > every:
        _look()
    if _Kept.faults:
        raise Degraded(
            "a role of the database may do more than it should, or less than it must: "
            "manage.py check_database says what",
            faults=len(_Kept.faults),
        )
    return {"checked": True}


def _look() -> None:
    try:
        found = roles.faults()
    except DatabaseError as error:
        raise Unhealthy("PostgreSQL does not answer") from error
    finally:
        connections.close_all()
    if found != _Kept.faults:
        for fault in found:
            log.warning("database_role", fault=fault)
    _Kept.faults, _Kept.at = found, time.monotonic()


register(
    Check(
        "databaseRoles",
        database_roles,
        critical=False,
        processes=frozenset({WEB}),
        runbook="docs/runbooks/health-databaseRoles.md",
    )
)
