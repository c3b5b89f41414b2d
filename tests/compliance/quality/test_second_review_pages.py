"""The pages of second reviews: blind until answered, and then the disputes."""

import pytest
from django.urls import reverse

from compliance.desk import holding
from compliance.desk.models import Escalation, WorkItem
from compliance.quality import disputes, second_claims, second_reviews
from compliance.quality.models import Dispute, SecondReview
from compliance.verification.models import Decision
from compliance.verification.states import State
from monitoring.audit.models import Entry
from tests.pages import in_one_line

pytestmark = pytest.mark.django_db


def url(review, act=""):
    return f"/queue/second-reviews/{review.pk}/{act}"


def test_it_works(due, ada, bo, sign_in):
    review = due(ada)
    client = sign_in(bo)
    assert f"Second review {review.pk}" in client.get("/queue/second-reviews/").content.decode()
    assert client.post(url(review, "claim/"))["Location"] == url(review)
    picture = client.post(url(review, "pictures/1/"))
    assert picture["Content-Type"] == "image/jpeg"
    assert {"no-store", "private"} <= set(picture["Cache-Control"].split(", "))
    assert client.post(url(review, "renew/")).status_code == 200
    answer = client.post(url(review, "answer/"), {"answer": "approved"}, follow=True)
    assert f"Answered second review {review.pk}. Counts in" in answer.content.decode()
    holding.run_at_sign_out(bo)
    page = client.get("/queue/second-reviews/").content.decode()
    assert "you agree with the first decision." in page
    assert client.get(url(review)).status_code == 404


def test_release(due, ada, bo, sign_in):
    review = due(ada)
    client = sign_in(bo)
    client.post(url(review, "claim/"))
    assert client.post(url(review, "release/"))["Location"] == "/queue/second-reviews/"
    assert client.post(url(review, "renew/")).status_code == 409
    assert client.post(url(review, "pictures/1/")).status_code == 409


def test_refusals_keep_the_page(due, ada, bo, sign_in):
    review = due(ada)
    client = sign_in(bo)
    client.post(url(review, "claim/"))
    answer = client.post(url(review, "answer/"), {"answer": "approved"})
    assert answer.status_code == 422
    assert "Reveal the picture first" in answer.content.decode()


def test_not_for_the_first_reviewer(due, ada, sign_in):
    review = due(ada)
    client = sign_in(ada)
    assert client.get(url(review)).status_code == 404
    assert f"Second review {review.pk}" not in client.get("/queue/second-reviews/").content.decode()


@pytest.mark.parametrize(
    ("act", "said"), [("claim/", {}), ("answer/", {"answer": "approved"}), ("answer/", {})]
)
def test_no_act_tells_the_first_reviewer_that_theirs_was_drawn(due, ada, sign_in, act, said):
    review, client = due(ada), sign_in(ada)
    theirs = client.post(url(review, act), said)
    never = client.post(f"/queue/second-reviews/{review.pk + 1000}/{act}", said)
    assert (theirs.status_code, never.status_code) == (409, 409)
    told = [one.content.decode().partition("<main")[2] for one in (theirs, never)]
    assert "This second review is over." in told[0] and told[0] == told[1]


def test_no_page_tells_the_first_decision(due, ada, staff, sign_in):
    """Not even to compliance, who may otherwise read everything."""
    review = due(ada, "altered")
    request = review.request
    person = staff("compliance", "administrator", username="dora")
    client = sign_in(person)
    second_claims.claim(review.pk, person)
    second_reviews.reveal(review.pk, 1, person)
    subject = Entry.objects.get(action="verification.denied")
    pages = [
        url(review),
        "/queue/second-reviews/",
        "/queue/",
        f"/queue/{request.pk}/",
        f"/members/{request.member_id}/",
        f"/members/{request.member_id}/erase/",
        f"/audit/?target={subject.target_type}:{subject.target_id}",
        "/audit/?action=verification.d",
        "/effects/?tab=waiting",
        "/effects/?tab=delivered",
        "/queue/disputes/",
        "/queue/quality/",
        "/appeals/",
    ]
    for page in pages:
        text = client.get(page).content.decode()
        main = text[text.index("<main") :].lower().replace("verification.d", "")
        found = [word for word in ("denied", "altered") if word in main.replace("deny", "")]
        if page == url(review):  # the answers to choose from
            found = [word for word in found if main.count(word) > 2]
        if page.endswith("/erase/"):  # says what an erasure removes, of anybody
            found = []
        assert not found, f"{page}: {found}"
    assert str(request.member_id) not in client.get(url(review)).content.decode()
    assert request.member.username not in client.get(url(review)).content.decode()


@pytest.mark.parametrize("act", ["claim", "approve", "deny", "release", "override", "renew"])
def test_no_act_on_the_request_tells_it(due, ada, cora, sign_in, act):
    review = due(ada, "altered")
    form = {"version": "2", "reason": "altered", "note": "x"}
    for headers in ({}, {"HX-Request": "true"}):
        answer = sign_in(cora).post(f"/queue/{review.request_id}/{act}/", form, headers=headers)
        assert answer.status_code == 409
        text = answer.content.decode()
        assert "Waits for a blind second review" in text and "enied" not in text


@pytest.mark.parametrize("of", ["queue_undo", "queue_escalation_undo"])
def test_nor_an_undo_by_somebody_else(due, ada, bo, sign_in, of):
    review = due(ada, "altered")
    handed = Escalation.objects.create(
        item=WorkItem.objects.of("verification", review.request_id).get(),
        escalated_by=ada,
        note="The edge?",
    )
    what = {"queue_undo": review.decision_id, "queue_escalation_undo": handed.pk}[of]
    for headers in ({}, {"HX-Request": "true"}):
        answer = sign_in(bo).post(reverse(of, args=[what]), headers=headers)
        assert answer.status_code == 409
        text = answer.content.decode()
        assert "Waits for a blind second review" in text and "enied" not in text


def test_once_answered_everything_is_shown_again(due, ada, bo, sign_in):
    review = due(ada, "altered")
    second_claims.claim(review.pk, bo)
    second_reviews.reveal(review.pk, 1, bo)
    second_reviews.answer(review.pk, moderator=bo, answer=State.DENIED, reason="altered")
    text = in_one_line(sign_in(bo).get(f"/queue/{review.request_id}/"))
    assert "Denied by <bdi>ada</bdi>" in text
    member = sign_in(bo).get(f"/members/{review.request.member_id}/").content.decode()
    assert "Denied" in member


def test_the_first_reviewer_sees_their_own_decision_as_ever(due, ada, sign_in):
    review = due(ada, "altered")
    text = in_one_line(sign_in(ada).get(f"/queue/{review.request_id}/"))
    assert "Denied by <bdi>ada</bdi>" in text


def test_settling_a_dispute(due, ada, bo, cora, sign_in):
    review = due(ada)
    second_claims.claim(review.pk, bo)
    second_reviews.reveal(review.pk, 1, bo)
    second_reviews.answer(review.pk, moderator=bo, answer=State.DENIED, reason="altered")
    dispute = Dispute.objects.get()
    client = sign_in(cora)
    page = client.get("/queue/disputes/").content.decode()
    assert (
        "Override: denied" in page
        and "First, <bdi>ada</bdi>" in page
        and "Second, <bdi>bo</bdi>" in page
    )
    act = f"/queue/disputes/{dispute.pk}/"
    assert client.post(act, {"resolution": "keep"}).status_code == 422
    answer = client.post(act, {"resolution": "override", "note": "The edge."}, follow=True)
    text = answer.content.decode()
    assert "Settled: overridden" in text
    assert reverse("queue_undo", args=[Decision.objects.get(standing=True).pk]) in text
    assert "The edge." in client.get("/queue/disputes/?show=settled").content.decode()
    assert client.post(act, {"resolution": "keep", "note": "x"}).status_code == 409


def test_a_reviewer_of_it_is_told_why_not(due, ada, cora, sign_in):
    review = due(ada)
    second_claims.claim(review.pk, cora)
    second_reviews.reveal(review.pk, 1, cora)
    second_reviews.answer(review.pk, moderator=cora, answer=State.DENIED, reason="altered")
    page = sign_in(cora).get("/queue/disputes/").content.decode()
    assert "neither of the two reviewers" in page and "Keep the first decision" not in page
    dispute = Dispute.objects.get()
    answer = sign_in(cora).post(
        f"/queue/disputes/{dispute.pk}/", {"note": "x", "resolution": "keep"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("tab", ["", "?show=settled"])
def test_nobody_reads_what_was_written_about_their_own_request(due, ada, bo, cora, sign_in, tab):
    review = due(ada, "altered")
    Decision.objects.update(note="Looks borrowed.")
    second_claims.claim(review.pk, bo)
    second_reviews.reveal(review.pk, 1, bo)
    more = {"answer": "more_requested", "note": "Only the back is missing."}
    second_reviews.answer(review.pk, moderator=bo, **more)
    if tab:
        disputes.keep(Dispute.objects.get().pk, staff=cora, note="It was borrowed.")
    words = ["Looks borrowed.", "Only the back is missing.", *(["It was borrowed."] if tab else [])]
    client, page = sign_in(cora), f"/queue/disputes/{tab}"
    text = client.get(page).content.decode()
    assert all(each in text for each in words)
    cora.discord_id = review.request.member_id
    cora.save(update_fields=["discord_id"])
    text = client.get(page).content.decode()
    assert f"Request {review.request_id} of" in text
    assert not any(each in text for each in words)


def test_the_list_takes_few_queries(due, ada, bo, sign_in, statements):
    for _ in range(5):
        due(ada)
    client = sign_in(bo)
    assert statements(lambda: client.get("/queue/second-reviews/")) <= 23
    assert SecondReview.objects.due().count() == 5


def test_the_list_of_what_was_asked_for_more_leaves_it_out(due, ada, bo, sign_in):
    """Its state is the decision that the second reviewer must not know."""
    review = due(ada, more=True)
    link = f"/queue/{review.request_id}/"
    assert link in sign_in(ada).get("/queue/?state=more_requested").content.decode()
    assert link not in sign_in(bo).get("/queue/?state=more_requested").content.decode()


def test_a_dispute_is_settled_by_nothing_that_was_not_chosen(due, ada, bo, cora, sign_in):
    review = due(ada)
    second_claims.claim(review.pk, bo)
    second_reviews.reveal(review.pk, 1, bo)
    second_reviews.answer(review.pk, moderator=bo, answer=State.DENIED, reason="altered")
    dispute = Dispute.objects.get()
    for form in ({"note": "x"}, {"note": "x", "resolution": "both"}):
        assert sign_in(cora).post(f"/queue/disputes/{dispute.pk}/", form).status_code == 422
    assert not Dispute.objects.get().resolution
