"""Many requests at once: what a preview says, what is done, and what never is."""

import re

import pytest

from compliance.desk import holding
from compliance.desk.models import Claim, Escalation
from compliance.queue import bulk
from compliance.refusals import Refusal
from compliance.verification import claims, decisions
from compliance.verification.models import VerificationRequest
from compliance.verification.states import State
from growmies_admin.accounts.models import Staff
from monitoring.audit.models import Entry
from tests.pages import in_one_line

pytestmark = pytest.mark.django_db


def person(pk):
    return Staff.objects.filter(pk=pk).first()


def do(act, requests, by, *, to=None, note=""):
    found = bulk.preview(act, requests, by=by, to=to)
    return bulk.carry_out(bulk.asked(found.sealed(), by=by, note=note), by=by, staff=person)


def state_of(request):
    return VerificationRequest.objects.get(pk=request.pk).state


def test_expiring_what_waits_for_members(opened, pending, cora):
    first, second, waits = opened().request, opened().request, pending()
    found = bulk.preview(bulk.Act.EXPIRE, [first, second, waits], by=cora)
    assert [request.pk for request in found.will] == [first.pk, second.pk]
    assert list(found.refused.values()) == [1]
    done = bulk.carry_out(bulk.asked(found.sealed(), by=cora, note=""), by=cora, staff=person)
    assert done.done == 2
    assert (state_of(first), state_of(waits)) == (State.EXPIRED, State.PENDING)
    entries = Entry.objects.filter(action="verification.expired", actor=cora)
    assert entries.count() == 2
    assert len({entry.data["bulk"] for entry in entries}) == 1


def test_assigning_hands_them_to_a_named_person(pending, cora, ada):
    request = pending()
    done = do(bulk.Act.ASSIGN, [request], cora, to=ada, note="Yours today.")
    assert done.done == 1
    assert state_of(request) == State.ESCALATED
    row = Escalation.objects.on("verification", request.pk).get()
    assert (row.escalated_to, row.escalated_by, row.note) == (ada, cora, "Yours today.")
    assert claims.claim(request.pk, ada)


def test_assigning_an_escalated_one_to_somebody_else(pending, cora, ada, staff):
    request, bo = pending(), staff("moderator", username="bo")
    do(bulk.Act.ASSIGN, [request], cora, to=ada, note="Yours.")
    request.refresh_from_db()
    assert do(bulk.Act.ASSIGN, [request], cora, to=bo, note="No, yours.").done == 1
    assert claims.claim(request.pk, bo)


def test_nothing_is_taken_from_under_somebodys_hands(pending, cora, ada, staff):
    request = pending()
    claims.claim(request.pk, staff("moderator", username="bo"))
    found = bulk.preview(bulk.Act.ASSIGN, [request], by=cora, to=ada)
    assert (found.will, list(found.refused)) == (
        [],
        ["bo is working on them; release them first."],
    )


def test_assigning_needs_words_and_somebody(pending, cora, ada):
    with pytest.raises(Refusal, match="Choose who"):
        bulk.preview(bulk.Act.ASSIGN, [pending()], by=cora)
    with pytest.raises(Refusal, match="Say what"):
        do(bulk.Act.ASSIGN, [pending()], cora, to=ada, note=" ")


def test_releasing_claims(pending, cora, ada):
    held, free = pending(), pending()
    claims.claim(held.pk, ada)
    done = do(bulk.Act.RELEASE, [held, free], cora)
    assert done.done == 1
    assert Claim.objects.get().end_reason == Claim.End.RELEASED
    entry = Entry.objects.get(action="verification.released")
    assert (entry.actor, entry.data["holder"]) == (cora, ada.pk)


def test_what_changed_since_the_preview_is_left(revealed, opened, cora, ada):
    request = revealed(ada)
    sealed = bulk.preview(bulk.Act.RELEASE, [request], by=cora).sealed()
    decisions.deny(request.pk, moderator=ada, version=request.version, reason="altered")
    done = bulk.carry_out(bulk.asked(sealed, by=cora, note=""), by=cora, staff=person)
    assert (done.done, done.refused) == (0, {"Some have changed since the preview.": 1})
    assert state_of(request) == State.DENIED


def test_a_preview_that_is_not_ours(cora):
    with pytest.raises(Refusal, match="too old"):
        bulk.asked("made:up", by=cora, note="")


def test_over_the_page(pending, sign_in, cora, ada):
    first, second = pending("fern"), pending("moss")
    for request in (first, second):
        claims.claim(request.pk, ada)
    desk = sign_in(cora)
    page = desk.post("/queue/bulk/", {"step": "preview", "act": "release", "which": "all"})
    text = in_one_line(page)
    assert "2 will be released" in text and "fern" in text
    assert Claim.objects.filter(ended_at=None).count() == 2
    sealed = re.search(r'name="sealed" value="([^"]+)"', text)[1]
    desk.post("/queue/bulk/", {"step": "do", "sealed": sealed})
    assert Claim.objects.filter(ended_at=None).count() == 2, "it can be taken back"
    holding.run_at_sign_out(cora)
    assert not Claim.objects.filter(ended_at=None).exists()


def test_only_what_is_ticked(pending, sign_in, cora):
    first, _ = pending("fern"), pending("moss")
    for request in VerificationRequest.objects.all():
        claims.claim(request.pk, cora)
    form = {"step": "preview", "act": "release", "request": [first.pk]}
    text = in_one_line(sign_in(cora).post("/queue/bulk/", form))
    assert "1 will be released" in text and "moss" not in text


@pytest.mark.parametrize("form", [{}, {"act": "approve"}, {"act": "deny"}, {"act": "release"}])
def test_there_is_no_such_bulk(pending, sign_in, cora, form):
    request = pending()
    assert sign_in(cora).post("/queue/bulk/", form).status_code == 422
    assert state_of(request) == State.PENDING
