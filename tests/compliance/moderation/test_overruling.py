"""A case that doesn't stand: overruled by somebody else, or taken back by its author at once."""

import pytest

from compliance.effects import delivery
from compliance.effects.models import Effect
from compliance.moderation import overruling
from compliance.moderation.models import WORDS_MOST, Case, Overruling
from compliance.refusals import Refusal
from monitoring.audit.models import Entry

pytestmark = pytest.mark.django_db


def code_of(act, *arguments, **named):
    with pytest.raises(Refusal) as refusal:
        act(*arguments, **named)
    return refusal.value.code


def newest(made):
    return Effect.objects.filter(member_id=made.member_id).order_by("-pk").first()


def test_it_works(case, ada, bo):
    made = case(ada)
    row = overruling.overrule(made.number, staff=bo, why="A joke between friends.")
    assert (row.by, row.why, row.is_slip) == (bo, "A joke between friends.", False)
    assert not Case.objects.standing().exists()
    entry = Entry.objects.get(action="case.overruled")
    assert (entry.actor, entry.target_id) == (bo, "1")
    assert "joke" not in str(entry.data)


def test_what_was_not_said_yet_is_not_said(case, ada, bo):
    made = case(ada)
    overruling.overrule(made.number, staff=bo, why="A joke.")
    assert [one.state for one in Effect.objects.all()] == ["superseded"]


@pytest.mark.parametrize("is_done", [True, False])
def test_who_was_told_or_may_be_hears_that_it_is_over(case, ada, bo, later, is_done):
    made = later(case(ada))
    [effect] = delivery.lease_due()
    if is_done:
        delivery.delivered(effect)
    overruling.overrule(made.number, staff=bo, why="A joke.")
    last = newest(made)
    assert (last.cause, last.state) == ("case:1:overruled", "waiting")
    assert "It doesn't count any more." in last.payload["content"]


def test_who_could_not_be_told_hears_nothing(case, ada, bo, later):
    made = later(case(ada))
    [effect] = delivery.lease_due()
    delivery.failed(effect, "Takes no messages", 50007)
    overruling.overrule(made.number, staff=bo, why="A joke.")
    assert [one.state for one in Effect.objects.all()] == ["superseded"]


def test_a_note_is_overruled_in_silence(case, ada, bo):
    overruling.overrule(case(ada, "note", note="x").number, staff=bo, why="Not true.")
    assert not Effect.objects.exists()


def test_refusals(case, fern, ada, bo):
    made = case(ada)
    act = overruling.overrule
    assert code_of(act, made.number, staff=ada, why="x") == "own_decision"
    assert code_of(act, made.number, staff=bo, why=" \x00") == "words_missing"
    assert code_of(act, made.number, staff=bo, why="x" * (WORDS_MOST + 1)) == "words_too_many"
    assert code_of(act, 99, staff=bo, why="x") == "unknown"
    bo.discord_id = fern.pk
    bo.save()
    assert code_of(act, made.number, staff=bo, why="x") == "own"
    assert not Overruling.objects.exists()


def test_only_once(case, ada, bo, cora):
    made = case(ada)
    overruling.overrule(made.number, staff=bo, why="x")
    assert code_of(overruling.overrule, made.number, staff=cora, why="x") == "already_there"
    assert code_of(overruling.take_back, made.number, staff=ada) == "already_there"


# --- taken back -------------------------------------------------------------
def test_take_back(case, ada):
    made = case(ada)
    row = overruling.take_back(made.number, staff=ada)
    assert (row.by, row.is_slip, row.why) == (ada, True, "")
    assert [one.state for one in Effect.objects.all()] == ["superseded"]
    assert Entry.objects.filter(action="case.taken_back", actor=ada).exists()


def test_take_back_refused(case, ada, bo, later):
    made = case(ada)
    assert code_of(overruling.take_back, made.number, staff=bo) == "not_allowed"
    later(made)
    assert code_of(overruling.take_back, made.number, staff=ada) == "undo_over"
    assert code_of(overruling.take_back, 99, staff=ada) == "unknown"


def test_what_is_on_its_way_is_not_taken_back(case, ada):
    made = case(ada)
    Effect.objects.update(state="delivered")
    assert code_of(overruling.take_back, made.number, staff=ada) == "undo_over"
    assert not Overruling.objects.exists()
