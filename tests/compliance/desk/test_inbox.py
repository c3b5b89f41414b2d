"""/inbox/: everything that waits for one person, soonest deadline first."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from compliance import policy
from compliance.appeals import asking
from compliance.desk import inbox, reading
from compliance.desk.models import Claim, WorkItem
from compliance.quality import second_answers, second_claims, second_reviews
from compliance.quality.models import Dispute, SecondReview
from compliance.verification import claims, decisions, escalation
from compliance.verification.models import VerificationRequest
from monitoring.kpis.days import ZONE

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(staff):
    return staff("moderator", username="ada")


@pytest.fixture
def bo(staff):
    return staff("moderator", username="bo")


@pytest.fixture
def carol(staff):
    return staff("compliance", username="carol")


@pytest.fixture
def due_in(pending):
    """A request whose deadline is so far from now."""

    def make(name, **length):
        request = pending(name)
        at = timezone.now() + timedelta(**length)
        VerificationRequest.objects.filter(pk=request.pk).update(due_at=at)
        request.refresh_from_db()
        return request

    return make


def seen(person, **query):
    """(band, title) of each row."""
    found = inbox.of(person, inbox.Filters.from_query(query))
    return [(band.name, row.facts.title) for band in found.bands for row in band.rows]


def test_it_works(sign_in, due_in, ada):
    due_in("later.fern", days=5)
    due_in("over.sage", minutes=-26)
    due_in("soon.moss", minutes=19)
    page = sign_in(ada).get("/inbox/").content.decode()
    assert "3 items, soonest deadline" in page
    assert page.index("over.sage") < page.index("soon.moss") < page.index("later.fern")
    assert "26 min over" in page and "18 min left" in page
    assert 'id="look"' in page and "Claim and open" in page


def test_bands(due_in, ada):
    due_in("a.later", days=5)
    due_in("a.over", minutes=-1)
    due_in("a.soon", minutes=59)
    assert seen(ada) == [("past", "a.over"), ("hour", "a.soon"), ("later", "a.later")]


def test_a_band_folds_after_five_and_says_what_is_left(due_in, sign_in, ada):
    for number in range(7):
        due_in(f"a{number}", minutes=-30 + number)
    page = sign_in(ada).get("/inbox/").content.decode()
    assert page.count("data-row=") == 5
    assert "more past due: 2 verifications" in " ".join(page.split())
    whole = sign_in(ada).get("/inbox/?band=past").content.decode()
    assert whole.count("data-row=") == 7


def test_an_unfolded_band_has_pages(due_in, ada, monkeypatch):
    monkeypatch.setattr(inbox, "PAGE", 2)
    names = [f"a{number}" for number in range(5)]
    for number, name in enumerate(names):
        due_in(name, minutes=-30 + number)
    told, after = [], ""
    while True:
        found = inbox.of(ada, inbox.Filters(band="past", after=after))
        told += [row.facts.title for row in found.rows]
        after = found.next
        if not after:
            break
    assert told == names


def test_all_kinds_and_one(appealed, due_in, sign_in, carol, ada):
    due_in("fern", minutes=5)
    titles = [row.shown.claims.kind.name for row in inbox.of(carol, inbox.Filters()).rows]
    assert sorted(titles) == ["appeal", "dispute", "verification"]
    only = inbox.of(carol, inbox.Filters.from_query({"kind": "appeal"}))
    assert [row.shown.claims.kind.name for row in only.rows] == ["appeal"]
    assert only.counts == {"appeal": 1, "dispute": 1, "verification": 1}
    page = sign_in(carol).get("/inbox/?kind=appeal").content.decode()
    assert "It is mine." in page and "Appeals" in page


@pytest.fixture
def appealed(due, ada, bo, monkeypatch):
    """A denial by ada that bo would not have made: disputed, and appealed."""
    monkeypatch.setattr(policy, "DENIAL_APPEAL_COOL_DOWN", timedelta(0))
    review = due(ada, "altered")
    second_claims.claim(review.pk, bo)
    second_reviews.reveal(review.pk, 1, bo)
    second_reviews.answer(review.pk, moderator=bo, answer="approved")
    return asking.appeal(review.request.member_id, "It is mine.")


def test_ones_own_decisions_are_counted_and_not_shown(appealed, ada, bo):
    assert seen(ada) == []
    found = inbox.of(ada, inbox.Filters())
    assert found.left_out == "1 appeal more is about a decision of yours: somebody else decides."
    assert [row.shown.claims.kind.name for row in inbox.of(bo, inbox.Filters()).rows] == ["appeal"]


def test_that_ones_decision_is_looked_at_again_is_not_told(due, ada, bo):
    due(ada)
    assert inbox.of(ada, inbox.Filters()).left_out == ""
    assert seen(ada) == []
    assert [title for _, title in seen(bo)] == [f"Second review {SecondReview.objects.get().pk}"]


def test_who_is_blind_sees_no_other_item_of_that_member(due, appealed_again, ada, bo):
    """The appeal would tell that it was denied."""
    kinds = {row.item.kind for row in inbox.of(bo, inbox.Filters()).rows}
    assert kinds == {"second_review"}


@pytest.fixture
def appealed_again(due, ada, monkeypatch):
    """Denied by ada; a second review of it waits, and an appeal."""
    monkeypatch.setattr(policy, "DENIAL_APPEAL_COOL_DOWN", timedelta(0))
    review = due(ada, "altered")
    return asking.appeal(review.request.member_id, "It is mine.")


def test_a_blind_row_names_nobody(due, sign_in, ada, bo):
    review = due(ada, "altered")
    page = sign_in(bo).get("/inbox/").content.decode()
    assert str(review.request.member) not in page and "altered" not in page.lower()


def test_what_concerns_themselves_is_left_out(pending, ada):
    request = pending("fern")
    ada.discord_id = request.member_id
    ada.save(update_fields=["discord_id"])
    assert seen(ada) == []


def test_what_was_handed_to_others_is_left_out(revealed, ada, bo, carol, staff):
    request = revealed(ada, "fern")
    escalation.escalate(request.pk, moderator=ada, version=request.version, note="So?", to=bo)
    assert seen(ada) == []
    assert seen(staff("moderator", username="dot")) == []
    assert [title for _, title in seen(bo)] == ["fern"] == [title for _, title in seen(carol)]


def test_what_one_has_no_right_to_is_left_out(appealed, staff):
    assert not reading.waiting_for(staff("operator", username="otto")).exists()
    dot = staff("moderator", username="dot")
    assert {item.kind for item in reading.waiting_for(dot)} == {"appeal"}


def test_practice_cases_are_there_as_any_other(ada):
    from compliance.quality import golden

    golden.seed()
    assert reading.waiting_for(ada).count() == 1


def test_what_somebody_else_holds_says_so(pending, sign_in, ada, bo):
    request = pending("fern")
    claims.claim(request.pk, bo)
    item = WorkItem.objects.get()
    page = sign_in(ada).get(f"/inbox/{item.pk}/").content.decode()
    assert "bo</bdi></span> is working on this" in page or "is working on this" in page
    assert "Claim and open" not in page


def test_claiming_opens_its_page(pending, sign_in, ada):
    request = pending("fern")
    item = WorkItem.objects.get()
    answer = sign_in(ada).post(reverse("inbox_claim", args=[item.pk]))
    assert answer["Location"] == f"/queue/{request.pk}/"
    assert Claim.objects.get().moderator == ada


def test_claiming_what_somebody_else_holds(pending, sign_in, ada, bo):
    request = pending("fern")
    claims.claim(request.pk, bo)
    answer = sign_in(ada).post(reverse("inbox_claim", args=[WorkItem.objects.get().pk]))
    assert answer.status_code == 409
    assert "bo is working on this." in answer.content.decode()
    assert Claim.objects.get().moderator == bo


def test_claiming_what_one_may_not(appealed, sign_in, ada, staff):
    dispute = WorkItem.objects.get(kind="dispute")
    dot = staff("moderator", username="dot")
    assert sign_in(dot).post(reverse("inbox_claim", args=[dispute.pk])).status_code == 404
    own = WorkItem.objects.get(kind="appeal")
    assert sign_in(ada).post(reverse("inbox_claim", args=[own.pk])).status_code == 403
    assert sign_in(dot).post(reverse("inbox_claim", args=[10**9])).status_code == 404
    assert not Claim.objects.filter(item__in=[dispute, own]).exists()


def test_an_appeal_and_a_dispute_are_claimed_like_anything_else(appealed, sign_in, carol):
    client = sign_in(carol)
    for kind, address in (
        ("appeal", f"/appeals/{appealed.pk}/"),
        ("dispute", f"/queue/disputes/?dispute={Dispute.objects.get().pk}"),
    ):
        item = WorkItem.objects.get(kind=kind)
        assert client.post(reverse("inbox_claim", args=[item.pk]))["Location"] == address
        assert Claim.objects.get(item=item).moderator == carol
        assert client.post(reverse("inbox_release", args=[item.pk]))["Location"] == "/inbox/"
        assert Claim.objects.get(item=item).end_reason == "released"


def test_the_poll_says_nothing_while_nothing_changed(pending, sign_in, ada, bo):
    request = pending("fern")
    client = sign_in(ada)
    version = inbox.of(ada, inbox.Filters()).version
    assert client.get(f"/inbox/rows/?seen={version}").status_code == 204
    claims.claim(request.pk, bo)
    told = client.get(f"/inbox/rows/?seen={version}")
    assert told.status_code == 200 and "is on it" in told.content.decode()


def test_nothing_waits(sign_in, ada):
    page = sign_in(ada).get("/inbox/").content.decode()
    assert "Nothing waits for you" in page


def test_unknown_filters_show_everything(pending, ada):
    pending("fern")
    assert len(seen(ada, kind="nonsense", band="never")) == 1


def test_it_costs_the_same_however_much_waits(pending, ada, sign_in, django_assert_max_num_queries):
    client = sign_in(ada)
    client.get("/inbox/")
    for number in range(12):
        pending(f"a{number}")
    with django_assert_max_num_queries(28):
        client.get("/inbox/")


def test_it_does_not_grow_with_what_is_over(pending, ada):
    pending("fern")
    WorkItem.objects.bulk_create(
        WorkItem(
            kind="verification",
            subject=-number,
            opened_at=timezone.now(),
            due_at=timezone.now(),
            closed_at=timezone.now(),
        )
        for number in range(1, 30)
    )
    with connection.cursor() as cursor:  # a small table would be read as a whole, and sorted
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    assert "using items_open" in reading.waiting_for(ada).by_deadline()[:5].explain()


def test_an_answer_that_waits_keeps_its_claim(due, sign_in, ada, bo):
    review = due(ada)
    second_claims.claim(review.pk, bo)
    second_reviews.reveal(review.pk, 1, bo)
    second_answers.give(review.pk, moderator=bo, answer="approved")
    item = WorkItem.objects.get(kind="second_review")
    answer = sign_in(bo).post(reverse("inbox_release", args=[item.pk]))
    assert answer.status_code == 409
    assert "Take the answer back first." in answer.content.decode()
    assert Claim.objects.get(item=item).ended_at is None
    assert "Answered by you" in sign_in(bo).get("/inbox/").content.decode()


def test_who_is_blind_still_sees_what_the_member_asks_anew(due, pending, ada, bo):
    """Its page tells nothing of the earlier request, and somebody has to decide it."""
    review = due(ada, "altered")
    request = pending("fern")
    VerificationRequest.objects.filter(pk=request.pk).update(member=review.request.member)
    kinds = sorted(row.item.kind for row in inbox.of(bo, inbox.Filters()).rows)
    assert kinds == ["second_review", "verification"]


def test_that_one_was_drawn_is_not_told_by_a_refusal(due, sign_in, ada):
    due(ada)
    item = WorkItem.objects.get(kind="second_review")
    assert sign_in(ada).post(reverse("inbox_claim", args=[item.pk])).status_code == 404


def test_one_dispute_has_an_address(appealed, sign_in, carol):
    page = sign_in(carol).get(f"/queue/disputes/?dispute={Dispute.objects.get().pk}")
    assert f'id="dispute-{Dispute.objects.get().pk}"' in page.content.decode()


def test_what_was_done_can_be_taken_back_here(revealed, sign_in, ada):
    request = revealed(ada, "fern")
    decisions.approve(request.pk, moderator=ada, version=request.version)
    assert "Approved" in sign_in(ada).get("/inbox/").content.decode()


def test_bands_follow_each_other_late_in_the_evening():
    ends = inbox._ends(datetime(2026, 11, 30, 23, 30, tzinfo=ZONE))
    assert ends["past"] <= ends["hour"] <= ends["today"]
