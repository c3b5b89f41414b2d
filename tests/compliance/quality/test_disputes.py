"""Two reviewers disagree: somebody who is neither of them says what stands."""

import pytest
from django.db import IntegrityError, transaction

from compliance.effects.models import Effect, EffectState
from compliance.quality import disputes, second_claims, second_reviews
from compliance.quality.models import Dispute
from compliance.refusals import Refusal
from compliance.uploads import opening
from compliance.verification import overriding, taking_back
from compliance.verification.states import State
from monitoring.audit.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def disputed(due):
    """First and second reviewer disagree: `disputed(ada, bo)` approved against denied."""

    def make(first, second, answer=State.DENIED, first_reason="", **more):
        review = due(first, first_reason, **more)
        second_claims.claim(review.pk, second)
        second_reviews.reveal(review.pk, 1, second)
        reason = "altered" if answer == State.DENIED else ""
        second_reviews.answer(
            review.pk, moderator=second, answer=answer, reason=reason, note="The edge."
        )
        return Dispute.objects.get(review=review)

    return make


def code_of(act, *arguments, **named):
    with pytest.raises(Refusal) as refusal:
        act(*arguments, **named)
    return refusal.value.code


def state_of(dispute):
    dispute.review.request.refresh_from_db()
    return dispute.review.request.state


def test_keep(disputed, ada, bo, cora):
    dispute = disputes.keep(disputed(ada, bo).pk, staff=cora, note="It is a reflection.")
    assert (dispute.resolution, dispute.resolved_by) == ("keep", cora)
    assert state_of(dispute) == State.APPROVED
    assert Entry.objects.get(action="second_review.settled").data["resolution"] == "keep"


def test_override(disputed, ada, bo, cora):
    dispute = disputes.override(disputed(ada, bo).pk, staff=cora, note="Indeed altered.")
    assert state_of(dispute) == State.DENIED
    assert (dispute.decision.reason, dispute.decision.decided_by) == ("altered", cora)
    wanted = Effect.objects.filter(kind="role").exclude(state=EffectState.SUPERSEDED).get()
    assert wanted.payload["present"] is False


def test_override_to_approved(disputed, ada, bo, cora):
    dispute = disputed(ada, bo, State.APPROVED, "unreadable")
    disputes.override(dispute.pk, staff=cora, note="It can be read.")
    assert state_of(dispute) == State.APPROVED


def test_undone_it_is_open_again(disputed, ada, bo, cora):
    dispute = disputes.override(disputed(ada, bo).pk, staff=cora, note="Indeed.")
    taking_back.undo(dispute.decision_id, moderator=cora)
    dispute.refresh_from_db()
    assert (dispute.resolution, dispute.resolved_by, state_of(dispute)) == ("", None, "approved")
    disputes.keep(dispute.pk, staff=cora, note="After all.")


@pytest.mark.parametrize("act", [disputes.keep, disputes.override])
def test_neither_of_the_two(disputed, staff, ada, cora, act):
    dispute = disputed(ada, cora)
    for person in (ada, cora):
        assert code_of(act, dispute.pk, staff=person, note="Mine.") == "own_decision"


def test_the_database_refuses_them_too(disputed, ada, bo):
    dispute = disputed(ada, bo)
    for person in (ada, bo):
        with pytest.raises(IntegrityError), transaction.atomic():
            Dispute.objects.filter(pk=dispute.pk).update(
                resolution="keep", note="x", resolved_by=person, resolved_at=dispute.opened_at
            )


def test_not_the_member_themselves(disputed, ada, bo, cora):
    dispute = disputed(ada, bo)
    cora.discord_id = dispute.review.request.member_id
    cora.save()
    assert code_of(disputes.keep, dispute.pk, staff=cora, note="x") == "own_request"


def test_once_and_with_words(disputed, ada, bo, cora):
    dispute = disputed(ada, bo)
    assert code_of(disputes.keep, dispute.pk, staff=cora, note=" ") == "reason_missing"
    disputes.keep(dispute.pk, staff=cora, note="x")
    assert code_of(disputes.override, dispute.pk, staff=cora, note="x") == "already_there"


def test_not_past_it_by_an_ordinary_override(disputed, ada, bo, cora):
    dispute = disputed(ada, bo)
    given = {"staff": cora, "version": 3, "result": "denied", "reason": "altered", "note": "x"}
    assert code_of(overriding.override, dispute.review.request_id, **given) == "disputed"


def test_what_can_not_be_overridden_is_kept(disputed, ada, bo, cora, end_cool_down):
    """Not enough to tell: there is no such override; nor once the member has asked again."""
    dispute = disputed(ada, bo, State.MORE_REQUESTED)
    assert code_of(disputes.override, dispute.pk, staff=cora, note="x") == "not_allowed"
    other = disputed(ada, bo, State.APPROVED, "unreadable")
    end_cool_down(other.review.decision)
    opening.open_request(other.review.request.member)
    assert code_of(disputes.override, other.pk, staff=cora, note="x") == "not_allowed"
    disputes.keep(other.pk, staff=cora, note="They have asked again.")
