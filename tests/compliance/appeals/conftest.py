"""A member who was denied, past the undo window and the cool-down."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance import policy
from compliance.appeals import asking
from compliance.desk import sweeping
from compliance.verification import decisions
from compliance.verification.models import Decision


@pytest.fixture
def denied(revealed, end_undo_window):
    """`denied(ada)`: the denial; `cooled=False` while the cool-down runs."""

    def make(by, name="", cooled=True):
        request = revealed(by, name)
        decision = decisions.deny(
            request.pk, moderator=by, version=request.version, reason="unreadable"
        )
        end_undo_window(decision)
        sweeping.sweep()
        if cooled:
            long_ago = timezone.now() - policy.DENIAL_APPEAL_COOL_DOWN - timedelta(minutes=1)
            Decision.objects.filter(pk=decision.pk).update(decided_at=long_ago)
        decision.refresh_from_db()
        return decision

    return make


@pytest.fixture
def appealed(denied):
    def make(by, name=""):
        return asking.appeal(denied(by, name).request.member_id, "It can be read.")

    return make
