"""Conditions that stand in SQL and in a queryset say the same of the same rows."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance.desk import claims as desk_claims
from compliance.desk.models import Claim
from compliance.evidence import custody
from compliance.evidence.models import Evidence
from compliance.quality.models import SecondReview
from compliance.refusals import Refusal
from compliance.verification import claims, looking, messages, transitions
from compliance.verification.models import Decision
from compliance.verification.states import State

pytestmark = pytest.mark.django_db
LONG_AGO, SOON = -timedelta(hours=1), timedelta(hours=1)


def there(act, *arguments):
    """Whether it does what it is for; a refusal says no."""
    try:
        return bool(act(*arguments))
    except Refusal:
        return False


@pytest.mark.parametrize("position", [1, 99, 100, 101])
@pytest.mark.parametrize("destroyed", [None, LONG_AGO])
@pytest.mark.parametrize("due", [LONG_AGO, SOON])
def test_which_pictures_can_be_looked_at(pending, monkeypatch, position, destroyed, due):
    request, now = pending(), timezone.now()
    Evidence.objects.update(
        position=position,
        stored_at=now - timedelta(hours=2),
        destroy_at=now + due,
        destroyed_at=destroyed and now + destroyed,
    )
    monkeypatch.setattr(custody, "_open", lambda picture: b"a picture")
    in_a_queryset = custody.living(request.pk).exists()
    assert there(custody.unlock, request.pk, position) == in_a_queryset
    assert in_a_queryset == (position < 100 and destroyed is None and due == SOON)


@pytest.mark.parametrize("ended", [None, LONG_AGO])
@pytest.mark.parametrize("expires", [LONG_AGO, SOON])
def test_which_claims_run(pending, ada, ended, expires):
    request, now = pending(), timezone.now()
    claim = claims.claim(request.pk, ada)
    Claim.objects.update(
        expires_at=now + expires,
        ended_at=ended and now + ended,
        end_reason=Claim.End.RELEASED if ended else "",
    )
    in_a_queryset = claims.running_claim(request.pk)
    assert looking.at(request.pk).claim_of(ada) == in_a_queryset
    assert there(custody.prepared.run, custody._REVEAL, [claim.pk]) == bool(in_a_queryset)
    assert bool(in_a_queryset) == (ended is None and expires == SOON)


@pytest.mark.parametrize("ended", [None, LONG_AGO])
def test_which_claims_are_open(pending, ada, ended):
    request, now = pending(), timezone.now()
    claim = claims.claim(request.pk, ada)
    Claim.objects.update(
        expires_at=now + LONG_AGO,
        ended_at=ended and now + ended,
        end_reason=Claim.End.RELEASED if ended else "",
    )
    assert (looking.at(request.pk).item.claim == claim) == (ended is None)
    moved = there(
        lambda: transitions.move(request, State.APPROVED, version=request.version, claim=claim)
    )
    assert moved == (ended is None)
    Claim.objects.update(
        ended_at=ended and now + ended, end_reason=Claim.End.RELEASED if ended else ""
    )
    assert desk_claims.end(claim, Claim.End.RELEASED) == moved


@pytest.mark.parametrize("outcome", ["", "void"])
def test_which_requests_are_drawn_and_not_over(pending, monkeypatch, outcome):
    request, now = pending(), timezone.now()
    review = SecondReview.objects.filter(request=request)
    review.delete()
    SecondReview.objects.create(
        request=request, outcome=outcome, closed_at=now if outcome else None
    )
    is_drawn = review.unanswered().exists()
    assert is_drawn == (outcome == "")
    decision = Decision(request=request)
    assert bool(messages.prepared.rows(messages._IS_DRAWN, [decision.request_id])) == is_drawn
    custody.schedule_destruction(request, now)
    assert Evidence.objects.filter(destroy_at__gt=now).exists() == is_drawn
