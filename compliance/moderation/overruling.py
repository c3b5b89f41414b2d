"""A case that does not stand any more: overruled by somebody else, or taken back at once."""

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from compliance.desk import relations
from compliance.effects import outbox
from compliance.effects.kinds import message
from compliance.members.roster import subject_of
from compliance.moderation import messages
from compliance.moderation.models import WORDS_MOST, Case, Overruling
from compliance.refusals import Refusal
from monitoring.audit import trail
from monitoring.people import Person

AUTHOR = "The case is yours; somebody else decides whether it stands."


def why_not(case: Case, staff: Person) -> Refusal | None:
    """Why this person may not overrule it; None when they may. own, own_decision, already_there,
    over."""
    if case.member_id is None:
        return Refusal("over", "Whom this case is about was erased; nothing is left to overrule.")
    refusal = relations.why_not(
        staff, member_id=case.member_id, authors=[case.by_id], own="own", sentence=AUTHOR
    )
    if refusal is not None:
        return refusal
    if hasattr(case, "overruling"):
        return Refusal("already_there", "This case doesn't stand any more.")
    return None


@transaction.atomic
def overrule(number: int, *, staff: Person, why: str) -> Overruling:
    """It does not count any more; a member who was told of it hears so.

    Refusals: unknown, words_missing, words_too_many, and those of why_not().
    """
    why = why.replace("\x00", "").strip()
    if not why:
        raise Refusal("words_missing", "Say why, for the record.")
    if len(why) > WORDS_MOST:
        raise Refusal("words_too_many", f"Keep it to {WORDS_MOST} letters, please.")
    case = _get(number)
    if refusal := why_not(case, staff):
        raise refusal
    row = _write(case, Overruling(case=case, by=staff, why=why))
    _untell(case)
    _record("case.overruled", case, staff)
    return row


@transaction.atomic
def take_back(number: int, *, staff: Person) -> Overruling:
    """One's own, within the undo window: nothing of it has happened, and nobody is told.

    Refusals: unknown, not_allowed, undo_over, already_there.
    """
    case = _get(number)
    if case.by_id != staff.pk:
        raise Refusal("not_allowed", "Only its author can take a case back.")
    if hasattr(case, "overruling"):
        raise Refusal("already_there")
    if not Case.objects.filter(pk=number, undo_until__gt=Now()).exists():
        raise Refusal("undo_over", "The time to undo is over. Somebody else can overrule it.")
    try:
        outbox.withdraw(case.cause)
    except outbox.Delivered:
        raise Refusal("undo_over") from None
    row = _write(case, Overruling(case=case, by=staff, is_slip=True))
    _record("case.taken_back", case, staff)
    return row


def _get(number: int) -> Case:
    case = Case.objects.select_related("overruling").filter(pk=number).first()
    if case is None:
        raise Refusal("unknown", "There is no case of that number.")
    return case


def _write(case: Case, row: Overruling) -> Overruling:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if Overruling.objects.filter(pk=case.pk).exists():  # somebody was faster
            raise Refusal("already_there", "This case doesn't stand any more.") from None
        raise error
    return row


def _untell(case: Case) -> None:
    """What was not said yet is not said; who has read it, or may have, reads that it is over."""
    was_told = outbox.drop(case.cause)
    if was_told and case.member_id is not None:
        message.want(
            case.member_id,
            messages.about(case),
            messages.overruled(case),
            cause=f"{case.cause}:overruled",
            not_before=timezone.now(),
        )


def _record(action: str, case: Case, staff: Person) -> None:
    assert case.member_id is not None
    trail.record(
        action,
        actor=staff,
        subject_id=subject_of(case.member_id),
        target=case,
        data={"kind": case.kind, "reason": case.reason},
    )
