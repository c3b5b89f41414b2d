"""What waits for a person is on the desk, whichever code put it there or took it away."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from compliance import policy
from compliance.appeals import asking, deciding
from compliance.desk import sweeping
from compliance.desk.models import Claim, Escalation, WorkItem
from compliance.quality import disputes, second_claims, second_reviews
from compliance.quality.models import Dispute
from compliance.uploads import opening, submission
from compliance.verification import claims, decisions, escalation, requests, taking_back
from compliance.verification.models import VerificationRequest
from compliance.verification.states import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(staff):
    return staff("moderator", username="ada")


@pytest.fixture
def bo(staff):
    return staff("moderator", username="bo")


@pytest.fixture
def carol(staff):
    return staff("compliance", username="carol")


def item(kind, subject):
    return WorkItem.objects.of(kind, subject).get()


def waits(kind, subject):
    return WorkItem.objects.of(kind, subject).open().exists()


def test_what_was_sent_waits(pending):
    request = pending()
    found = item("verification", request.pk)
    assert (found.member_id, found.opened_at, found.due_at, found.not_for, found.closed_at) == (
        request.member_id,
        request.submitted_at,
        request.due_at,
        [],
        None,
    )


def test_what_waits_for_its_member_is_not_there(opened):
    assert not WorkItem.objects.filter(subject=opened().request.pk).exists()


def test_a_decision_takes_it_away_and_its_undo_brings_it_back(revealed, ada):
    request = revealed(ada)
    before = item("verification", request.pk)
    decision = decisions.approve(request.pk, moderator=ada, version=request.version)
    assert not waits("verification", request.pk)
    taking_back.undo(decision.pk, moderator=ada)
    again = item("verification", request.pk)
    assert (again.pk, again.opened_at, again.closed_at) == (before.pk, before.opened_at, None)


def test_sent_again_it_waits_since_the_first_time(revealed, picture, ada):
    request = revealed(ada)
    since = item("verification", request.pk).opened_at
    decisions.request_more(request.pk, moderator=ada, version=request.version, note="The back.")
    assert not waits("verification", request.pk)
    VerificationRequest.objects.get(pk=request.pk).decisions.update(
        undo_until=timezone.now() - timedelta(seconds=1)
    )
    url = opening.open_request(request.member).url
    submission.submit(
        url.rstrip("/").rsplit("/", 1)[1], [picture()], consent_version=policy.CONSENT_VERSION
    )
    assert waits("verification", request.pk)
    assert item("verification", request.pk).opened_at == since


def test_withdrawn_it_waits_no_more(pending):
    request = pending()
    requests.withdraw(request.pk)
    assert not waits("verification", request.pk)


def test_rows_that_go_take_everything_with_them(pending, ada):
    request, other = pending(), pending()
    claims.claim(request.pk, ada)
    request.evidence.all().delete()
    VerificationRequest.objects.filter(pk=request.pk).delete()
    assert list(WorkItem.objects.values_list("subject", flat=True)) == [other.pk]
    assert not Claim.objects.exists()


def test_handed_on_it_is_for_whom_it_was_handed_to(revealed, ada, bo, carol):
    request = revealed(ada)
    row = escalation.escalate(
        request.pk, moderator=ada, version=request.version, note="The edge?", to=bo
    )
    found = item("verification", request.pk)
    assert found.escalated_at is not None and found.assigned_to == bo
    assert claims.CLAIMS.may_take(found, bo) and claims.CLAIMS.may_take(found, carol)
    assert not claims.CLAIMS.may_take(found, ada)
    escalation.undo(row.pk, moderator=ada)
    found.refresh_from_db()
    assert (found.escalated_at, found.assigned_to) == (None, None)


def test_an_escalation_that_is_taken_back_leaves_the_one_before(revealed, ada, bo, carol):
    request = revealed(ada)
    escalation.escalate(request.pk, moderator=ada, version=request.version, note="So?", to=bo)
    found = item("verification", request.pk)
    newer = Escalation.objects.create(item=found, escalated_by=bo, escalated_to=carol, note="So?")
    found.refresh_from_db()
    assert found.assigned_to == carol
    Escalation.objects.filter(pk=newer.pk).update(undone_at=timezone.now())
    found.refresh_from_db()
    assert found.assigned_to == bo


def test_a_second_review_is_due_before_its_picture_goes(due, ada):
    review = due(ada)
    found = item("second_review", review.pk)
    picture = review.request.evidence.get()
    assert (found.not_for, found.opened_at) == ([ada.pk], review.due_at)
    assert found.due_at == review.due_at + policy.SECOND_REVIEW_DUE < picture.destroy_at


def test_a_dispute_is_for_neither_of_the_two(due, ada, bo):
    review = due(ada)
    second_claims.claim(review.pk, bo)
    second_reviews.reveal(review.pk, 1, bo)
    second_reviews.answer(review.pk, moderator=bo, answer=State.DENIED, reason="altered")
    assert not waits("second_review", review.pk)
    dispute = Dispute.objects.get()
    found = item("dispute", dispute.pk)
    assert sorted(found.not_for) == sorted([ada.pk, bo.pk])
    assert found.due_at == dispute.due_at
    assert found.due_at - found.opened_at == pytest.approx(
        policy.DISPUTE_DUE, abs=timedelta(seconds=1)
    )


@pytest.fixture
def appealed(due, ada, bo, monkeypatch):
    """A denial that a second reviewer would not have made, disputed and appealed."""
    monkeypatch.setattr(policy, "DENIAL_APPEAL_COOL_DOWN", timedelta(0))
    review = due(ada, "altered")
    second_claims.claim(review.pk, bo)
    second_reviews.reveal(review.pk, 1, bo)
    second_reviews.answer(review.pk, moderator=bo, answer=State.APPROVED)
    return asking.appeal(review.request.member_id, "It is mine.")


def test_an_appeal_is_for_others_than_its_author(appealed, ada):
    found = item("appeal", appealed.pk)
    assert (found.not_for, found.member_id) == ([ada.pk], appealed.member_id)
    assert found.due_at - found.opened_at == pytest.approx(
        policy.APPEAL_DUE, abs=timedelta(seconds=1)
    )


def test_an_appeal_that_waits_hears_of_the_dispute(appealed, ada, carol):
    """Whoever lets the denial stand may not decide its appeal either."""
    disputes.keep(Dispute.objects.get().pk, staff=carol, note="Seen both.")
    assert sorted(item("appeal", appealed.pk).not_for) == sorted([ada.pk, carol.pk])


def test_an_appeal_that_is_decided_waits_no_more(appealed, bo):
    deciding.grant(appealed.pk, staff=bo, version=appealed.version)
    assert not waits("appeal", appealed.pk)
    deciding.undo(appealed.pk, staff=bo)
    assert waits("appeal", appealed.pk)


def test_one_item_a_thing(pending):
    found = item("verification", pending().pk)
    found.pk = None
    with pytest.raises(IntegrityError, match="one_item_a_thing"), transaction.atomic():
        found.save(force_insert=True)


def test_assigned_is_only_what_was_escalated(pending, ada):
    found = WorkItem.objects.of("verification", pending().pk)
    with pytest.raises(IntegrityError, match="item_assigned"), transaction.atomic():
        found.update(assigned_to=ada)


@pytest.fixture
def left_behind(revealed, ada, bo):
    """A decision, and a claim that somebody began on it in the same moment."""
    request = revealed(ada)
    decision = decisions.approve(request.pk, moderator=ada, version=request.version)
    soon = timezone.now() + timedelta(minutes=5)
    claim = Claim.objects.create(
        item=item("verification", request.pk), moderator=bo, expires_at=soon, lease_until=soon
    )
    return decision, claim


def test_a_claim_on_what_is_decided_is_nothing_and_ends(left_behind, bo):
    decision, claim = left_behind
    assert claims.running_claim(decision.request_id) is None
    assert claims.open_claim(decision.request_id, bo) is None
    assert sweeping.sweep()["leases"] == 1
    claim.refresh_from_db()
    assert claim.end_reason == Claim.End.MOVED


def test_an_undo_does_not_mind_it(left_behind, ada):
    decision, _ = left_behind
    taking_back.undo(decision.pk, moderator=ada)
    assert claims.running_claim(decision.request_id).moderator == ada
