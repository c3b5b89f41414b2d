"""Nobody decides about a picture that they have not revealed in their claim."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from compliance.desk.models import Claim
from compliance.evidence import custody, store, watermark
from compliance.refusals import Refusal
from compliance.verification import claims, decisions, taking_back
from compliance.verification.models import Decision
from monitoring.audit.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def claimed(pending, ada):
    request = pending()
    claims.claim(request.pk, ada)
    return request


@pytest.fixture
def broken(claimed, ada):
    """A claimed request whose picture the store could not show."""
    [picture] = claimed.evidence.all()
    store.get(picture.id)
    store.replace_key(picture.id, b"not a key")
    assert code_of(custody.reveal, claimed.pk, 1, ada) == "store_failed"
    return claimed


def code_of(act, *args, **named):
    with pytest.raises(Refusal) as refused:
        act(*args, **named)
    return refused.value.code


def deny(request, moderator, reason="unreadable", **more):
    named = {"moderator": moderator, "version": request.version, "reason": reason, **more}
    return decisions.deny(request.pk, **named)


def ask(request, moderator):
    named = {"moderator": moderator, "version": request.version, "note": "The back."}
    return decisions.request_more(request.pk, **named)


def approve(request, moderator):
    return decisions.approve(request.pk, moderator=moderator, version=request.version)


def test_it_works(claimed, ada):
    custody.reveal(claimed.pk, 1, ada)
    assert deny(claimed, ada).result == "denied"


@pytest.mark.parametrize("act", [approve, deny, ask])
def test_no_decision_before_a_reveal(claimed, ada, act):
    assert code_of(act, claimed, ada) == "not_revealed"
    assert not Decision.objects.exists()


@pytest.mark.parametrize("act", [deny, ask])
def test_after_a_reveal_that_failed(broken, ada, act):
    decision = act(broken, ada)
    entry = Entry.objects.get(action=f"verification.{decision.result}")
    assert entry.data["unseen"] == "the picture could not be shown"
    assert Entry.objects.get(action="verification.reveal_failed").data["position"] == 1


def test_what_a_failed_reveal_does_not_allow(broken, ada):
    assert code_of(approve, broken, ada) == "not_revealed"
    assert code_of(deny, broken, ada, reason="under_age") == "not_revealed"
    assert code_of(deny, broken, ada, reason="other", note="I know them.") == "not_revealed"


def test_a_picture_that_never_was_is_no_failed_reveal(claimed, ada):
    assert code_of(custody.reveal, claimed.pk, 9, ada) == "evidence_gone"
    assert code_of(deny, claimed, ada) == "not_revealed"


def test_a_picture_that_could_not_be_marked_was_not_seen(claimed, ada, monkeypatch):
    def no_room(*_):
        raise OSError

    monkeypatch.setattr(watermark, "ask", no_room)
    assert code_of(custody.reveal, claimed.pk, 1, ada) == "store_failed"
    assert Claim.objects.get().revealed_at is None
    assert code_of(approve, claimed, ada) == "not_revealed"


def test_undone_it_has_to_be_revealed_again(claimed, ada):
    custody.reveal(claimed.pk, 1, ada)
    request = taking_back.undo(deny(claimed, ada).pk, moderator=ada)
    assert code_of(deny, request, ada) == "not_revealed"


def written(request, by, claim):
    return Decision(
        request=request, request_version=2, state_before="pending", result="denied",
        reason="under_age", threshold_years=21, method="id_document", actor_type="staff",
        decided_by=by, claim=claim, undo_until=timezone.now(),
    )  # fmt: skip


def test_the_database_holds_it(claimed, ada):
    unseen = written(claimed, ada, Claim.objects.get())
    with pytest.raises(IntegrityError, match="Nobody decides unseen"), transaction.atomic():
        unseen.save()
    Claim.objects.update(reveal_failed_at=timezone.now())
    with pytest.raises(IntegrityError, match="Nobody decides unseen"), transaction.atomic():
        unseen.save()
    unseen.reason = "unreadable"
    unseen.save()


def test_the_database_takes_no_other_claim(claimed, pending, ada, bo):
    """Not one of another request, and not somebody else's."""
    custody.reveal(claimed.pk, 1, ada)
    other = pending()
    claim = Claim.objects.get()
    for request, by in ((other, ada), (claimed, bo)):
        with pytest.raises(IntegrityError, match="Nobody decides unseen"), transaction.atomic():
            written(request, by, claim).save()
    written(claimed, ada, claim).save()
