"""The life of a picture: kept encrypted, looked at by its claimant, destroyed with proof."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.db.models.functions import Least, Now
from django.utils import timezone

from compliance import policy
from compliance.desk import relations
from compliance.desk.models import Claim
from compliance.evidence import keys, store, watermark
from compliance.evidence.models import Evidence
from compliance.evidence.pictures import Picture
from compliance.members.roster import subject_of
from compliance.refusals import Refusal
from compliance.verification.claims import KIND, held_claim
from compliance.verification.metrics import count_failure
from compliance.verification.models import VerificationRequest
from compliance.verification.states import REVIEWABLE
from monitoring import prepared
from monitoring.audit import trail
from monitoring.people import Person

log = structlog.get_logger(__name__)

# In SQL for tests/bench/test_decisions.py.
_PICTURE = f"""
SELECT {prepared.columns(Evidence, "picture")} FROM evidence_evidence picture
WHERE request_id = %s AND position = %s AND position < 100
    AND destroyed_at IS NULL AND destroy_at > statement_timestamp()
"""  # noqa: S608 - names of our own columns; the conditions of living()
# In SQL for tests/bench/test_decisions.py.
_REVEAL = """
UPDATE desk_claim SET revealed_at = coalesce(revealed_at, statement_timestamp())
WHERE id = %s AND ended_at IS NULL AND expires_at > statement_timestamp()
"""
# In SQL for tests/bench/test_decisions.py.
_DESTROY_AT = """
UPDATE evidence_evidence picture SET destroy_at = %(at)s, destroy_cause = 'decided'
WHERE request_id = %(request)s AND destroyed_at IS NULL AND destroy_at > %(at)s
    AND NOT EXISTS (
        SELECT FROM quality_secondreview drawn
        WHERE drawn.request_id = picture.request_id AND drawn.outcome = ''
    )
"""


@dataclass(frozen=True)
class Kept:
    """A picture that lies in the store and has no row yet."""

    id: uuid.UUID
    picture: Picture
    ciphertext_bytes: int
    ciphertext_sha256: bytes


def keep(picture: Picture) -> Kept:
    """Encrypt a picture into the store. Raises Refusal store_failed; then nothing is kept."""
    evidence_id = uuid.uuid4()
    wrapped_key, blob = keys.seal(picture.content, evidence_id.bytes)
    try:
        store.put(evidence_id, wrapped_key, blob)
    except store.StoreUnusable as error:
        log.error("evidence_store_unusable", errno=error.errno)
        count_failure()
        raise Refusal("store_failed") from error
    return Kept(evidence_id, picture, len(blob), hashlib.sha256(blob).digest())


def discard(kept: list[Kept]) -> None:
    """Remove pictures whose rows were never written."""
    for item in kept:
        store.remove(item.id)


def attach(request: VerificationRequest, kept: list[Kept]) -> None:
    """Write the rows of a submission; earlier pictures of the request are due at once."""
    now = timezone.now()
    living = request.evidence.filter(destroyed_at__isnull=True)
    # Replaced pictures that wait for their destruction keep their places from 100 on.
    highest = living.aggregate(highest=Max("position"))["highest"] or 0
    living.filter(position__lt=100).update(
        destroy_at=Least("destroy_at", now),
        destroy_cause=Evidence.Cause.REPLACED,
        position=F("position") + (highest // 100 + 1) * 100,
    )
    Evidence.objects.bulk_create(
        Evidence(
            id=item.id,
            request=request,
            position=position,
            stored_at=now,
            destroy_at=now + policy.EVIDENCE_LIFE,
            width=item.picture.width,
            height=item.picture.height,
            ciphertext_bytes=item.ciphertext_bytes,
            ciphertext_sha256=item.ciphertext_sha256,
        )
        for position, item in enumerate(kept, start=1)
    )


def reveal(request_id: int, position: int, moderator: Person) -> bytes:
    """The JPEG, for the one who holds the claim, with their name and the time drawn over it.

    With second_reviews.reveal() the one way to see a picture: each look is an audit entry,
    written before the picture is sent. So is a try that fails: it lets the moderator ask for
    more, or deny as unreadable, and nothing else.
    Refusals: not_claimed, own_request, evidence_gone, store_failed.
    """
    claim = held_claim(request_id, moderator)
    try:
        picture, content = unlock(request_id, position)
        marked = watermark.mark(content, moderator, timezone.now())
    except Refusal as refusal:
        if refusal.code == "store_failed":
            _record_failure(claim, position, moderator)
        raise
    with transaction.atomic():
        if not prepared.run(_REVEAL, [claim.pk]):
            raise Refusal("not_claimed")
        trail.record(
            "verification.revealed",
            actor=moderator,
            subject_id=subject_of(_member(claim)),
            target=KIND.target(claim.item.subject),
            data={"evidence": str(picture.id), "position": position, "claim": claim.pk},
        )
    return marked


def _member(claim: Claim) -> int:
    """Whom a claimed request is about: every one is about a member."""
    member_id = claim.item.member_id
    assert member_id is not None
    return member_id


@transaction.atomic
def _record_failure(claim: Claim, position: int, moderator: Person) -> None:
    """The store has the picture and could not show it; what is not there is no failure."""
    Claim.objects.filter(pk=claim.pk).update(reveal_failed_at=Now())
    trail.record(
        "verification.reveal_failed",
        actor=moderator,
        subject_id=subject_of(_member(claim)),
        target=KIND.target(claim.item.subject),
        data={"position": position, "claim": claim.pk},
    )


def unlock(request_id: int, position: int) -> tuple[Evidence, bytes]:
    """The row and the plain JPEG, in memory only; whoever calls this records the look.

    Refusals: evidence_gone, store_failed.
    """
    rows = prepared.rows(_PICTURE, [request_id, position])
    if not rows:
        raise Refusal("evidence_gone")
    picture = prepared.instance(Evidence, list(rows[0]))
    return picture, _open(picture)


def living(request_id: int) -> QuerySet[Evidence]:
    """The pictures of the newest submission that can still be looked at."""
    return Evidence.objects.filter(
        request_id=request_id, position__lt=100, destroyed_at__isnull=True, destroy_at__gt=Now()
    )


def reveal_with_reason(request_id: int, position: int, staff: Person, reason: str) -> bytes:
    """The JPEG, marked like any other, for compliance without a claim.

    The audit entry keeps the reason, and is written first. It lets nobody approve: that takes
    a look within one's own claim. Refusals: reason_missing, own_request, evidence_gone,
    store_failed.
    """
    if not reason.strip():
        raise Refusal("reason_missing", "Say why you look, in words; the audit trail keeps them.")
    with transaction.atomic():
        picture, content = unlock(request_id, position)
        member_id = picture.request.member_id
        relations.check(staff, member_id=member_id)
        if picture.request.state not in REVIEWABLE:
            # Nothing may tell which decided requests are looked at a second time.
            raise Refusal("evidence_gone")
        trail.record(
            "verification.revealed_with_reason",
            actor=staff,
            subject_id=subject_of(member_id),
            target=picture.request,
            data={
                "evidence": str(picture.id),
                "position": position,
                "reason": reason.strip()[:300],
            },
        )
    return watermark.mark(content, staff, timezone.now())


def _open(picture: Evidence) -> bytes:
    try:
        return keys.unseal(*store.get(picture.id), picture.id.bytes)
    except (store.StoreUnusable, keys.KeyUnusable) as error:
        log.error("evidence_unreadable", evidence=str(picture.id), why=str(error))
        count_failure()
        raise Refusal(
            "store_failed",
            "The picture can't be read: its key or file is unusable. "
            "Ask the member for a new one; an operator has to look at the evidence store.",
        ) from error


def schedule_destruction(request: VerificationRequest, at: Any) -> None:
    """Decided: destroy at the end of the undo window, never later than 72 h after upload.

    Pictures that were drawn for a second review stay for it, at most to their 72 h. It is the
    same statement for both, so that nothing tells them apart.
    """
    prepared.run(_DESTROY_AT, {"request": request.pk, "at": at})


def destroy_soon(request: VerificationRequest, cause: str) -> None:
    """What is left of the request's pictures is destroyed by the next sweep, within seconds."""
    now = timezone.now()
    request.evidence.filter(destroyed_at__isnull=True, destroy_at__gt=now).update(
        destroy_at=now, destroy_cause=cause
    )


def keep_after_undo(request: VerificationRequest, decided_at: datetime) -> None:
    """The decision was taken back: the picture lives on, to its 72 hours.

    Refusal undo_over when its destruction was faster, or was due within the undo window
    anyway: a request must not wait for a review that nobody can do.
    """
    if request.evidence.filter(destroyed_at__gte=decided_at).exists():
        raise Refusal("undo_over", "The picture has been destroyed meanwhile.")
    for picture in request.evidence.filter(
        destroyed_at__isnull=True, destroy_cause=Evidence.Cause.DECIDED
    ):
        picture.destroy_at = picture.stored_at + policy.EVIDENCE_LIFE
        picture.destroy_cause = Evidence.Cause.EXPIRED
        picture.save(update_fields=["destroy_at", "destroy_cause"])


def destroy(picture: Evidence) -> bool:
    """Destroy key and blob of what is due, then write the proof. True when this call wrote it.

    Safe to repeat at any point: files that are gone stay gone, and only who holds the row
    writes the audit entry.
    """
    with transaction.atomic():
        # The row is held meanwhile: an undo waits, and then finds that it is too late.
        row = Evidence.objects.select_for_update().filter(
            pk=picture.pk, destroyed_at__isnull=True, destroy_at__lte=Now()
        )
        if row.first() is None:
            return False
        _remove(picture, picture.destroy_cause)
        Evidence.objects.filter(pk=picture.pk).update(destroyed_at=Now())
    return True


def destroy_lost(picture: Evidence) -> bool:
    """Write down as destroyed what can't be opened any more, because a file of it is gone.

    What is left of it is removed. False when it is whole, or destroyed meanwhile. Call it
    with the row of its request held. Raises StoreUnusable.
    """
    with transaction.atomic():
        row = Evidence.objects.select_for_update().filter(pk=picture.pk, destroyed_at__isnull=True)
        if row.first() is None or store.is_whole(picture.id):
            return False
        _remove(picture, Evidence.Cause.LOST)
        Evidence.objects.filter(pk=picture.pk).update(
            destroyed_at=Now(),
            destroy_at=Least("destroy_at", Now()),
            destroy_cause=Evidence.Cause.LOST,
        )
    return True


def erase(picture: Evidence) -> None:
    """Destroy the files of a picture whose row was deleted in this transaction, with proof.

    Raises OSError when they can't be removed.
    """
    _remove(picture, Evidence.Cause.ERASED)


def _remove(picture: Evidence, cause: str) -> None:
    """Key and blob, and the proof that they are gone. The row is held by who calls this."""
    store.remove(picture.id)
    trail.record(
        "evidence.destroyed",
        subject_id=subject_of(picture.request.member_id),
        target=picture,
        data={
            "ciphertext_sha256": bytes(picture.ciphertext_sha256).hex(),
            "cause": cause,
            "request": picture.request_id,
        },
    )


def sweep_orphans(min_age: timedelta = timedelta(minutes=10)) -> int:
    """Remove files without a living row. Younger ones may belong to an upload under way."""
    removed = 0
    for evidence_id in store.older_than(min_age):
        if not Evidence.objects.filter(pk=evidence_id, destroyed_at__isnull=True).exists():
            with transaction.atomic():
                trail.record(
                    "evidence.destroyed",
                    data={"evidence": str(evidence_id), "cause": Evidence.Cause.ORPHAN},
                )
                store.remove(evidence_id)
            removed += 1
    return removed
