"""A member asks to be verified, asks how it stands, or takes it back."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models.functions import Least
from django.utils import timezone

from compliance import policy
from compliance.members.models import Member
from compliance.members.roster import subject_of
from compliance.verification import links, second_reviews
from compliance.verification.errors import Refusal
from compliance.verification.messages import for_decision
from compliance.verification.metrics import count
from compliance.verification.models import Decision, Evidence, VerificationRequest
from compliance.verification.states import AWAITS_MEMBER, DECIDED, Method, State
from compliance.verification.transitions import move
from monitoring.audit import trail
from monitoring.audit.models import ActorType


@dataclass(frozen=True)
class Opened:
    """A request that awaits the member, and the URL of its fresh one-time link."""

    request: VerificationRequest
    url: str
    is_new: bool


def open_request(member: Member, *, method: str = Method.ID_DOCUMENT) -> Opened:
    """Begin, or go on with, an age verification and issue a fresh link.

    Twice at once makes one request. Refusals: waits (a review is due), verified.
    """
    try:
        return _open(member, method)
    except IntegrityError:  # the member's other /verify was first: go on with that one
        return _open(member, method)


@transaction.atomic
def _open(member: Member, method: str) -> Opened:
    newest = (
        VerificationRequest.objects.select_for_update().filter(member=member).order_by("-pk")
    ).first()
    if newest is not None:
        if newest.state in (State.PENDING, State.ESCALATED):
            raise Refusal("waits", due_at=newest.due_at.isoformat() if newest.due_at else None)
        # The member learns of a decision when its undo window is over, and can't overtake it.
        fresh = newest.decisions.filter(standing=True, undo_until__gt=timezone.now())
        if newest.state in DECIDED and fresh.exists():
            raise Refusal("waits")
        if newest.state == State.APPROVED:
            raise Refusal("verified")
    is_new = newest is None or newest.state not in AWAITS_MEMBER
    if newest is None or is_new:
        newest = VerificationRequest.objects.create(
            member=member,
            method=method,
            expires_at=timezone.now() + policy.UPLOAD_LINK_LIFE,
        )
        _record(newest, "verification.requested", {"method": method})
    elif newest.state == State.OPENED:
        newest.expires_at = timezone.now() + policy.UPLOAD_LINK_LIFE
        newest.save(update_fields=["expires_at"])
    url = links.issue(newest)
    _record(newest, "verification.link_issued", {})
    return Opened(newest, url, is_new)


@transaction.atomic
def withdraw(request_id: int) -> VerificationRequest:
    """The member takes the request back; pictures are destroyed by the next sweep.

    Refusal not_allowed once it is decided or over.
    """
    request = VerificationRequest.objects.select_for_update().get(pk=request_id)
    move(request, State.WITHDRAWN, version=request.version)
    now = timezone.now()
    request.links.filter(used_at__isnull=True, revoked_at__isnull=True).update(revoked_at=now)
    request.evidence.filter(destroyed_at__isnull=True).update(
        destroy_at=Least("destroy_at", now), destroy_cause=Evidence.Cause.WITHDRAWN
    )
    second_reviews.void(request)
    _record(request, "verification.withdrawn", {})
    count("withdrawn", request.method)
    return request


def status_words(member_id: int) -> str:
    """Where the member's verification stands, in words for the member. Times as Discord shows."""
    request = VerificationRequest.objects.filter(member_id=member_id).order_by("-pk").first()
    if request is None:
        return "You have not asked to be verified yet. Type /verify to begin."
    if request.state in (State.PENDING, State.ESCALATED) and request.due_at:
        return (
            "We have your picture and a moderator will look at it, usually by "
            f"<t:{int(request.due_at.timestamp())}:t>. You'll hear from us here."
        )
    decision = Decision.objects.filter(request=request, standing=True).order_by("-pk").first()
    if decision is not None and request.state in (State.APPROVED, State.DENIED):
        if decision.undo_until > timezone.now():
            return "A moderator is looking at your request right now."
        if request.state == State.APPROVED:
            return "You are verified."
        return for_decision(decision)
    return {
        State.OPENED: "Your link waits for your picture. Type /verify for a fresh one.",
        State.MORE_REQUESTED: "We asked you for one more picture. Type /verify to get a link.",
        State.EVIDENCE_EXPIRED: (
            "Your picture was destroyed before a decision. Type /verify to send it again."
        ),
        State.WITHDRAWN: "You took your request back. Type /verify to begin again.",
        State.EXPIRED: "Your last link expired unused. Type /verify to begin again.",
    }[State(request.state)]


def _record(request: VerificationRequest, action: str, data: dict[str, str]) -> None:
    trail.record(
        action,
        actor_type=ActorType.MEMBER,
        subject_id=subject_of(request.member_id),
        target=request,
        data=data,
    )
