"""One statement tells a request, its member, and whoever has it open."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance.desk.models import Claim
from compliance.evidence import custody
from compliance.refusals import Refusal
from compliance.verification import claims, decisions, looking
from compliance.verification.states import State
from compliance.verification.transitions import move


def test_it_works(pending, ada, django_assert_num_queries):
    request = pending()
    claim = claims.claim(request.pk, ada)
    with django_assert_num_queries(1):
        look = looking.at(request.pk)
        assert (look.request, look.request.member) == (request, request.member)
        assert look.request.version == 2
        assert look.claim_of(ada) == claim
        assert look.claim_of(ada).item is look.item.item


def test_nobody_has_it(pending, ada):
    look = looking.at(pending().pk)
    assert (look.item.claim, look.item.runs, look.claim_of(ada)) == (None, False, None)


def test_somebody_else_has_it(pending, ada, bo):
    request = pending()
    claim = claims.claim(request.pk, bo)
    look = looking.at(request.pk)
    assert (look.item.claim, look.item.runs, look.claim_of(ada)) == (claim, True, None)


def test_the_lease_is_over(pending, ada):
    request = pending()
    claim = claims.claim(request.pk, ada)
    past = timezone.now() - timedelta(seconds=1)
    Claim.objects.update(expires_at=past)
    look = looking.at(request.pk)
    assert (look.item.claim, look.item.runs, look.claim_of(ada)) == (claim, False, None)


def test_an_ended_claim_is_none(pending, ada):
    request = pending()
    claims.claim(request.pk, ada)
    claims.release(request.pk, ada)
    assert looking.at(request.pk).item.claim is None


def test_there_is_no_such_request(db):
    assert looking.at(4711) is None


def test_a_decision_needs_its_claim_still_open(pending, ada):
    request = pending()
    claim = claims.claim(request.pk, ada)
    Claim.objects.update(ended_at=timezone.now(), end_reason=Claim.End.RELEASED)
    with pytest.raises(Refusal) as refused:
        move(request, State.APPROVED, version=request.version, claim=claim)
    assert refused.value.code == "not_claimed"


def test_a_decision_ends_no_claim_of_somebody_else(pending, ada, bo):
    request = pending()
    before = claims.claim(request.pk, ada)
    claims.release(request.pk, ada)
    claims.claim(request.pk, bo)
    with pytest.raises(Refusal) as refused:
        move(request, State.APPROVED, version=request.version, claim=before)
    assert refused.value.code == "not_claimed"


def test_a_review_is_few_statements(pending, ada, django_assert_num_queries):
    pending()
    pending()
    claim = claims.claim_next(ada)
    custody.reveal(claim.item.subject, 1, ada)
    decisions.approve(claim.item.subject, moderator=ada, version=2)
    with django_assert_num_queries(26):  # six of them begin and end transactions
        claim = claims.claim_next(ada)
        custody.reveal(claim.item.subject, 1, ada)
        decisions.approve(claim.item.subject, moderator=ada, version=2)


def test_the_next_one_is_never_ones_own(pending, ada):
    """It is passed over, and does not stand in the way of those behind it."""
    own, other = pending(), pending()
    ada.discord_id = own.member_id
    ada.save(update_fields=["discord_id"])
    assert claims.claim_next(ada).item.subject == other.pk
