"""Words of staff reach members in Discord without hidden addresses and without mentions."""

import pytest

from compliance.appeals import asking, deciding
from compliance.effects.models import Effect, EffectState
from compliance.quality import disputes
from compliance.quality.models import Dispute, SecondReview
from compliance.verification import consent, decisions, messages, overriding, status
from compliance.verification.states import Method, State
from growmies_admin.bot.wording import content_of

pytestmark = pytest.mark.django_db
NOTE = "Read [our rules](https://evil.example) @everyone <@&1187342001234567890> <#1> @\u200bhere"


def quiet_in(text):
    """The words are there, their address in the open, and Discord finds nothing to act on."""
    assert "https://evil.example" in text and "everyone" in text
    for live in ("](", "@everyone", "@here", "<@&", "<#"):
        assert live not in text, live


def sent_to(member_id):
    waits = Effect.objects.exclude(state=EffectState.SUPERSEDED)
    return content_of(waits.filter(kind="message", member_id=member_id).get())


def test_a_denial(revealed, ada, end_undo_window):
    request = revealed(ada)
    decision = decisions.deny(
        request.pk, moderator=ada, version=request.version, reason="other", note=NOTE
    )
    quiet_in(sent_to(request.member_id))
    end_undo_window(decision)
    quiet_in(status.of_member(request.member_id).words)
    assert decision.note == NOTE, "the record holds what was written"


def test_asking_for_more(revealed, ada, end_undo_window):
    request = revealed(ada)
    decision = decisions.request_more(request.pk, moderator=ada, version=request.version, note=NOTE)
    quiet_in(sent_to(request.member_id))
    end_undo_window(decision)
    quiet_in(status.of_member(request.member_id).words)


def test_an_override(revealed, ada, cora, end_undo_window):
    request = revealed(ada)
    end_undo_window(decisions.approve(request.pk, moderator=ada, version=request.version))
    request.refresh_from_db()
    overriding.override(
        request.pk, staff=cora, version=request.version, result=State.DENIED, reason="altered",
        note=NOTE,
    )  # fmt: skip
    quiet_in(sent_to(request.member_id))


def test_a_settled_dispute(due, ada, bo, cora):
    review = due(ada)
    review.outcome, review.answer, review.reason = "disagreed", State.DENIED, "altered"
    SecondReview.objects.filter(pk=review.pk).update(
        outcome="disagreed", answer="denied", reason="altered", answered_by=bo,
        answered_at=review.due_at, closed_at=review.due_at,
    )  # fmt: skip
    dispute = Dispute.objects.create(review=review, first_by=ada, second_by=bo)
    disputes.override(dispute.pk, staff=cora, note=NOTE)
    quiet_in(sent_to(review.request.member_id))


@pytest.mark.parametrize("act", [deciding.uphold, deciding.grant])
def test_an_answer_to_an_appeal(revealed, ada, bo, end_cool_down, act):
    request = revealed(ada)
    decision = decisions.deny(request.pk, moderator=ada, version=request.version, reason="altered")
    end_cool_down(decision)
    appeal = asking.appeal(request.member_id, "It is mine.")
    act(appeal.pk, staff=bo, version=1, note=NOTE)
    quiet_in(sent_to(request.member_id))


def test_the_name_of_the_provider(all_methods):
    all_methods.PROVIDER_NAME = NOTE
    for text in (
        messages.provider_unsure(),
        messages.provider_failed(),
        consent.text_of(Method.PROVIDER),
    ):
        quiet_in(text)
