"""What the database holds of cases, whoever writes them."""

import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from compliance.moderation import overruling, recording
from compliance.moderation.models import Case, CaseNote, Overruling

pytestmark = pytest.mark.django_db


def refused(act, error=IntegrityError):
    with pytest.raises(error) as why, transaction.atomic():
        act()
    return str(why.value)


def raw(author, about, **facts):
    now = timezone.now()
    base = {
        "kind": "warn", "member": about, "severity": "low", "reason": "spam", "source": "web",
        "by": author, "decided_at": now, "undo_until": now + timedelta(seconds=10),
    }  # fmt: skip
    return Case.objects.create(**(base | facts))


@pytest.mark.parametrize(
    ("facts", "constraint"),
    [
        ({"kind": "huh"}, "case_kind_known"),
        ({"severity": "huge"}, "case_severity_known"),
        ({"source": "moon"}, "case_source_known"),
        ({"reason": ""}, "case_has_a_reason"),
        ({"machine": "automod"}, "case_by_a_person_or_a_machine"),
        ({"by": None}, "case_by_a_person_or_a_machine"),
        ({"member": None}, "case_about_somebody"),
        ({"words": "x" * 513}, "case_words_fit"),
        ({"undo_until": timezone.now() - timedelta(days=1)}, "case_undo_after_decision"),
    ],
)
def test_a_case_that_can_not_be(fern, ada, facts, constraint):
    assert constraint in refused(lambda: raw(ada, fern, **facts))


def test_a_machine_decides_too(fern):
    assert raw(None, fern, by=None, machine="automod").author == "automod"


def test_the_same_request_is_written_once(fern, ada):
    key = uuid.uuid4()
    raw(ada, fern, request_key=key)
    assert "request_key" in refused(lambda: raw(ada, fern, request_key=key))


def test_nobody_records_their_own(fern, ada):
    ada.discord_id = fern.pk
    ada.save()
    assert "concerns themselves" in refused(lambda: raw(ada, fern), DatabaseError)


def test_nobody_notes_or_overrules_their_own(case, fern, ada, bo):
    made = case(ada)
    bo.discord_id = fern.pk
    bo.save()
    add = {"case": made, "by": bo}
    said = refused(lambda: CaseNote.objects.create(text="x", **add), DatabaseError)
    assert "concerns themselves" in said
    said = refused(lambda: Overruling.objects.create(why="x", **add), DatabaseError)
    assert "concerns themselves" in said


def test_its_author_does_not_overrule_it(case, ada):
    made = case(ada)
    said = refused(lambda: Overruling.objects.create(case=made, by=ada, why="x"), DatabaseError)
    assert "Nobody decides again" in said


def test_it_is_overruled_with_words(case, ada, bo):
    made = case(ada)
    said = refused(lambda: Overruling.objects.create(case=made, by=bo, why=" "), DatabaseError)
    assert "with words" in said


def test_a_slip_is_its_authors_and_of_a_moment_ago(case, ada, bo, later):
    made = case(ada)
    slip = {"case": made, "is_slip": True}
    assert "its author" in refused(lambda: Overruling.objects.create(by=bo, **slip), DatabaseError)
    later(made)
    assert "at once" in refused(lambda: Overruling.objects.create(by=ada, **slip), DatabaseError)


@pytest.mark.parametrize(
    "change",
    [
        {"words": "Other words."}, {"reason": "scam"}, {"severity": "high"}, {"kind": "note"},
        {"member": None}, {"forgotten_at": timezone.now()}, {"decided_at": timezone.now()},
    ],
)  # fmt: skip
def test_nothing_of_a_case_changes(case, ada, change):
    made = case(ada)
    found = Case.objects.filter(pk=made.pk)
    assert "for good" in refused(lambda: found.update(**change), DatabaseError)


def test_nothing_of_it_is_deleted(case, ada, bo):
    made = case(ada, note="x")
    overruling.overrule(made.number, staff=bo, why="x")
    for model in (Overruling, CaseNote, Case):
        rows = model.objects.all()
        assert "for good" in refused(lambda rows=rows: rows._raw_delete(rows.db), DatabaseError)


def test_notes_and_what_overrules_stay_as_they_are(case, ada, bo):
    made = case(ada)
    recording.add_note(made.number, by=bo, text="x")
    overruling.overrule(made.number, staff=bo, why="x")
    assert "for good" in refused(lambda: CaseNote.objects.update(text=""), DatabaseError)
    assert "for good" in refused(lambda: Overruling.objects.update(why=""), DatabaseError)


def test_the_site_may_only_add(db):
    from monitoring.database.grants import of_functions, of_tables

    tables = of_tables()
    for name in ("case", "casenote", "overruling"):
        assert tables[f"moderation_{name}"] == {"SELECT", "INSERT"}
    assert "public.moderation_forget(bigint)" in of_functions()


def test_forgetting(case, fern, ada, bo):
    made = case(ada, words="Three links.", note="Ask.")
    overruling.overrule(made.number, staff=bo, why="A joke.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT moderation_forget(%s)", [fern.pk])
        assert cursor.fetchone() == (1,)
    made = Case.objects.get()
    assert (made.number, made.kind, made.reason, made.by) == (1, "warn", "spam", ada)
    assert (made.member, made.words, made.notes.get().text, made.overruling.why) == (
        None,
        "",
        "",
        "",
    )
    assert made.forgotten_at is not None


def test_forgetting_another(case, member, ada):
    made, other = case(ada, words="Mine."), member("moss")
    with connection.cursor() as cursor:
        cursor.execute("SELECT moderation_forget(%s)", [other.pk])
        assert cursor.fetchone() == (0,)
    made.refresh_from_db()
    assert made.words == "Mine."


def test_an_erasure_forgets_the_cases(case, fern, ada, cora, later):
    from compliance.effects.models import Effect
    from compliance.members.models import Member
    from compliance.privacy import erasure

    later(case(ada, words="Three links.", note="Ask."))
    assert "1 case" in erasure.count_of(fern)
    erased = erasure.erase(fern, by=cora, reason="asked")
    assert erased.rows["moderation.case"] == 1
    assert not Member.everybody.filter(pk=fern.pk).exists()
    assert not Effect.objects.exists()
    made = Case.objects.get()
    assert (made.number, made.member_id, made.words, made.reason) == (1, None, "", "spam")
