"""A case is recorded once and for good, with what Discord has to do and its audit entry."""

import uuid

import pytest
from prometheus_client import REGISTRY

from compliance.effects.models import Effect
from compliance.moderation import recording
from compliance.moderation.models import NOTE_MOST, WORDS_MOST, Case, CaseNote, Source
from compliance.refusals import Refusal
from monitoring.audit.models import Entry

pytestmark = pytest.mark.django_db


def code_of(act, *arguments, **named):
    with pytest.raises(Refusal) as refusal:
        act(*arguments, **named)
    return refusal.value.code


def test_a_warning(case, fern, ada):
    made = case(ada, reason="spam", words="Three shop links.", note="Ask the others.")
    made.refresh_from_db()
    assert (made.number, made.kind, made.severity, made.member) == (1, "warn", "low", fern)
    assert (made.by, made.machine, made.source) == (ada, "", "web")
    assert [note.text for note in made.notes.all()] == ["Ask the others."]
    effect = Effect.objects.get()
    assert (effect.kind, effect.member_id, effect.cause) == ("message", fern.pk, "case:1")
    assert effect.not_before == made.undo_until
    assert effect.payload["content"] == (
        "This is a warning, because you posted spam or advertising. The rule: No spam and no "
        "advertising. Three shop links. It is case 1."
    )


def test_its_audit_entry_has_no_words(case, ada):
    case(ada, words="Three shop links.", note="Ask the others.")
    entry = Entry.objects.get(action="case.recorded")
    assert (entry.actor, entry.target_type, entry.target_id) == (ada, "moderation.case", "1")
    assert entry.data == {"kind": "warn", "reason": "spam", "severity": "low", "source": "web"}


def test_a_note_is_told_to_nobody(case, ada):
    made = case(ada, "note", note="Listens when reminded.", words="Not for them.")
    assert not Effect.objects.exists()
    assert made.words == ""


def test_the_severity_is_that_of_the_reason_unless_somebody_says_otherwise(case, ada):
    assert case(ada, reason="doxxing").severity == "critical"
    assert case(ada, reason="doxxing", severity="low").severity == "low"


def test_numbers_have_no_gaps(case, fern, ada):
    numbers = [case(ada).number, case(ada).number]
    assert code_of(case, ada, severity="huge") == "invalid"
    with pytest.raises(Refusal):
        recording.record(recording.Draft("warn", 1, "spam"), by=ada, source=Source.WEB)
    assert [*numbers, case(ada).number] == [1, 2, 3]


def test_another_warning_does_not_take_the_place_of_the_first(case, ada):
    case(ada), case(ada)
    assert Effect.objects.filter(state="waiting").count() == 2


@pytest.mark.django_db(transaction=True)
def test_it_is_counted_when_it_stands(case, ada):
    labels = {"action": "warn", "reason": "spam", "channel": "other", "automated": "false"}
    before = REGISTRY.get_sample_value("content_moderation_total", labels)
    case(ada)
    assert REGISTRY.get_sample_value("content_moderation_total", labels) == before + 1


# --- twice ------------------------------------------------------------------
def test_the_same_form_twice_is_one_case(case, ada):
    key = uuid.uuid4()
    assert case(ada, key=key).number == case(ada, key=key).number == 1
    assert (Case.objects.count(), Effect.objects.count()) == (1, 1)


@pytest.mark.parametrize("other", [{"reason": "scam"}, {"words": "Something else."}])
def test_a_key_that_was_used_for_another_case(case, ada, other):
    key = uuid.uuid4()
    case(ada, key=key)
    assert code_of(case, ada, key=key, **other) == "stale"


def test_another_persons_key(case, ada, bo, member):
    key = uuid.uuid4()
    case(ada, key=key)
    assert code_of(case, bo, key=key) == "stale"
    assert code_of(case, ada, key=key, of=member("moss")) == "stale"


# --- refusals ---------------------------------------------------------------
def test_nobody_records_a_case_about_themselves(case, fern, ada):
    ada.discord_id = fern.pk
    ada.save()
    assert code_of(case, ada) == "own"


@pytest.mark.parametrize("bad", [{"kind": "ban"}, {"reason": "unknown"}, {"severity": "huge"}])
def test_what_is_not_known(case, ada, bad):
    assert code_of(case, ada, **bad) == "invalid"
    assert not Case.objects.exists()


def test_a_note_without_words(case, ada):
    assert code_of(case, ada, "note", note=" \x00 ") == "words_missing"


@pytest.mark.parametrize(
    ("part", "most", "kind"), [("words", WORDS_MOST, "warn"), ("note", NOTE_MOST, "note")]
)
def test_too_many_words(case, ada, part, most, kind):
    assert case(ada, kind, **{part: "x" * most})
    assert code_of(case, ada, kind, **{part: "x" * (most + 1)}) == "words_too_many"


def test_somebody_who_was_never_seen(ada):
    draft = recording.Draft("warn", 1187342001234567999, "spam")
    assert code_of(recording.record, draft, by=ada, source=Source.WEB) == "unknown"


def test_what_a_member_reads_pings_nobody(case, ada):
    case(ada, words="@everyone look at <@1187342001234567890>")
    said = Effect.objects.get().payload["content"]
    assert "@everyone" not in said and "<@1" not in said


# --- notes ------------------------------------------------------------------
def test_add_a_note(case, ada, bo):
    made = case(ada)
    recording.add_note(made.number, by=bo, text="Spoke with them.")
    assert [(note.by, note.text) for note in made.notes.all()] == [(bo, "Spoke with them.")]
    entry = Entry.objects.get(action="case.note_added")
    assert (entry.actor, entry.target_id) == (bo, "1")
    assert "Spoke" not in str(entry.data)


def test_notes_that_are_refused(case, fern, ada, bo):
    made = case(ada)
    assert code_of(recording.add_note, made.number, by=bo, text=" ") == "words_missing"
    long = "x" * (NOTE_MOST + 1)
    assert code_of(recording.add_note, made.number, by=bo, text=long) == "words_too_many"
    assert code_of(recording.add_note, 99, by=bo, text="x") == "unknown"
    bo.discord_id = fern.pk
    bo.save()
    assert code_of(recording.add_note, made.number, by=bo, text="x") == "own"
    assert not CaseNote.objects.exists()
