"""What time does to pictures: destroys what is due, finds what was lost."""

import structlog
from django.db import transaction
from django.db.models.functions import Least, Now

from compliance.evidence import custody, store
from compliance.evidence.models import Evidence
from compliance.verification import messages
from compliance.verification.metrics import count, count_failure
from compliance.verification.models import VerificationRequest
from compliance.verification.states import REVIEWABLE
from compliance.verification.sweeping import back_to_member

log = structlog.get_logger(__name__)
BATCH = 200


def sweep_lost() -> int:
    """Find pictures whose files are gone although nothing destroyed them; returns how many.

    A request that waits for a review goes back to the member, who is told. Judges nothing
    when the whole store is not there: its disk may come back.
    """
    living = Evidence.objects.filter(destroyed_at__isnull=True)
    if not store.is_there():
        if living.exists():
            log.error("evidence_store_not_there")
            count_failure()
        return 0
    lost = 0
    for picture in living.select_related("request").order_by("stored_at").iterator():
        try:
            if not store.is_whole(picture.id) and _lose_one(picture):
                log.error("evidence_lost", evidence=str(picture.pk))
                count_failure(picture.request.method)
                lost += 1
        except OSError as error:
            log.error("evidence_not_readable", evidence=str(picture.pk), errno=error.errno)
            count_failure()
    return lost


@transaction.atomic
def _lose_one(picture: Evidence) -> bool:
    """The loss and what follows from it are one act. Rows are taken request first, always."""
    request = VerificationRequest.objects.select_for_update().get(pk=picture.request_id)
    if not custody.destroy_lost(picture):
        return False
    if request.state in REVIEWABLE:
        # Half of what was sent is no use either: the member sends all of it again.
        request.evidence.filter(destroyed_at__isnull=True).update(
            destroy_at=Least("destroy_at", Now()), destroy_cause=Evidence.Cause.LOST
        )
        back_to_member(request, messages.EVIDENCE_LOST)
    return True


def destroy_due() -> int:
    due = (
        Evidence.objects.filter(destroyed_at__isnull=True, destroy_at__lte=Now())
        .select_related("request")
        .order_by("destroy_at")[:BATCH]
    )
    destroyed = 0
    for picture in due:
        try:
            destroyed += _destroy_one(picture)
        except OSError as error:
            # One file that can't be removed must not keep the others alive.
            log.error("evidence_not_destroyed", evidence=str(picture.pk), errno=error.errno)
            count_failure()
    return destroyed


@transaction.atomic
def _destroy_one(picture: Evidence) -> bool:
    """Destruction and what follows from it are one act. Rows are taken request first, always."""
    request = VerificationRequest.objects.select_for_update().get(pk=picture.request_id)
    destroyed = custody.destroy(picture)
    if destroyed and picture.destroy_cause == Evidence.Cause.EXPIRED:
        _evidence_expired(request)
    return destroyed


def _evidence_expired(request: VerificationRequest) -> None:
    """72 hours undecided: the request goes back to the member, who is told."""
    if request.state not in REVIEWABLE:
        return
    back_to_member(request, messages.EVIDENCE_EXPIRED)
    if not request.member.made_up:
        count("expired", request.method)
