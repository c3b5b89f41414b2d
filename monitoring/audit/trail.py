"""Adds entries to the audit trail."""

import uuid
from typing import Any

import structlog

from monitoring.audit.models import ActorType, Category, Entry, Severity


def record(
    action: str,
    *,
    category: str = Category.COMPLIANCE,
    actor: Any = None,
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
    return Entry.objects.create(
        action=action,
        category=category,
        severity=severity,
        actor=actor if kind == ActorType.STAFF else None,
        actor_type=kind,
        subject_id=subject_id,
        target_type=target._meta.label_lower if target is not None else "",
        target_id=str(target.pk) if target is not None else "",
        data=data or {},
        request_id=str(context.get("request_id", ""))[:64],
    )
