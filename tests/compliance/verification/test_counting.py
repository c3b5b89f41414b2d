"""age_verification_total counts a decision once it can't be undone, and never one that was."""

import pytest

from compliance.desk import sweeping
from compliance.verification import decisions, taking_back
from compliance.verification.metrics import age_verification_total

pytestmark = pytest.mark.django_db


def approved():
    labels = {"status": "approved", "method": "id_document", "result": "passed"}
    return age_verification_total.metric.labels(**labels)._value.get()


def test_it_works(revealed, ada, end_undo_window, django_capture_on_commit_callbacks):
    request = revealed(ada)
    decision = decisions.approve(request.pk, moderator=ada, version=request.version)
    before = approved()
    end_undo_window(decision)
    with django_capture_on_commit_callbacks(execute=True):
        assert sweeping.sweep()["counted"] == 1
        assert sweeping.sweep()["counted"] == 0
    assert approved() == before + 1


def test_not_within_the_undo_window(revealed, ada):
    request = revealed(ada)
    decisions.approve(request.pk, moderator=ada, version=request.version)
    assert sweeping.sweep()["counted"] == 0


def test_not_what_was_taken_back(revealed, ada, end_undo_window):
    request = revealed(ada)
    decision = decisions.approve(request.pk, moderator=ada, version=request.version)
    taking_back.undo(decision.pk, moderator=ada)
    end_undo_window(decision)
    assert sweeping.sweep()["counted"] == 0
