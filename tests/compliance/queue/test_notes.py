"""Compliance reads all that was written about a decision, beside the form that overrides it."""

import pytest

from compliance.evidence import custody
from compliance.quality import disputes, second_claims, second_reviews
from compliance.quality.models import Dispute
from compliance.queue import notes
from compliance.verification import claims, decisions, escalation
from compliance.verification.states import State

pytestmark = pytest.mark.django_db


def page(client, request):
    return client.get(f"/queue/{request.pk}/").content.decode()


@pytest.fixture
def disputed(revealed, drawn, ada, bo, end_undo_window):
    """Escalated, denied with words by ada, and seen otherwise by bo, with words."""
    request = revealed(bo)
    escalation.escalate(
        request.pk, moderator=bo, version=request.version, note="Look at the edge.", to=ada
    )
    request.refresh_from_db()
    claims.claim(request.pk, ada)
    custody.reveal(request.pk, 1, ada)
    end_undo_window(
        decisions.deny(
            request.pk, moderator=ada, version=request.version, reason="other", note="It is cut."
        )
    )
    second_reviews.sweep()
    review = second_reviews.for_moderator(bo).get()
    second_claims.claim(review.pk, bo)
    second_reviews.reveal(review.pk, 1, bo)
    second_reviews.answer(review.pk, moderator=bo, answer=State.MORE_REQUESTED, note="A shadow.")
    request.refresh_from_db()
    return request


def test_what_was_taken_back_says_so(revealed, ada):
    request = revealed(ada)
    named = {"moderator": ada, "version": request.version}
    row = escalation.escalate(request.pk, note="Look at the edge.", **named)
    escalation.undo(row.pk, moderator=ada)
    [note] = notes.of(request)
    assert (note.act, note.words) == ("Escalated (undone)", "Look at the edge.")


def test_it_works(disputed, cora, sign_in):
    found = notes.of(disputed)
    assert [(note.act, str(note.by), note.words) for note in found] == [
        ("Escalated", "bo", "Look at the edge."),
        ("Denied: other…", "ada", "It is cut."),
        ("Second review: More requested", "bo", "A shadow."),
    ]
    shown = page(sign_in(cora), disputed)
    assert "Override this decision" in shown
    for words in ("Look at the edge.", "It is cut.", "A shadow."):
        assert words in shown


def test_both_reviewers_words_stand_in_the_dispute(disputed, cora, sign_in):
    shown = sign_in(cora).get("/queue/disputes/").content.decode()
    assert "It is cut." in shown and "A shadow." in shown


def test_what_settled_it_is_told_too(disputed, cora):
    disputes.keep(Dispute.objects.get().pk, staff=cora, note="It is a cut.")
    assert notes.of(disputed)[-1].words == "It is a cut."


def test_where_nothing_was_written_the_page_says_so(revealed, ada, cora, sign_in, end_undo_window):
    request = revealed(ada)
    end_undo_window(decisions.approve(request.pk, moderator=ada, version=request.version))
    assert "Nothing was written." in page(sign_in(cora), request)


def test_moderators_do_not_read_them(disputed, ada, staff, sign_in):
    for person in (ada, staff("moderator", username="eli")):
        assert "A shadow." not in page(sign_in(person), disputed)


def test_nor_does_compliance_about_themselves(disputed, staff, sign_in):
    person = staff("compliance", username="dora")
    person.discord_id = disputed.member_id
    person.save(update_fields=["discord_id"])
    assert "A shadow." not in page(sign_in(person), disputed)


def test_nor_whoever_may_yet_do_the_second_review(due, ada, staff, sign_in):
    review = due(ada, "altered")
    person = staff("compliance", "moderator", username="dora")
    assert "What was written" not in page(sign_in(person), review.request)
