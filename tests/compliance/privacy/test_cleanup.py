"""What failed long ago goes, and nothing else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance import policy
from compliance.members.models import Consent
from compliance.privacy.cleanup_steps import old_failed_attempts
from compliance.verification.models import VerificationRequest
from compliance.verification.states import State

pytestmark = pytest.mark.django_db
LONG_AGO = policy.FAILED_ATTEMPT_RETENTION + timedelta(minutes=1)


@pytest.fixture
def ended(opened):
    def make(state, ago=LONG_AGO):
        request = opened().request
        VerificationRequest.objects.filter(pk=request.pk).update(
            state=state,
            state_since=timezone.now() - ago,
            submitted_at=timezone.now() - ago,
            consent=Consent.objects.create(member=request.member, version=1),
            due_at=timezone.now() - ago,
            expires_at=None,
        )
        return request

    return make


@pytest.mark.parametrize("state", [State.DENIED, State.EXPIRED, State.WITHDRAWN])
def test_it_goes(ended, state):
    ended(state)
    assert old_failed_attempts() == 1
    assert not VerificationRequest.objects.exists()


def test_it_stays_until_its_day(ended):
    ended(State.WITHDRAWN, policy.FAILED_ATTEMPT_RETENTION - timedelta(minutes=1))
    ended(State.APPROVED)
    assert old_failed_attempts() == 0
    assert VerificationRequest.objects.count() == 2
