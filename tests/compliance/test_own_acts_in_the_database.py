"""Rows that say who acted refuse whom they are about, and the author of what is judged again."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from compliance.appeals.models import Appeal
from compliance.desk.models import Claim, Escalation, WorkItem
from compliance.quality.models import Dispute, SecondReview
from compliance.verification.models import Decision

pytestmark = pytest.mark.django_db


def item(row):
    """What waits of it, or has waited."""
    kind = "second_review" if isinstance(row, SecondReview) else "verification"
    return WorkItem.objects.of(kind, row.pk).get()


def refused_by_the_database(write):
    with pytest.raises(IntegrityError, match="Nobody decides"), transaction.atomic():
        write()


def test_the_database_refuses_who_it_is_about(world):
    mia, review = world.mia, world.due(world.ada)
    request, decision = review.request, review.decision
    world.link()
    soon = timezone.now() + timedelta(minutes=1)
    refused_by_the_database(
        lambda: Claim.objects.create(item=item(request), moderator=mia, expires_at=soon)
    )
    for by, to in ((mia, world.ada), (world.ada, mia)):
        refused_by_the_database(
            lambda by=by, to=to: Escalation.objects.create(
                item=item(request), escalated_by=by, escalated_to=to, note="x"
            )
        )
    refused_by_the_database(lambda: Decision.objects.update(decided_by=mia))
    refused_by_the_database(
        lambda: Claim.objects.create(item=item(review), moderator=mia, expires_at=soon)
    )
    answered = {
        "outcome": "agreed", "closed_at": soon, "answered_at": soon, "answer": "denied",
    }  # fmt: skip
    refused_by_the_database(lambda: SecondReview.objects.update(answered_by=mia, **answered))
    dispute = Dispute.objects.create(review=review, first_by=world.ada, second_by=world.bo)
    settled = {"resolution": "keep", "note": "x", "resolved_at": soon}
    refused_by_the_database(
        lambda: Dispute.objects.filter(pk=dispute.pk).update(resolved_by=mia, **settled)
    )
    appeal = Appeal.objects.create(decision=decision, member_id=request.member_id, words="x")
    decided = {"state": "granted", "decided_at": soon, "undo_until": soon}
    refused_by_the_database(
        lambda: Appeal.objects.filter(pk=appeal.pk).update(decided_by=mia, **decided)
    )


def test_the_database_refuses_the_author(world):
    review = world.due(world.ada)
    decision, soon = review.decision, timezone.now() + timedelta(minutes=1)
    refused_by_the_database(
        lambda: Claim.objects.create(item=item(review), moderator=world.ada, expires_at=soon)
    )
    # The columns beside it say nothing of an author: the decision itself does.
    appeal = Appeal.objects.create(decision=decision, member_id=world.member_id, words="x")
    decided = {"state": "granted", "decided_at": soon, "undo_until": soon}
    refused_by_the_database(
        lambda: Appeal.objects.filter(pk=appeal.pk).update(decided_by=world.ada, **decided)
    )
    Decision.objects.update(standing=False)
    facts = {
        "request": decision.request, "request_version": 9, "state_before": "denied",
        "result": "approved", "threshold_years": 21, "method": "id_document",
        "actor_type": "staff", "undo_until": soon, "overrides": decision,
    }  # fmt: skip
    refused_by_the_database(lambda: Decision.objects.create(decided_by=world.ada, **facts))
    assert Decision.objects.create(decided_by=world.bo, **facts).pk
