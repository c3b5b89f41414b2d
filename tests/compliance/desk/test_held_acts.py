"""Acts on many and answers of second reviews happen when they can't be taken back any more."""

import re

import pytest
from django.utils import timezone

from compliance import policy
from compliance.desk import holding, sweeping, undoing
from compliance.desk.models import Claim, HeldAct
from compliance.quality import second_answers, second_claims, second_reviews
from compliance.quality.models import Dispute, SecondReview
from compliance.refusals import Refusal
from compliance.verification.models import VerificationRequest
from compliance.verification.states import State
from growmies_admin.accounts.models import RoleAssignment
from monitoring.audit.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def answered(due, ada, bo):
    """A second review that bo answered, and can take back: otherwise than ada decided."""
    review = due(ada)
    second_claims.claim(review.pk, bo)
    second_reviews.reveal(review.pk, 1, bo)
    named = {"moderator": bo, "answer": "denied", "reason": "altered"}
    return second_answers.give(review.pk, **named), review


def end_window():
    HeldAct.objects.update(due_at=timezone.now())


def code_of(act, *args, **named):
    with pytest.raises(Refusal) as refused:
        act(*args, **named)
    return refused.value.code


def hold(by, subject, **payload):
    kind = "bulk"
    return holding.hold(kind, by=by, subject=subject, payload=payload, words="Act")


def ends():
    found = Entry.objects.filter(action__startswith="holding.").order_by("pk")
    return list(found.values_list("action", "data"))


def expire_in_bulk(client, request, clicks=1):
    shown = client.post("/queue/bulk/?state=opened", {"act": "expire", "request": [request.pk]})
    sealed = re.search(r'name="sealed" value="([^"]+)"', shown.content.decode())[1]
    form = {"step": "do", "sealed": sealed}
    for _ in range(clicks - 1):
        client.post("/queue/bulk/?state=opened", form)
    return client.post("/queue/bulk/?state=opened", form, follow=True).content.decode()


def state_of(request):
    return VerificationRequest.objects.get(pk=request.pk).state


def test_many_at_once(opened, cora, sign_in):
    request, client = opened("fern").request, sign_in(cora)
    page = expire_in_bulk(client, request)
    assert "Expire: 1 request. Happens in" in page and "/undo/" in page
    assert state_of(request) == State.OPENED, "nothing has happened yet"
    sweeping.sweep()
    assert state_of(request) == State.OPENED
    end_window()
    assert sweeping.sweep()["held"] == 1
    assert state_of(request) == State.EXPIRED
    assert "1 expired." in client.get("/queue/bulk/").content.decode()
    assert HeldAct.objects.get().payload == {}
    assert ends() == [("holding.began", {"kind": "bulk"}), ("holding.done", {"kind": "bulk"})]
    assert sweeping.sweep()["held"] == 0


def test_one_that_fails_keeps_no_other_from_being_done(cora, monkeypatch):
    def act(row):
        if row.payload["fails"]:
            raise RuntimeError("out of luck")
        return "Done."

    monkeypatch.setitem(holding._acts, "bulk", (act, lambda row: None))
    for fails in (True, False):
        hold(cora, str(fails), fails=fails)
    end_window()
    assert sweeping.sweep()["held"] == 1
    assert list(HeldAct.objects.waiting().values_list("payload__fails", flat=True)) == [True]


def test_one_that_fails_keeps_nobody_from_signing_out(cora, sign_in, monkeypatch):
    def act(row):
        raise RuntimeError("out of luck")

    monkeypatch.setitem(holding._acts, "bulk", (act, lambda row: None))
    client = sign_in(cora)
    hold(cora, "preview")
    assert client.post("/accounts/logout/").status_code == 302
    assert "_auth_user_id" not in client.session
    assert HeldAct.objects.waiting().count() == 1


def test_many_taken_back(opened, cora, sign_in):
    request, client = opened("fern").request, sign_in(cora)
    expire_in_bulk(client, request)
    [act] = undoing.of(cora)
    page = client.post(act.url, follow=True).content.decode()
    assert "Nothing was done." in page
    end_window()
    sweeping.sweep()
    assert state_of(request) == State.OPENED
    assert ends() == [("holding.began", {"kind": "bulk"}), ("holding.undone", {"kind": "bulk"})]


def test_a_preview_is_used_once(opened, cora, sign_in):
    request, client = opened("fern").request, sign_in(cora)
    expire_in_bulk(client, request, clicks=2)
    assert HeldAct.objects.count() == 1
    [act] = undoing.of(cora)
    client.post(act.url)
    assert hold(cora, HeldAct.objects.get().subject), "taken back, it may be done after all"


def test_a_preview_is_not_used_again_when_it_was_done(cora):
    hold(cora, "preview")
    HeldAct.objects.update(done_at=timezone.now())
    assert code_of(hold, cora, "preview") == "already_there"
    assert hold(cora, "another")


def test_whoever_lost_the_right_does_nothing(opened, cora, sign_in):
    request = opened("fern").request
    expire_in_bulk(sign_in(cora), request)
    type(cora).objects.filter(pk=cora.pk).update(is_active=False)
    end_window()
    sweeping.sweep()
    assert state_of(request) == State.OPENED
    assert "Nothing was done: Whoever asked" in HeldAct.objects.get().outcome
    assert ends()[1] == ("holding.refused", {"kind": "bulk", "reason": "not_allowed"})


def test_an_answer_counts_after_its_window(answered, bo):
    _, review = answered
    assert SecondReview.objects.get(pk=review.pk).outcome == ""
    assert not Dispute.objects.exists()
    end_window()
    sweeping.sweep()
    review.refresh_from_db()
    assert (review.outcome, review.answered_by) == ("disagreed", bo)
    assert Dispute.objects.get().second_by == bo


def test_an_answer_counts_also_when_the_worker_was_away_for_long(answered):
    claim = Claim.objects.filter(item__kind="second_review").get()
    assert claim.expires_at > timezone.now() + policy.CLAIM_LEASE


def test_an_answer_taken_back_told_nothing(answered, bo, sign_in):
    held, review = answered
    client = sign_in(bo)
    page = client.get("/queue/second-reviews/").content.decode()
    assert f"Answered second review {review.pk}. Counts in" in page
    assert "answered by you" in page and "first decision was" not in page
    assert second_reviews.is_blind(review.request_id, bo)
    client.post(f"/queue/held/{held.pk}/undo/")
    end_window()
    sweeping.sweep()
    assert SecondReview.objects.get(pk=review.pk).outcome == ""
    claim = Claim.objects.filter(item__kind="second_review").get()
    assert claim.ended_at is None, "theirs as before"
    assert claim.expires_at < timezone.now() + policy.CLAIM_LEASE
    assert second_answers.give(review.pk, moderator=bo, answer="approved")


def test_an_answer_refused(due, ada, bo, answered):
    _, review = answered
    named = {"moderator": bo, "answer": "approved"}
    assert code_of(second_answers.give, review.pk, **named) == "already_there"
    other = due(ada)
    assert code_of(second_answers.give, other.pk, **named) == "not_claimed"
    second_claims.claim(other.pk, bo)
    assert code_of(second_answers.give, other.pk, **named) == "not_revealed"


def test_an_answer_that_waits_shows_no_forms_and_keeps_its_claim(answered, bo, sign_in):
    _, review = answered
    client, url = sign_in(bo), f"/queue/second-reviews/{review.pk}/"
    page = client.get(url).content.decode()
    assert "Answered by you." in page and "data-decides" not in page and 'id="reveal"' not in page
    refused = client.post(url + "release/")
    assert refused.status_code == 409 and "Take the answer back first" in refused.content.decode()
    for act in ("renew/", "claim/"):
        client.post(url + act)
    claim = Claim.objects.filter(item__kind="second_review").get()
    assert claim.ended_at is None
    assert claim.expires_at > timezone.now() + policy.CLAIM_LEASE


def test_signing_out_ends_the_window(answered, bo, sign_in):
    _, review = answered
    sign_in(bo).post("/accounts/logout/")
    review.refresh_from_db()
    assert review.outcome == "disagreed"


def test_undo_refused(answered, ada, bo):
    held, _ = answered
    assert code_of(holding.undo, 0, by=bo) == "unknown"
    assert code_of(holding.undo, held.pk, by=ada) == "not_allowed"
    holding.undo(held.pk, by=bo)
    assert code_of(holding.undo, held.pk, by=bo) == "already_there"
    HeldAct.objects.update(undone_at=None)
    end_window()
    assert code_of(holding.undo, held.pk, by=bo) == "undo_over"


def test_a_sign_out_does_ones_own_and_nobody_elses(cora, staff):
    carol, nothing = staff("compliance", username="carol"), {"to": None, "seen": [], "note": ""}
    mine, theirs = (hold(by, by.username, act="expire", **nothing) for by in (cora, carol))
    holding.run_at_sign_out(cora)
    assert list(HeldAct.objects.waiting()) == [theirs]
    mine.refresh_from_db()
    assert mine.done_at is not None


def test_many_at_once_by_who_may_not_any_more(opened, cora, sign_in):
    request = opened("fern").request
    expire_in_bulk(sign_in(cora), request)
    RoleAssignment.objects.filter(staff=cora).update(role="moderator")
    end_window()
    sweeping.sweep()
    assert state_of(request) == State.OPENED
    assert "may not act on many any more" in HeldAct.objects.get().outcome
