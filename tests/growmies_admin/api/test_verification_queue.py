"""GET /api/admin/verification-queue: how many wait, and for how long."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance.desk.models import Claim
from compliance.verification import claims
from compliance.verification.models import VerificationRequest
from compliance.verification.states import UNFINISHED, State

pytestmark = pytest.mark.django_db
URL = "/api/admin/verification-queue"
NONE = {
    "pending_count": 0,
    "claimed_count": 0,
    "escalated_count": 0,
    "overdue_count": 0,
    "oldest_pending_seconds": 0,
}


def test_it_works(ask, waiting, ada):
    waiting(3)
    late, *_ = waiting(2, late=timedelta(hours=1))
    waiting(1, state=State.ESCALATED)
    claims.claim(late.pk, ada)
    found = ask(URL).json()
    seconds = found.pop("oldest_pending_seconds")
    assert found == {
        "pending_count": 5,
        "claimed_count": 1,
        "escalated_count": 1,
        "overdue_count": 2,
    }
    assert isinstance(seconds, int)
    assert 5 * 3600 <= seconds < 5 * 3600 + 60


def test_nobody_waits(ask):
    assert ask(URL).json() == NONE


def test_what_does_not_wait(ask, waiting, ada):
    for state in State:
        if state not in (State.PENDING, State.ESCALATED):
            waiting(1, state=state, late=timedelta(hours=1))
    assert VerificationRequest.objects.filter(state__in=UNFINISHED).exists()
    assert ask(URL).json() == NONE


def test_a_lease_that_has_ended(ask, waiting, ada):
    (request,) = waiting(1)
    claims.claim(request.pk, ada)
    Claim.objects.update(expires_at=timezone.now())
    assert ask(URL).json()["claimed_count"] == 0


def test_a_claim_that_was_given_back(ask, waiting, ada):
    (request,) = waiting(1)
    claims.claim(request.pk, ada)
    claims.release(request.pk, ada)
    assert ask(URL).json()["claimed_count"] == 0


def test_a_clock_that_is_behind(ask, waiting):
    waiting(1, submitted_at=timezone.now() + timedelta(minutes=1))
    assert ask(URL).json()["oldest_pending_seconds"] == 0


def test_many_ask_no_more_than_one(ask, waiting, django_assert_num_queries):
    waiting(1)
    ask(URL)
    with django_assert_num_queries(4):  # token, roles, requests, claims
        ask(URL)
    waiting(40)
    with django_assert_num_queries(4):
        assert ask(URL).json()["pending_count"] == 41
