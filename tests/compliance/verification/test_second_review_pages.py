"""The pages of second reviews: blind until answered, and then the disputes."""

import pytest
from django.urls import reverse

from compliance.verification import second_claims, second_reviews
from compliance.verification.quality_models import Dispute, SecondReview
from compliance.verification.states import State
from monitoring.audit.models import Entry

pytestmark = pytest.mark.django_db


def url(review, act=""):
    return f"/queue/second-reviews/{review.pk}/{act}"


def test_it_works(due, ada, bo, sign_in):
    review = due(ada)
    client = sign_in(bo)
    assert f"Second review {review.pk}" in client.get("/queue/second-reviews/").content.decode()
    assert client.post(url(review, "claim/"))["Location"] == url(review)
    picture = client.post(url(review, "pictures/1/"))
    assert (picture["Content-Type"], picture["Cache-Control"]) == (
        "image/jpeg",
        "no-store, private, max-age=0",
    )
    assert client.post(url(review, "renew/")).status_code == 200
    answer = client.post(url(review, "answer/"), {"answer": "approved"}, follow=True)
    assert "You agree with the first decision." in answer.content.decode()
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
    assert client.post(url(review, "claim/")).status_code == 403
    assert f"Second review {review.pk}" not in client.get("/queue/second-reviews/").content.decode()


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


def test_nor_an_undo_by_somebody_else(due, ada, bo, sign_in):
    review = due(ada, "altered")
    answer = sign_in(bo).post(reverse("queue_undo", args=[review.decision_id]))
    assert answer.status_code == 409 and "enied" not in answer.content.decode()


def test_once_answered_everything_is_shown_again(due, ada, bo, sign_in):
    review = due(ada, "altered")
    second_claims.claim(review.pk, bo)
    second_reviews.reveal(review.pk, 1, bo)
    second_reviews.answer(review.pk, moderator=bo, answer=State.DENIED, reason="altered")
    text = sign_in(bo).get(f"/queue/{review.request_id}/").content.decode()
    assert "Denied by ada" in text
    member = sign_in(bo).get(f"/members/{review.request.member_id}/").content.decode()
    assert "Denied" in member


def test_the_first_reviewer_sees_their_own_decision_as_ever(due, ada, sign_in):
    review = due(ada, "altered")
    assert "Denied by ada" in sign_in(ada).get(f"/queue/{review.request_id}/").content.decode()


def test_settling_a_dispute(due, ada, bo, cora, sign_in):
    review = due(ada)
    second_claims.claim(review.pk, bo)
    second_reviews.reveal(review.pk, 1, bo)
    second_reviews.answer(review.pk, moderator=bo, answer=State.DENIED, reason="altered")
    dispute = Dispute.objects.get()
    client = sign_in(cora)
    page = client.get("/queue/disputes/").content.decode()
    assert "Override: denied" in page and "First, ada" in page and "Second, bo" in page
    act = f"/queue/disputes/{dispute.pk}/"
    assert client.post(act, {"resolution": "keep"}).status_code == 422
    answer = client.post(act, {"resolution": "override", "note": "The edge."}, follow=True)
    assert "Settled: overridden" in answer.content.decode()
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
    answer = sign_in(cora).post(f"/queue/disputes/{dispute.pk}/", {"note": "x"})
    assert answer.status_code == 403


def test_the_list_takes_few_queries(due, ada, bo, sign_in, statements):
    for _ in range(5):
        due(ada)
    client = sign_in(bo)
    assert statements(lambda: client.get("/queue/second-reviews/")) <= 16
    assert SecondReview.objects.due().count() == 5
