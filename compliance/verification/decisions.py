"""A moderator decides, or the provider did.

One transaction holds decision, effects, end of the claim and audit.
"""

import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from compliance import policy
from compliance.effects import delivery, outbox
from compliance.members.roster import subject_of
from compliance.verification import evidence, in_person, looking, messages, second_reviews
from compliance.verification.errors import Refusal
from compliance.verification.models import Claim, Decision, VerificationRequest
from compliance.verification.quality_models import Dispute
from compliance.verification.signals import decision_undone
from compliance.verification.states import DECIDED, DenyReason, State
from compliance.verification.transitions import move, take_back
from monitoring import prepared
from monitoring.audit import trail
from monitoring.audit.models import ActorType

VERIFIED = "verified"


def approve(
    request_id: int,
    *,
    moderator: Any,
    version: int,
    idempotency_key: uuid.UUID | None = None,
    attested: str = "",
) -> Decision:
    """21 or over: the role and a message follow when the undo window is over.

    Without a picture the moderator attests what they saw: `attested` is the day, as the desk
    showed it, on or before which the member was born.
    """
    return _decide(
        request_id, State.APPROVED, moderator, version, idempotency_key, attested=attested
    )


def deny(
    request_id: int,
    *,
    moderator: Any,
    version: int,
    reason: str,
    note: str = "",
    idempotency_key: uuid.UUID | None = None,
) -> Decision:
    """Not approved, for one of DenyReason; `other` needs a note, which the member reads."""
    if reason not in DenyReason.values or (reason == DenyReason.OTHER and not note.strip()):
        raise Refusal("reason_missing")
    return _decide(request_id, State.DENIED, moderator, version, idempotency_key, reason, note)


def request_more(
    request_id: int,
    *,
    moderator: Any,
    version: int,
    note: str,
    idempotency_key: uuid.UUID | None = None,
) -> Decision:
    """Ask the member for something else; `note` says what, in words that the member reads."""
    if not note.strip():
        raise Refusal("reason_missing", "Say what the member should send.")
    return _decide(request_id, State.MORE_REQUESTED, moderator, version, idempotency_key, note=note)


def undo(decision_id: int, *, moderator: Any) -> VerificationRequest:
    """Take one's own decision back within its window; the request is claimed again.

    Nothing of it has happened in Discord by then. An override that is taken back lets the
    decision before it stand again. Refusals: undo_over, already_there, not_allowed.
    """
    with transaction.atomic():
        decision = (
            Decision.objects.select_for_update(of=("self",))
            .select_related("request", "claim")
            .get(pk=decision_id)
        )
        if decision.decided_by_id != moderator.pk:
            raise Refusal("not_allowed", "Only its author can undo a decision.")
        undone = Decision.objects.filter(
            pk=decision_id, standing=True, undo_until__gt=Now()
        ).update(standing=False, undone_at=Now())
        if not undone:
            raise Refusal("already_there" if decision.undone_at else "undo_over")
        if decision.request.state != decision.result:
            raise Refusal("undo_over", "The member has gone on since; it can't be undone.")
        try:
            outbox.withdraw(_cause(decision))
        except outbox.Delivered:
            raise Refusal("undo_over") from None
        request = take_back(decision.request, State(decision.state_before))
        if decision.overrides_id is None:
            evidence.keep_after_undo(request, decision.decided_at)
            Claim.objects.create(
                request=request,
                moderator=moderator,
                expires_at=timezone.now() + policy.CLAIM_LEASE,
            )
            if decision.result == State.APPROVED:
                _restore_earlier_wish(decision, request.member_id)
        else:
            _restore_overridden(decision, request)
        trail.record(
            "verification.undone",
            actor=moderator,
            subject_id=subject_of(request.member_id),
            target=request,
            data={"decision": decision.pk, "result": decision.result},
        )
        decision_undone.send(sender=Decision, decision=decision)
    return request


def override(
    request_id: int,
    *,
    staff: Any,
    version: int,
    result: str,
    reason: str,
    note: str,
    settles: Dispute | None = None,
) -> Decision:
    """Reverse a decision by a new one, by somebody else than its author, with words why.

    A second review that waits is over with it; while reviewers are in dispute only the one who
    settles that may override. Refusals: own_decision, own_request, disputed, reason_missing,
    stale, already_there, and not_allowed, also while its author can still undo it.
    """
    if not note.strip() or (result == State.DENIED and reason not in DenyReason.values):
        raise Refusal("reason_missing")
    with transaction.atomic():
        request = VerificationRequest.objects.select_related("member").get(pk=request_id)
        if VerificationRequest.objects.filter(member=request.member, pk__gt=request.pk).exists():
            raise Refusal("not_allowed", "The member has asked again since; decide that request.")
        before = request.decisions.select_for_update().filter(standing=True).order_by("-pk").first()
        if before is None or request.state not in DECIDED:
            raise Refusal("not_allowed")
        if request.member.made_up:
            raise Refusal("not_allowed", "This was a practice case; nothing hangs on it.")
        if staff.discord_id is not None and staff.discord_id == request.member_id:
            raise Refusal("own_request")
        disputed = Dispute.objects.unsettled().filter(review__request=request)
        if settles is None and disputed.exists():
            raise Refusal("disputed")
        if before.decided_by_id == staff.pk:
            raise Refusal("own_decision")
        if before.undo_until > timezone.now():
            raise Refusal("not_allowed", "Its author can still undo it; wait some seconds.")
        state_before = State(request.state)
        move(request, State(result), version=version, override=True)
        Decision.objects.filter(pk=before.pk).update(standing=False)
        second_reviews.void(request)
        decision = _write(
            request, state_before, version, State(result), staff, None, None,
            reason if result == State.DENIED else "", note, before,
        )  # fmt: skip
        _effects(decision, request, was_approved=state_before == State.APPROVED)
        _record(decision, request, "verification.overridden", staff)
    return decision


def decide_by_provider(request: VerificationRequest, result: State, reason: str = "") -> Decision:
    """What the provider's answer decided, without a person. Call it inside a transaction that
    holds the request. Nobody can undo it; compliance can override it."""
    state_before, version = State(request.state), request.version
    move(request, result, version=version)
    decision = _write(
        request, state_before, version, result, None, None, None, reason, "",
        actor_type=ActorType.PROVIDER,
    )  # fmt: skip
    _effects(decision, request, was_approved=False)
    evidence.schedule_destruction(request, decision.undo_until)
    _record(decision, request, f"verification.{result}", None)
    return decision


def _decide(
    request_id: int,
    result: State,
    moderator: Any,
    version: int,
    idempotency_key: uuid.UUID | None,
    reason: str = "",
    note: str = "",
    attested: str = "",
) -> Decision:
    """The common path. Refusals: not_claimed, not_revealed, not_attested, stale, …

    The same idempotency key again, by the same moderator, returns the first decision.
    """
    try:
        with transaction.atomic():
            return _decide_once(
                request_id, result, moderator, version, idempotency_key, reason, note, attested
            )
    except (Refusal, IntegrityError) as error:
        first = _first_answer(request_id, idempotency_key, moderator)
        if first is not None:
            return first
        if isinstance(error, IntegrityError) and _is_used(idempotency_key):
            raise Refusal("stale", "This form was used for another request.") from error
        raise


def _decide_once(
    request_id: int,
    result: State,
    moderator: Any,
    version: int,
    idempotency_key: uuid.UUID | None,
    reason: str,
    note: str,
    attested: str,
) -> Decision:
    look = looking.at(request_id)
    if look is None:
        raise Refusal("not_reviewable")
    request, claim = look.request, look.claim_of(moderator)
    state_before = State(request.state)
    if request.version != version or state_before not in (State.PENDING, State.ESCALATED):
        move(request, result, version=version)  # says why it can't
        raise Refusal("not_reviewable")
    if claim is None:
        raise Refusal("not_claimed")
    seen = _seen(request, claim, attested) if result == State.APPROVED else {}
    move(request, result, version=version, claim=claim)
    decision = _write(
        request, state_before, version, result, moderator, claim, idempotency_key, reason, note
    )
    _effects(decision, request, was_approved=False)
    evidence.schedule_destruction(request, decision.undo_until)
    _record(decision, request, f"verification.{result}", moderator, seen)
    return decision


def _seen(request: VerificationRequest, claim: Claim, attested: str) -> dict[str, str]:
    """How the moderator knows, for the record: nobody is approved unseen.

    Refusals: not_attested, not_revealed, evidence_gone.
    """
    if in_person.needs_attestation(request):
        day = in_person.check_attestation(attested)
        return {"attested": "seen in person with their ID", "born_on_or_before": day.isoformat()}
    if claim.revealed_at is None:
        living = request.evidence.filter(destroyed_at__isnull=True)
        raise Refusal("not_revealed" if living.exists() else "evidence_gone")
    return {}


def _write(
    request: VerificationRequest,
    state_before: State,
    version: int,
    result: State,
    staff: Any,
    claim: Claim | None,
    idempotency_key: uuid.UUID | None,
    reason: str,
    note: str,
    overrides: Decision | None = None,
    actor_type: ActorType = ActorType.STAFF,
) -> Decision:
    now = timezone.now()
    decision = Decision(
        request=request,
        request_version=version,
        state_before=state_before,
        result=result,
        reason=reason,
        note=note.strip()[:500],
        threshold_years=policy.AGE_THRESHOLD_YEARS,
        method=request.method,
        actor_type=actor_type,
        decided_by=staff,
        claim=claim,
        idempotency_key=idempotency_key,
        decided_at=now,
        undo_until=now + policy.UNDO_WINDOW,
        overrides=overrides,
    )
    prepared.insert([decision])
    return decision


def _effects(decision: Decision, request: VerificationRequest, *, was_approved: bool) -> None:
    if request.member.made_up:
        return  # a practice case: nothing hangs on it
    cause, member_id = _cause(decision), request.member_id
    wishes = [_message(decision, member_id)]
    if decision.result == State.APPROVED or was_approved:
        wishes.insert(0, outbox.role(member_id, VERIFIED, decision.result == State.APPROVED))
    outbox.want(wishes, cause=cause, not_before=decision.undo_until)


def _record(
    decision: Decision,
    request: VerificationRequest,
    action: str,
    staff: Any,
    seen: dict[str, str] | None = None,
) -> None:
    trail.record(
        action,
        actor=staff,
        actor_type=decision.actor_type,
        subject_id=subject_of(request.member_id),
        target=request,
        data={
            "decision": decision.pk,
            "result": decision.result,
            "reason": decision.reason,
            "threshold": decision.threshold_years,
            "method": decision.method,
        }
        | (seen or {}),
    )


def _restore_overridden(override: Decision, request: VerificationRequest) -> None:
    """Let the decision before an override stand again, and want what it says.

    The override's wish had superseded the earlier role, delivered or not, so it is wanted anew;
    the earlier message only if it had not been sent.
    """
    before = Decision.objects.select_related("request__member").get(overridden_by=override)
    Decision.objects.filter(pk=before.pk).update(standing=True)
    Dispute.objects.filter(decision=override).update(
        resolution="", note="", resolved_by=None, resolved_at=None, decision=None
    )
    outbox.want_role(
        request.member_id,
        VERIFIED,
        request.state == State.APPROVED,
        cause=f"undo:{override.pk}",
        not_before=timezone.now(),
    )
    message = _message(before, request.member_id)
    outbox.lock([message.key])
    if outbox.is_unsaid(message, by=_cause(before)):
        outbox.want([message], cause=f"undo:{override.pk}", not_before=timezone.now())


def _message(decision: Decision, member_id: int) -> outbox.Wish:
    return outbox.message(member_id, messages.ABOUT, messages.for_decision(decision))


def _restore_earlier_wish(approval: Decision, member_id: int) -> None:
    """The role is to be away, as before: a wish for that may have been open when we approved.

    It was superseded, and so taken from the list of what failed.
    """
    cause = _cause(approval)
    if outbox.is_known(outbox.role(member_id, VERIFIED, False), but_by=cause):
        outbox.want_role(
            member_id, VERIFIED, False, cause=f"undo:{approval.pk}", not_before=timezone.now()
        )


def give_again(joined_ids: list[int] | None = None) -> int:
    """Want the role again for verified members who left and are back; returns how many.

    Called with those who have just joined, and for everybody after the bot was away.
    """
    return sum(
        _give_again(member_id) for member_id in delivery.lost_by_leaving(VERIFIED, joined_ids)
    )


@transaction.atomic
def _give_again(member_id: int) -> bool:
    """An override of the same moment comes before this, or supersedes it."""
    approved = VerificationRequest.objects.filter(member_id=member_id, state=State.APPROVED)
    if approved.select_for_update().first() is None:
        return False
    now = timezone.now()
    outbox.want_role(member_id, VERIFIED, True, cause=f"rejoin:{now:%Y%m%d%H%M%S}", not_before=now)
    return True


def _cause(decision: Decision) -> str:
    return f"decision:{decision.pk}"


def _is_used(idempotency_key: uuid.UUID | None) -> bool:
    return Decision.objects.filter(
        idempotency_key=idempotency_key, idempotency_key__isnull=False
    ).exists()


def _first_answer(
    request_id: int, idempotency_key: uuid.UUID | None, moderator: Any
) -> Decision | None:
    if idempotency_key is None:
        return None
    return Decision.objects.filter(
        request_id=request_id, idempotency_key=idempotency_key, decided_by=moderator
    ).first()
