"""Staff decide an appeal: somebody else than the author of the denial, with an undo window."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from compliance import policy
from compliance.appeals import messages
from compliance.appeals.claims import CLAIMS
from compliance.appeals.models import Appeal, AppealState
from compliance.desk import relations
from compliance.desk.models import Claim
from compliance.effects import outbox
from compliance.effects.kinds import message
from compliance.members import blinds
from compliance.members.roster import subject_of
from compliance.quality.models import Dispute
from compliance.refusals import Refusal
from compliance.verification import overriding, taking_back
from compliance.verification.messages import ABOUT
from compliance.verification.models import Decision, VerificationRequest
from compliance.verification.states import State
from monitoring.audit import trail
from monitoring.people import Person


def may_not(appeal: Appeal, staff: Person) -> Refusal | None:
    """Why this person may not decide it: own_appeal, own_decision, blind."""
    refusal = relations.why_not(
        staff,
        member_id=appeal.member_id,
        authors=_authors(appeal),
        own="own_appeal",
        sentence="The denial is yours; somebody else decides the appeal.",
    )
    if refusal is not None:
        return refusal
    if appeal.member_id in blinds.member_ids(staff):
        return Refusal("blind", "Do the blind second review of this member first.")
    return None


def _authors(appeal: Appeal) -> list[int | None]:
    """Who denied, and whoever let that denial stand when two reviewers disagreed."""
    kept = Dispute.objects.filter(
        review__decision=appeal.decision_id, resolution=Dispute.Resolution.KEEP
    )
    return [appeal.decision_by_id, *kept.values_list("resolved_by_id", flat=True)]


def is_moot(appeal: Appeal) -> bool:
    """Whether there is nothing left to decide: no denial stands, or the member asked again."""
    newer = VerificationRequest.objects.filter(
        member_id=appeal.member_id, pk__gt=appeal.decision.request_id
    )
    return not appeal.decision.standing or newer.exists()


@transaction.atomic
def uphold(appeal_id: int, *, staff: Person, version: int, note: str) -> Appeal:
    """The denial stands; the member reads why.

    Refusals: own_decision, own_appeal, blind, stale, already_decided, moot, reason_missing.
    """
    if not note.strip():
        raise Refusal("reason_missing", "Say why, in words that the member reads.")
    appeal = _take(appeal_id, staff, version)
    until = _decide(appeal, AppealState.UPHELD, staff, note)
    message.want(
        appeal.member_id,
        ABOUT,
        messages.upheld(appeal.note),
        cause=_cause(appeal),
        not_before=until,
    )
    _record(appeal, "appeal.upheld", staff)
    return appeal


@transaction.atomic
def grant(appeal_id: int, *, staff: Person, version: int, note: str = "") -> Appeal:
    """The member may send again at once: the message opens a request and carries its link.

    Refusals as uphold(), but words are welcome, not needed.
    """
    appeal = _take(appeal_id, staff, version)
    until = _decide(appeal, AppealState.GRANTED, staff, note)
    message.want(
        appeal.member_id,
        ABOUT,
        messages.granted(appeal.note),
        cause=_cause(appeal),
        not_before=until,
        with_link=True,
    )
    _record(appeal, "appeal.granted", staff)
    return appeal


@transaction.atomic
def reverse(appeal_id: int, *, staff: Person, version: int, note: str) -> Appeal:
    """Approve after all, by an override; role and message are those of every approval.

    Refusals as uphold(), and those of overriding.override(); not_allowed without its right.
    """
    if not staff.has_perm("verification.override"):
        raise Refusal("not_allowed", "Compliance alone may reverse a decision.")
    appeal = _take(appeal_id, staff, version)
    request = VerificationRequest.objects.get(pk=appeal.decision.request_id)
    override = overriding.override(
        request.pk,
        staff=staff,
        version=request.version,
        result=State.APPROVED,
        reason="",
        note=note,
    )
    _decide(appeal, AppealState.REVERSED, staff, note, override)
    _record(appeal, "appeal.reversed", staff)
    return appeal


@transaction.atomic
def close(appeal_id: int, *, staff: Person, version: int) -> Appeal:
    """Nothing is left to decide; nobody is told. Refusal not_allowed while there is."""
    appeal = _take(appeal_id, staff, version, moot=True)
    _decide(appeal, AppealState.MOOT, staff, "")
    _record(appeal, "appeal.closed", staff)
    return appeal


@transaction.atomic
def undo(appeal_id: int, *, staff: Person) -> Appeal:
    """Take one's own decision of an appeal back within its window; it is open again.

    Refusals: own_appeal, not_allowed, already_there, undo_over.
    """
    appeal = _get(appeal_id)
    if appeal.decided_by_id is None:
        raise Refusal("already_there")
    if appeal.decided_by_id != staff.pk:
        raise Refusal("not_allowed", "Only its author can undo a decision.")
    relations.check(staff, member_id=appeal.member_id, own="own_appeal")
    if appeal.override_id is not None:
        taking_back.undo(appeal.override_id, moderator=staff)  # and reopen() hears of it
        appeal.refresh_from_db()
        return appeal
    # The row is held before the effects: whoever undoes at the same time waits here.
    appeal = Appeal.objects.select_for_update(of=("self",)).get(pk=appeal_id)
    if appeal.undo_until is None:
        raise Refusal("already_there")
    if appeal.undo_until <= timezone.now():
        raise Refusal("undo_over", "The time to undo is over.")
    try:
        outbox.withdraw(_cause(appeal))
    except outbox.Delivered:
        raise Refusal("undo_over", "The time to undo is over.") from None
    _open_again(appeal, staff)
    return appeal


def reopen(decision: Decision) -> None:
    """The override that reversed a denial was taken back by its author."""
    appeal = Appeal.objects.select_for_update(of=("self",)).filter(override=decision).first()
    if appeal is not None:
        _open_again(appeal, decision.decided_by)


def _take(appeal_id: int, staff: Person, version: int, *, moot: bool = False) -> Appeal:
    """The open appeal as its page showed it, held; decision and request are held first."""
    appeal = _get(appeal_id)
    if refusal := may_not(appeal, staff):
        raise refusal
    list(Decision.objects.select_for_update().filter(pk=appeal.decision_id))
    appeal = (
        Appeal.objects.select_for_update(of=("self",))
        .select_related("decision", "decided_by")
        .get(pk=appeal_id)
    )
    if appeal.state != AppealState.OPEN:
        raise Refusal(
            "already_decided",
            f"{appeal.decided_by} decided this already: {appeal.get_state_display().lower()}.",
        )
    if appeal.version != version:
        raise Refusal("stale", "This appeal has changed since you opened it.")
    CLAIMS.refuse_other(appeal_id, staff)
    if is_moot(appeal) != moot:
        raise Refusal(
            "not_allowed" if moot else "moot",
            "There is still something to decide."
            if moot
            else "The denial doesn't stand any more, or the member has asked again; close it.",
        )
    return appeal


def _get(appeal_id: int) -> Appeal:
    appeal = Appeal.objects.select_related("decision").filter(pk=appeal_id).first()
    if appeal is None:
        raise Refusal("unknown", "There is no appeal of that number.")
    return appeal


def _decide(
    appeal: Appeal, state: AppealState, staff: Person, note: str, override: Decision | None = None
) -> datetime:
    """Write it down; returns the end of the undo window."""
    now = timezone.now()
    appeal.state, appeal.note, appeal.version = state, note.strip()[:500], appeal.version + 1
    appeal.decided_by, appeal.decided_at, appeal.override = staff, now, override
    until = override.undo_until if override else now + policy.UNDO_WINDOW
    appeal.undo_until = until
    appeal.save(
        update_fields=[
            "state", "note", "version", "decided_by", "decided_at", "override", "undo_until",
        ]
    )  # fmt: skip
    CLAIMS.end_all(appeal.pk, Claim.End.DECIDED)
    return until


def _open_again(appeal: Appeal, staff: Person | None) -> None:
    outcome = appeal.state
    Appeal.objects.filter(pk=appeal.pk).update(
        state=AppealState.OPEN,
        note="",
        version=F("version") + 1,
        decided_by=None,
        decided_at=None,
        undo_until=None,
        override=None,
    )
    trail.record(
        "appeal.undone",
        actor=staff,
        subject_id=subject_of(appeal.member_id),
        target=appeal,
        data={"outcome": outcome},
    )
    appeal.refresh_from_db()


def _cause(appeal: Appeal) -> str:
    """Each decision of an appeal has its own: one message a cause."""
    return f"appeal:{appeal.pk}:{appeal.version}"


def _record(appeal: Appeal, action: str, staff: Person | None) -> None:
    trail.record(
        action,
        actor=staff,
        subject_id=subject_of(appeal.member_id),
        target=appeal,
        data={"decision": appeal.decision_id, "override": appeal.override_id},
    )
