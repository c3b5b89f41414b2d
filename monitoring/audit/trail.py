"""Adds entries to the audit trail."""

import uuid
from typing import Any

import structlog
from django.db import DEFAULT_DB_ALIAS
from psycopg.types.json import Jsonb

from monitoring import prepared
from monitoring.audit.models import ActorType, Category, Entry, Severity
from monitoring.people import Person

# In SQL for tests/bench/test_decisions.py.
_ADD = """
INSERT INTO audit_entry (category, severity, action, actor_type, actor_id, subject_id,
    target_type, target_id, data, request_id)
VALUES (%(category)s, %(severity)s, %(action)s, %(actor_type)s, %(actor_id)s, %(subject_id)s,
    %(target_type)s, %(target_id)s, %(data)s, %(request_id)s)
RETURNING id, at
"""


def record(
    action: str,
    *,
    category: str = Category.COMPLIANCE,
    actor: Person | None = None,
    actor_type: str | None = None,
    subject_id: uuid.UUID | None = None,
    target: Any = None,
    data: dict[str, Any] | None = None,
    severity: str = Severity.INFO,
) -> Entry:
    """Add one entry in the caller's transaction: it exists exactly when the act does.

    `actor` is the staff member (actor_type staff); without one, say who acted with
    `actor_type` (member, bot, system, provider). `target` is a saved model instance.
    `data` must be JSON and must not hold content or secrets.
    """
    kind = actor_type or (ActorType.STAFF if actor is not None else ActorType.SYSTEM)
    context = structlog.contextvars.get_contextvars()
    values: dict[str, Any] = {
        "category": category,
        "severity": severity,
        "action": action,
        "actor_type": kind,
        "actor_id": actor.pk if actor is not None and kind == ActorType.STAFF else None,
        "subject_id": subject_id,
        "target_type": target._meta.label_lower if target is not None else "",
        "target_id": str(target.pk) if target is not None else "",
        "data": data or {},
        "request_id": str(context.get("request_id", ""))[:64],
    }
    [(entry_id, at)] = prepared.rows(_ADD, {**values, "data": Jsonb(values["data"])})
    entry = Entry(id=entry_id, at=at, **values)
    entry._state.adding, entry._state.db = False, DEFAULT_DB_ALIAS
    return entry
