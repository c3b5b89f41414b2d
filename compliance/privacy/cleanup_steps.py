"""What the daily clean-up removes here: attempts that failed long ago."""

from django.db import transaction
from django.utils import timezone

from compliance import policy
from compliance.evidence.models import Evidence
from compliance.verification.models import VerificationRequest
from compliance.verification.states import State
from monitoring.maintenance import cleanup
from monitoring.ui.words import span

_FAILED = (State.DENIED, State.EXPIRED, State.WITHDRAWN)
_BATCH = 1000


def old_failed_attempts() -> int:
    """Denied, expired and withdrawn requests past their retention, with all that hangs on them."""
    limit = timezone.now() - policy.FAILED_ATTEMPT_RETENTION
    removed = 0
    while True:
        with transaction.atomic():
            ids = list(
                VerificationRequest.objects.filter(state__in=_FAILED, state_since__lt=limit)
                .exclude(evidence__destroyed_at__isnull=True, evidence__isnull=False)
                .order_by("pk")
                .values_list("pk", flat=True)[:_BATCH]
            )
            if not ids:
                return removed
            old = VerificationRequest.objects.filter(pk__in=ids)
            Evidence.objects.filter(request__in=ids, destroyed_at__isnull=False).delete()
            for request in old.prefetch_related("decisions"):
                for decision in sorted(request.decisions.all(), key=lambda d: -d.pk):
                    decision.delete()
            old.delete()
            removed += len(ids)


cleanup.step(
    f"Failed verification attempts older than {span(policy.FAILED_ATTEMPT_RETENTION)}",
    old_failed_attempts,
)
