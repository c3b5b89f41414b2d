"""Records a case: the row, what Discord has to do, its audit entry, all in one transaction."""

import uuid
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from compliance import policy
from compliance.desk import relations
from compliance.effects.kinds import message
from compliance.members.models import Member
from compliance.members.roster import subject_of
from compliance.moderation import messages, metrics, reasons
from compliance.moderation.models import (
    NOTE_MOST,
    WORDS_MOST,
    Case,
    CaseNote,
    Kind,
    Severity,
    Source,
)
from compliance.refusals import Refusal
from monitoring.audit import trail
from monitoring.people import Person


@dataclass(frozen=True)
class Draft:
    """What somebody is about to record. `words` are for the member, `note` is for staff;
    `severity` "" is that of the reason."""

    kind: str
    member_id: int
    reason: str
    words: str = ""
    note: str = ""
    severity: str = ""


def record(draft: Draft, *, by: Person, source: Source, key: uuid.UUID | None = None) -> Case:
    """Record it for good. The same `key` again, by the same person, is the first case.

    Refusals: invalid, words_missing (a note without words), words_too_many, unknown (no such
    member), own, stale (the key was used for something else).
    """
    draft = _checked(draft)
    relations.check(by, member_id=draft.member_id, own="own")
    try:
        with transaction.atomic():
            return _record(draft, by, source, key)
    except IntegrityError:
        first = Case.objects.filter(request_key=key).first() if key is not None else None
        if first is None:
            raise
        if not _is_same(first, draft, by):
            raise Refusal("stale", "This form was used for another case.") from None
        return first


def add_note(number: int, *, by: Person, text: str) -> CaseNote:
    """Add to a case what staff should know. Refusals: unknown, own, words_missing, words_too_many,
    over (its member was erased)."""
    text = _tidy(text)
    if not text:
        raise Refusal("words_missing")
    if len(text) > NOTE_MOST:
        raise Refusal("words_too_many", f"Keep it to {NOTE_MOST:,} letters, please.")
    with transaction.atomic():
        case = Case.objects.filter(pk=number).first()
        if case is None:
            raise Refusal("unknown", "There is no case of that number.")
        if case.member_id is None:
            raise Refusal("over", "Whom this case is about was erased; nothing is added to it.")
        relations.check(by, member_id=case.member_id, own="own")
        note = CaseNote.objects.create(case=case, by=by, text=text)
        trail.record(
            "case.note_added",
            actor=by,
            subject_id=subject_of(case.member_id),
            target=case,
            data={"note": note.pk},
        )
    return note


def _checked(draft: Draft) -> Draft:
    words, note = _tidy(draft.words), _tidy(draft.note)
    severity = draft.severity or reasons.get(draft.reason).severity
    if (
        draft.kind not in Kind.values
        or draft.reason not in reasons.everything()
        or severity not in Severity.values
    ):
        raise Refusal("invalid", "Choose what to record and for which reason.")
    if draft.kind == Kind.NOTE:
        words = ""
        if not note:
            raise Refusal("words_missing", "A note needs words.")
    if len(words) > WORDS_MOST:
        raise Refusal(
            "words_too_many", f"Keep what the member reads to {WORDS_MOST} letters, please."
        )
    if len(note) > NOTE_MOST:
        raise Refusal("words_too_many", f"Keep the note to {NOTE_MOST:,} letters, please.")
    return Draft(draft.kind, draft.member_id, draft.reason, words, note, severity)


def _record(draft: Draft, by: Person, source: Source, key: uuid.UUID | None) -> Case:
    # Held, as an erasure holds it: a case must not come after what was to be all.
    members = Member.everybody.select_for_update(no_key=True)
    if not members.filter(pk=draft.member_id, made_up=False).exists():
        raise Refusal("unknown", "No member of this id has been seen in the guild.")
    now = timezone.now()
    case = Case.objects.create(
        kind=draft.kind,
        member_id=draft.member_id,
        severity=draft.severity,
        reason=draft.reason,
        words=draft.words,
        source=source,
        by=by,
        request_key=key,
        decided_at=now,
        undo_until=now + policy.UNDO_WINDOW,
    )
    if draft.note:
        CaseNote.objects.create(case=case, by=by, text=draft.note)
    if content := messages.for_case(case):
        message.want(
            draft.member_id,
            messages.about(case),
            content,
            cause=case.cause,
            not_before=case.undo_until,
        )
    trail.record(
        "case.recorded",
        actor=by,
        subject_id=subject_of(draft.member_id),
        target=case,
        data={
            "kind": case.kind,
            "reason": case.reason,
            "severity": case.severity,
            "source": case.source,
        },
    )
    metrics.count(case.kind, case.reason)
    return case


def _is_same(first: Case, draft: Draft, by: Person) -> bool:
    said = (first.by_id, first.kind, first.member_id, first.reason, first.words)
    return said == (by.pk, draft.kind, draft.member_id, draft.reason, draft.words)


def _tidy(text: str) -> str:
    return text.replace("\x00", "").strip()
