"""Acts on many requests at once: expire, assign, release. Never approve or deny.

Two steps: a preview says what will happen to each request and what will not, and why; doing
it takes exactly what was previewed, in the version it had. Each request is an act of its own
with its own audit entry, which names the bulk by one id.
"""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.db import models, transaction
from django.db.models.functions import Now

from compliance.members.roster import subject_of
from compliance.verification import assignment, expiry, leases
from compliance.verification.errors import Refusal
from compliance.verification.models import Claim, Escalation, VerificationRequest
from compliance.verification.states import AWAITS_MEMBER, REVIEWABLE, State
from compliance.verification.transitions import move
from monitoring.audit import trail

_SALT = "verification.bulk"
PREVIEW_SECONDS = 600


class Act(models.TextChoices):
    EXPIRE = "expire", "Expire"
    ASSIGN = "assign", "Assign"
    RELEASE = "release", "Release claims"


@dataclass(frozen=True)
class Preview:
    """What an act would do: to these it will, to those not because of the reason."""

    act: Act
    to: Any
    will: list[VerificationRequest]
    refused: dict[str, int] = field(default_factory=dict)

    def sealed(self) -> str:
        """The requests and versions that it holds for, signed, for the form that does it."""
        what = [self.act, self.to.pk if self.to else 0, [(r.pk, r.version) for r in self.will]]
        return signing.dumps(what, salt=_SALT, compress=True)


@dataclass(frozen=True)
class Done:
    """How many it happened to, and to how many not, by the reason."""

    act: Act
    done: int
    refused: dict[str, int]


def preview(act: Act, requests: Iterable[VerificationRequest], *, to: Any = None) -> Preview:
    """Sort the requests into what the act will and will not happen to. Changes nothing.

    Refusal not_allowed when there is nobody to assign to.
    """
    if act == Act.ASSIGN and to is None:
        raise Refusal("not_allowed", "Choose who should decide them.")
    found = list(requests)
    held = _holders([request.pk for request in found])
    will, refused = [], Counter[str]()
    for request in found:
        why = _why_not(act, request, held.get(request.pk), to)
        if why:
            refused[why] += 1
        else:
            will.append(request)
    return Preview(act, to, will, dict(refused))


def do(sealed: str, *, by: Any, note: str, staff: Any) -> Done:
    """Do what was previewed; what has changed since is left as it is, and counted by reason.

    `staff` finds a person by number. Refusals: reason_missing (an assignment without words),
    stale (the preview is older than ten minutes, or not one of ours).
    """
    try:
        name, to_id, seen = signing.loads(sealed, salt=_SALT, max_age=PREVIEW_SECONDS)
    except signing.BadSignature:
        raise Refusal("stale", "That preview is too old. Look at it again.") from None
    act, to = Act(name), staff(to_id) if to_id else None
    if act == Act.ASSIGN and not note.strip():
        raise Refusal("reason_missing", "Say what they should look at.")
    mark, refused, done = uuid.uuid4().hex[:12], Counter[str](), 0
    for request_id, version in seen:
        try:
            _do_one(act, request_id, version, by=by, to=to, note=note, mark=mark)
            done += 1
        except Refusal as refusal:
            refused[refusal.sentence] += 1
    return Done(act, done, dict(refused))


@transaction.atomic
def _do_one(
    act: Act, request_id: int, version: int, *, by: Any, to: Any, note: str, mark: str
) -> None:
    request = VerificationRequest.objects.select_for_update().filter(pk=request_id).first()
    if request is None:
        raise Refusal("stale", "Some are gone.")
    if request.version != version:
        raise Refusal("stale", "Some have changed since the preview.")
    holder = _holders([request_id]).get(request_id)
    if why := _why_not(act, request, holder, to):
        raise Refusal("not_allowed", why)
    if act == Act.EXPIRE:
        expiry.expire(request, by=by, data={"bulk": mark})
    elif act == Act.RELEASE:
        _release(request, by, mark)
    else:
        _assign(request, by, to, note, mark)


def _why_not(act: Act, request: VerificationRequest, holder: Claim | None, to: Any) -> str:
    """Why the act will not happen to this one; "" when it will."""
    state = State(request.state)
    if act == Act.EXPIRE:
        if state in REVIEWABLE:
            return "Somebody has to decide them: they wait for a review, not for the member."
        return "" if state in AWAITS_MEMBER else "They are over already."
    if act == Act.RELEASE:
        return "" if holder else "Nobody holds them."
    if state not in REVIEWABLE:
        return "They don't wait for a review."
    if holder:
        return f"{holder.moderator} is working on them; release them first."
    if to.discord_id is not None and to.discord_id == request.member_id:
        return f"It is {to}'s own request."
    handed = assignment.current(request)
    if handed is not None and handed.escalated_to_id == to.pk:
        return f"{to} has them already."
    return ""


def _release(request: VerificationRequest, by: Any, mark: str) -> None:
    row = Claim.objects.filter(request=request, ended_at__isnull=True).first()
    if row is None or not leases.end(row, Claim.End.RELEASED):
        raise Refusal("not_claimed", "Nobody holds them.")
    trail.record(
        "verification.released",
        actor=by,
        subject_id=subject_of(request.member_id),
        target=request,
        data={"claim": row.pk, "reason": "bulk", "holder": row.moderator_id, "bulk": mark},
    )


def _assign(request: VerificationRequest, by: Any, to: Any, note: str, mark: str) -> None:
    """Hand it to a named person, as an escalation does; an escalated one gets another person."""
    if not to.is_active or not to.has_perm("verification.decide"):
        raise Refusal("not_allowed", f"{to} may not decide.")
    if request.state != State.ESCALATED:
        move(request, State.ESCALATED, version=request.version)
    # What is left of an ended lease goes too.
    Claim.objects.filter(request=request, ended_at__isnull=True).update(
        ended_at=Now(), end_reason=Claim.End.MOVED
    )
    row = Escalation.objects.create(
        request=request, escalated_by=by, escalated_to=to, note=note.strip()[:500]
    )
    trail.record(
        "verification.escalated",
        actor=by,
        subject_id=subject_of(request.member_id),
        target=request,
        data={"escalation": row.pk, "to": to.pk, "bulk": mark},
    )


def _holders(request_ids: list[int]) -> dict[int, Claim]:
    rows = Claim.objects.select_related("moderator").filter(
        request__in=request_ids, ended_at__isnull=True, expires_at__gt=Now()
    )
    return {row.request_id: row for row in rows}
