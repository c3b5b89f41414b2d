"""Pictures follow what becomes of their request, in the same transaction."""

from typing import Any

from django.db.models.functions import Least
from django.utils import timezone

from compliance.evidence import custody
from compliance.evidence.models import Evidence
from compliance.verification.models import Decision, VerificationRequest


def decided(sender: Any, *, decision: Decision, request: VerificationRequest, **_: Any) -> None:
    custody.schedule_destruction(request, decision.undo_until)


def undone(sender: Any, *, decision: Decision, request: VerificationRequest, **_: Any) -> None:
    """Refusal undo_over where a picture is gone by now."""
    if decision.overrides_id is None:
        custody.keep_after_undo(request, decision.decided_at)


def withdrawn(sender: Any, *, request: VerificationRequest, **_: Any) -> None:
    request.evidence.filter(destroyed_at__isnull=True).update(
        destroy_at=Least("destroy_at", timezone.now()), destroy_cause=Evidence.Cause.WITHDRAWN
    )
