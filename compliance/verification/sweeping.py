"""What time does to requests: destroys evidence, ends leases, expires what waited too long.

Called every few seconds by beat. Each part is bounded, conditional and may run twice, in
two workers at once; one part that fails does not keep the others from running.
"""

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.db import transaction
from django.db.models.functions import Least, Now
from django.utils import timezone

from compliance.effects import outbox
from compliance.members.roster import subject_of
from compliance.verification import (
    evidence,
    expiry,
    golden,
    messages,
    second_claims,
    second_reviews,
    store,
)
from compliance.verification.errors import Refusal
from compliance.verification.leases import end
from compliance.verification.metrics import count, count_failure, review_seconds
from compliance.verification.models import Claim, Decision, Evidence, VerificationRequest
from compliance.verification.states import AWAITS_MEMBER, REVIEWABLE, State
from compliance.verification.transitions import move
from monitoring.audit import trail

log = structlog.get_logger(__name__)
BATCH = 200


@dataclass(frozen=True)
class SweepResult:
    """How many of each the sweep ended."""

    destroyed: int
    leases: int
    expired: int
    counted: int
    second_reviews: int
    golden_cases: int


def sweep() -> SweepResult:
    """One sweep over everything that is due now."""
    return SweepResult(
        destroyed=_bounded(_destroy_due),
        leases=_bounded(_end_leases),
        expired=_bounded(_expire),
        counted=_bounded(_count_decisions),
        second_reviews=_bounded(second_reviews.sweep),
        golden_cases=_bounded(golden.sweep),
    )


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
    if not evidence.destroy_lost(picture):
        return False
    if request.state in REVIEWABLE:
        # Half of what was sent is no use either: the member sends all of it again.
        request.evidence.filter(destroyed_at__isnull=True).update(
            destroy_at=Least("destroy_at", Now()), destroy_cause=Evidence.Cause.LOST
        )
        _back_to_member(request, messages.EVIDENCE_LOST)
    return True


def _bounded(part: Callable[[], int]) -> int:
    try:
        return part()
    except Exception:
        log.exception("sweep_part_failed", part=part.__name__)
        return 0


def _destroy_due() -> int:
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
    destroyed = evidence.destroy(picture)
    if destroyed and picture.destroy_cause == Evidence.Cause.EXPIRED:
        _evidence_expired(request)
    return destroyed


def _evidence_expired(request: VerificationRequest) -> None:
    """72 hours undecided: the request goes back to the member, who is told."""
    if request.state not in REVIEWABLE:
        return
    _back_to_member(request, messages.EVIDENCE_EXPIRED)
    if not request.member.made_up:
        count("expired", request.method)


def _back_to_member(request: VerificationRequest, told: str) -> None:
    move(request, State.EVIDENCE_EXPIRED, version=request.version)
    if not request.member.made_up:
        outbox.want_message(
            request.member_id,
            messages.ABOUT,
            told,
            cause=f"evidence_expired:{request.pk}:{request.version}",
            not_before=timezone.now(),
        )
    _record(request, "verification.evidence_expired")


def _end_leases() -> int:
    ended = 0
    for claim in Claim.objects.filter(ended_at__isnull=True, expires_at__lte=Now())[:BATCH]:
        ended += end(claim, Claim.End.LEASE_ENDED)
    return ended + second_claims.end_leases(BATCH)


def _count_decisions() -> int:
    """Count what can't be undone any more: a decision that was taken back never was one."""
    counted = 0
    final = Decision.objects.filter(
        counted_at__isnull=True, undone_at__isnull=True, undo_until__lte=Now()
    ).select_related("request__member")
    for decision in final.order_by("undo_until")[:BATCH]:
        ours = Decision.objects.filter(pk=decision.pk, counted_at__isnull=True)
        if not ours.update(counted_at=Now()):
            continue  # another worker's sweep was faster
        if decision.request.member.made_up:
            continue  # a practice case
        count(decision.result, decision.method)
        submitted_at = decision.request.submitted_at
        if submitted_at is not None and _is_a_review(decision):
            took = (decision.decided_at - submitted_at).total_seconds()
            review_seconds.observe(took, method=decision.method)
        counted += 1
    return counted


def _is_a_review(decision: Decision) -> bool:
    """A first decision of a person; the provider's own ones would make people look fast."""
    return decision.overrides_id is None and decision.decided_by_id is not None


def _expire() -> int:
    over = VerificationRequest.objects.filter(
        state__in=AWAITS_MEMBER, expires_at__lte=Now()
    ).order_by("expires_at")[:BATCH]
    return sum(_expire_one(request) for request in over)


def _expire_one(request: VerificationRequest) -> bool:
    try:
        expiry.expire(request)
    except Refusal:
        return False  # the member was faster
    return True


def _record(request: VerificationRequest, action: str) -> None:
    trail.record(action, subject_id=subject_of(request.member_id), target=request)
