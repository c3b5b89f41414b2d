"""A member asks to be verified, asks how it stands, or takes it back."""

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone

from compliance import policy
from compliance.members.models import Consent, Member
from compliance.members.roster import subject_of
from compliance.refusals import Refusal
from compliance.verification.metrics import count
from compliance.verification.models import VerificationRequest
from compliance.verification.signals import request_withdrawn
from compliance.verification.states import AWAITS_MEMBER, DECIDED, Method, State
from compliance.verification.transitions import move
from monitoring.audit import trail
from monitoring.audit.models import ActorType

T = TypeVar("T")


def methods() -> list[Method]:
    """The ways of verification that are switched on, in the order of the setting."""
    return [Method(name) for name in settings.VERIFICATION_METHODS]


def twice(act: Callable[[], T]) -> T:
    """Run an act that begins a request; when the member's other attempt was first, once more."""
    try:
        return act()
    except IntegrityError:
        return act()


def may_begin(member: Member) -> VerificationRequest | None:
    """The newest request, where the member may begin or go on.

    Refusals: waits (a review is due), verified, cooling_down (denied a short while ago).
    """
    newest = VerificationRequest.objects.filter(member=member).order_by("-pk").first()
    _refuse_while_busy(newest)
    return newest


def begin(member: Member, method: Method) -> tuple[VerificationRequest, bool]:
    """The request that now awaits the member by this method, and whether it is new.

    A member who is asked for something may choose another way: what was issued for the
    earlier one stops working. Refusals: method_off, and those of may_begin(). Call it inside
    a transaction, which twice() runs.
    """
    if method not in methods():
        raise Refusal("method_off")
    newest = (
        VerificationRequest.objects.select_for_update().filter(member=member).order_by("-pk")
    ).first()
    _refuse_while_busy(newest)
    if newest is None or newest.state not in AWAITS_MEMBER:
        made = VerificationRequest.objects.create(
            member=member, method=method, expires_at=timezone.now() + policy.UPLOAD_LINK_LIFE
        )
        record(made, "verification.requested", {"method": method})
        return made, True
    if (newest.method != method or method == Method.PROVIDER) and _can_be_undone(newest):
        raise Refusal("waits")  # an undo must find the request as the moderator left it
    if newest.method != method:
        _change_method(newest, method)
    if newest.state == State.OPENED:
        await_member(newest)
    return newest, False


def await_member(request: VerificationRequest) -> None:
    """The member has this long again; a request that was sent once before keeps its own time."""
    life = policy.UPLOAD_LINK_LIFE
    if request.provider_sessions.filter(answered_at=None, revoked_at=None).exists():
        life = policy.PROVIDER_SESSION_LIFE
    request.expires_at = timezone.now() + life
    request.save(update_fields=["expires_at"])


def put_before_reviewers(request: VerificationRequest, consent: Consent) -> None:
    """The member has done their part. Holds the request; call it inside a transaction.

    The review clock starts with the first submission and is never reset.
    """
    now = timezone.now()
    request.consent = consent
    request.submitted_at = request.submitted_at or now
    request.due_at = request.submitted_at + policy.REVIEW_TARGETS[request.method]
    request.save(update_fields=["consent", "submitted_at", "due_at"])
    request.decisions.filter(standing=True).update(standing=False)
    move(request, State.PENDING, version=request.version)
    if not request.member.made_up:
        count("pending", request.method)


@transaction.atomic
def withdraw(request_id: int) -> VerificationRequest:
    """The member takes the request back; pictures are destroyed by the next sweep.

    Refusal not_allowed once it is decided or over.
    """
    request = VerificationRequest.objects.select_for_update().get(pk=request_id)
    move(request, State.WITHDRAWN, version=request.version)
    revoke_what_was_issued(request)
    request_withdrawn.send(sender=VerificationRequest, request=request)
    record(request, "verification.withdrawn", {})
    count("withdrawn", request.method)
    return request


def revoke_what_was_issued(request: VerificationRequest) -> None:
    """Unused links and unanswered checks of the provider stop working."""
    now = timezone.now()
    request.links.filter(used_at__isnull=True, revoked_at__isnull=True).update(revoked_at=now)
    request.provider_sessions.filter(answered_at=None, revoked_at=None).update(revoked_at=now)


def record(request: VerificationRequest, action: str, data: dict[str, object]) -> None:
    """Write down what the member did."""
    trail.record(
        action,
        actor_type=ActorType.MEMBER,
        subject_id=subject_of(request.member_id),
        target=request,
        data=data,
    )


def earlier_of(member_ids: list[int]) -> dict[int, int]:
    """How many requests each of these members has made beside the present one."""
    return dict(
        VerificationRequest.objects.filter(member_id__in=member_ids)
        .order_by()
        .values_list("member_id")
        .annotate(n=Count("pk") - 1)
    )


def _refuse_while_busy(newest: VerificationRequest | None) -> None:
    if newest is None:
        return
    if newest.state in (State.PENDING, State.ESCALATED):
        raise Refusal("waits", due_at=newest.due_at.isoformat() if newest.due_at else None)
    if newest.state not in DECIDED:
        return
    decision = newest.decisions.filter(standing=True).order_by("-pk").first()
    # The member learns of a decision when its undo window is over, and can't overtake it.
    if decision is not None and decision.undo_until > timezone.now():
        raise Refusal("waits")
    if newest.state == State.APPROVED:
        raise Refusal("verified")
    if decision is not None and decision.appeal_from > timezone.now():
        at = int(decision.appeal_from.timestamp())
        raise Refusal(
            "cooling_down",
            f"Your last request was denied a short while ago. You may ask again <t:{at}:R>, and "
            "appeal from then on. /verify-status tells you why it was denied.",
            until=decision.appeal_from.isoformat(),
        )


def _can_be_undone(request: VerificationRequest) -> bool:
    return request.decisions.filter(standing=True, undo_until__gt=timezone.now()).exists()


def _change_method(request: VerificationRequest, method: Method) -> None:
    """Another way than before: the picture that was sent, if any is left, is of no use now."""
    before, request.method = request.method, method
    request.save(update_fields=["method"])
    revoke_what_was_issued(request)
    record(request, "verification.method_changed", {"from": before, "to": str(method)})
