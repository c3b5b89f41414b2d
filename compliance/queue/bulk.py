"""Acts on many requests at once: expire, assign, release. Never approve or deny.

Two steps: a preview says what will happen to each request and what will not, and why; doing
it takes exactly what was previewed, in the version it had. Each request is an act of its own
with its own audit entry, which names the bulk by one id.
"""

import hashlib
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.core import signing
from django.db import models, transaction

from compliance.desk import claims, escalations, holding, relations
from compliance.desk.models import Claim, HeldAct
from compliance.members.roster import subject_of
from compliance.refusals import Refusal
from compliance.verification import expiry
from compliance.verification.claims import CLAIMS, KIND
from compliance.verification.models import VerificationRequest
from compliance.verification.states import AWAITS_MEMBER, REVIEWABLE, State
from compliance.verification.transitions import move
from monitoring.audit import trail
from monitoring.people import Person

_SALT = "verification.bulk"
PREVIEW_SECONDS = 600
HELD = "bulk"  # as held acts are known


class Act(models.TextChoices):
    EXPIRE = "expire", "Expire"
    ASSIGN = "assign", "Assign"
    RELEASE = "release", "Release claims"


DONE = {Act.EXPIRE: "expired", Act.ASSIGN: "assigned", Act.RELEASE: "released"}


@dataclass(frozen=True)
class Preview:
    """What an act of `by` would do: to these it will, to those not because of the reason."""

    act: Act
    by: Person
    to: Any
    will: list[VerificationRequest]
    refused: dict[str, int] = field(default_factory=dict)

    def sealed(self) -> str:
        """The requests and versions that it holds for, signed, for the form that does it."""
        seen = [(request.pk, request.version) for request in self.will]
        what = [self.act, self.by.pk, self.to.pk if self.to else 0, seen]
        return signing.dumps(what, salt=_SALT, compress=True)


@dataclass(frozen=True)
class Done:
    """How many it happened to, and to how many not, by the reason."""

    act: Act
    done: int
    refused: dict[str, int]


def preview(
    act: Act, requests: Iterable[VerificationRequest], *, by: Person, to: Any = None
) -> Preview:
    """Sort the requests into what the act will and will not happen to. Changes nothing.

    Nothing happens to the own request of whoever acts. Refusal not_allowed when there is nobody
    to assign to.
    """
    if act == Act.ASSIGN and to is None:
        raise Refusal("not_allowed", "Choose who should decide them.")
    found = list(requests)
    held = _holders([request.pk for request in found])
    will, refused = [], Counter[str]()
    for request in found:
        why = _why_not(act, request, held.get(request.pk), by, to)
        if why:
            refused[why] += 1
        else:
            will.append(request)
    return Preview(act, by, to, will, dict(refused))


def asked(sealed: str, *, by: Person, note: str) -> dict[str, Any]:
    """What was previewed and is to be done, for carry_out(); JSON.

    Refusals: reason_missing (an assignment without words), stale (the preview is older than ten
    minutes, not one of ours, or somebody else's).
    """
    try:
        name, by_id, to_id, seen = signing.loads(sealed, salt=_SALT, max_age=PREVIEW_SECONDS)
    except (signing.BadSignature, ValueError):
        raise Refusal("stale", "That preview is too old. Look at it again.") from None
    if by_id != by.pk:
        raise Refusal("stale", "That is somebody else's preview. Look at it yourself.")
    if name == Act.ASSIGN and not note.strip():
        raise Refusal("reason_missing", "Say what they should look at.")
    return {"act": name, "to": to_id, "seen": seen, "note": note}


def hold(sealed: str, *, by: Person, note: str) -> HeldAct:
    """Do what was previewed when the undo window is over.

    Refusals: as asked(), not_allowed where that is nothing, and already_there for a preview
    that is used a second time.
    """
    what = asked(sealed, by=by, note=note)
    if not what["seen"]:
        raise Refusal("not_allowed", "There is nothing to do.")
    count = len(what["seen"])
    words = f"{Act(what['act']).label}: {count} request{'' if count == 1 else 's'}. Happens in"
    preview_id = hashlib.sha256(sealed.encode()).hexdigest()
    return holding.hold(HELD, by=by, subject=preview_id, payload=what, words=words)


def do_held(row: HeldAct) -> str:
    """What was held is due. Refusal not_allowed for whoever lost the right meanwhile."""
    if not (row.by.is_active and row.by.has_perm("verification.bulk")):
        raise Refusal("not_allowed", "Whoever asked for it may not act on many any more.")
    done = carry_out(row.payload, by=row.by, staff=_person)
    left = [f"{number} left as they are: {why}" for why, number in done.refused.items()]
    return " ".join([f"{done.done} {DONE[done.act]}.", *left])


def carry_out(what: dict[str, Any], *, by: Person, staff: Callable[[int], Any]) -> Done:
    """Do what was asked(); what has changed since is left as it is, and counted by reason.

    `staff` finds a person by number.
    """
    act, to = Act(what["act"]), staff(what["to"]) if what["to"] else None
    mark, refused, done = uuid.uuid4().hex[:12], Counter[str](), 0
    for request_id, version in what["seen"]:
        try:
            _do_one(act, request_id, version, by=by, to=to, note=what["note"], mark=mark)
            done += 1
        except Refusal as refusal:
            refused[refusal.sentence] += 1
    return Done(act, done, dict(refused))


def _person(pk: int) -> Any:
    return get_user_model().objects.filter(pk=pk).first()


@transaction.atomic
def _do_one(
    act: Act, request_id: int, version: int, *, by: Person, to: Any, note: str, mark: str
) -> None:
    request = VerificationRequest.objects.select_for_update().filter(pk=request_id).first()
    if request is None:
        raise Refusal("stale", "Some are gone.")
    if request.version != version:
        raise Refusal("stale", "Some have changed since the preview.")
    holder = _holders([request_id]).get(request_id)
    if why := _why_not(act, request, holder, by, to):
        raise Refusal("not_allowed", why)
    if act == Act.EXPIRE:
        expiry.expire(request, by=by, data={"bulk": mark})
    elif act == Act.RELEASE:
        _release(request, by, mark)
    else:
        _assign(request, by, to, note, mark)


def _why_not(
    act: Act, request: VerificationRequest, holder: Claim | None, by: Person, to: Any
) -> str:
    """Why the act will not happen to this one; "" when it will."""
    if refusal := relations.why_not(by, member_id=request.member_id):
        return refusal.sentence
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
    if relations.is_own(to, request.member_id):
        return f"It is {to}'s own request."
    handed = escalations.current(KIND.name, request.pk)
    if handed is not None and handed.escalated_to_id == to.pk:
        return f"{to} has them already."
    return ""


def _release(request: VerificationRequest, by: Person, mark: str) -> None:
    row = Claim.objects.on(KIND.name, request.pk).open().first()
    if row is None or not claims.end(row, Claim.End.RELEASED):
        raise Refusal("not_claimed", "Nobody holds them.")
    trail.record(
        "verification.released",
        actor=by,
        subject_id=subject_of(request.member_id),
        target=request,
        data={"claim": row.pk, "reason": "bulk", "holder": row.moderator_id, "bulk": mark},
    )


def _assign(request: VerificationRequest, by: Person, to: Any, note: str, mark: str) -> None:
    """Hand it to a named person, as an escalation does; an escalated one gets another person."""
    if not to.is_active or not to.has_perm(KIND.work):
        raise Refusal("not_allowed", f"{to} may not decide.")
    if request.state != State.ESCALATED:
        move(request, State.ESCALATED, version=request.version)
    # What is left of an ended lease goes too.
    row = escalations.write(KIND.name, request.pk, by=by, to=to, note=note, can_be_undone=False)
    CLAIMS.end_all(request.pk, Claim.End.MOVED)
    trail.record(
        "verification.escalated",
        actor=by,
        subject_id=subject_of(request.member_id),
        target=request,
        data={"escalation": row.pk, "to": to.pk, "bulk": mark},
    )


def _holders(request_ids: list[int]) -> dict[int, Claim]:
    rows = Claim.objects.running().select_related("moderator", "item")
    found = rows.filter(
        item__kind=KIND.name, item__subject__in=request_ids, item__closed_at__isnull=True
    )
    return {row.item.subject: row for row in found}
