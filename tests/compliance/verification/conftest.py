"""Second reviews: everything is drawn, and what it takes until one is due."""

import pytest

from compliance import policy
from compliance.verification import claims, decisions, evidence, sweeping
from compliance.verification.quality_models import SecondReview


@pytest.fixture
def drawn(monkeypatch):
    """Every request that is sent from now on is drawn for a second review."""
    monkeypatch.setattr(policy, "SECOND_REVIEW_SHARE", 1.0)


@pytest.fixture
def ada(staff):
    return staff("moderator", username="ada")


@pytest.fixture
def bo(staff):
    return staff("moderator", username="bo")


@pytest.fixture
def cora(staff):
    return staff("compliance", username="cora")


@pytest.fixture
def decide(end_undo_window):
    """`decide(request, by)` approves; with a reason it denies, with `more` it asks for more."""

    def make(request, by, reason="", more=False, final=True):
        request.refresh_from_db()
        claims.claim(request.pk, by)
        evidence.reveal(request.pk, 1, by)
        named = {"moderator": by, "version": request.version}
        if more:
            decision = decisions.request_more(request.pk, note="The back, please.", **named)
        elif reason:
            decision = decisions.deny(request.pk, reason=reason, **named)
        else:
            decision = decisions.approve(request.pk, **named)
        if final:
            end_undo_window(decision)
            sweeping.sweep()
        request.refresh_from_db()
        return decision

    return make


@pytest.fixture
def due(drawn, pending, decide):
    """A second review that waits: `due(ada)`, `due(ada, "altered")`."""

    def make(first, reason="", **more):
        request = pending()
        decide(request, first, reason, **more)
        return SecondReview.objects.get(request=request)

    return make
