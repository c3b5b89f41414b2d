"""KPIs of verification: completion, response times, onboarding."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance.desk.models import Claim
from compliance.members.models import Member
from compliance.verification import decisions, kpi_figures, requests, taking_back
from compliance.verification.models import Decision, VerificationRequest
from monitoring.kpis.days import day_of, today
from monitoring.kpis.registry import NotMeasured, TooFew

pytestmark = pytest.mark.django_db
HOUR = 3600


@pytest.fixture
def decided(revealed, ada):
    """`decided(hours=2)`: approved two hours after it was sent, taken up after one."""

    def make(hours=2, act=decisions.approve, **facts):
        request = revealed(ada)
        decision = act(request.pk, moderator=ada, version=request.version, **facts)
        sent = decision.decided_at - timedelta(hours=hours)
        VerificationRequest.objects.filter(pk=request.pk).update(submitted_at=sent)
        Claim.objects.on("verification", request.pk).update(
            started_at=sent + timedelta(hours=hours / 2)
        )
        return request

    return make


def denied(decided):
    return decided(act=decisions.deny, reason="altered")


def test_completion(decided, opened):
    for _ in range(4):
        decided()
    denied(decided)
    for _ in range(3):
        requests.withdraw(opened().request.pk)
    opened()  # under way: not in it
    found = kpi_figures.completion(today())
    assert found.value == 5 / 8
    assert {part.label: part.value for part in found.parts} == {
        "Approved": 4 / 8,
        "Denied": 1 / 8,
        "Expired or withdrawn": 3 / 8,
    }


def test_response_times(decided):
    for hours in (1, 2, 3, 4, 10):
        decided(hours=hours)
    review = kpi_figures.review_time(today())
    taken_up = kpi_figures.time_until_taken_up(today())
    assert review.value == pytest.approx(3 * HOUR, abs=1)
    assert review.parts[1].value == pytest.approx(7.6 * HOUR, abs=1)
    assert taken_up.value == pytest.approx(1.5 * HOUR, abs=1)


def test_what_was_taken_back_is_no_answer(decided, ada):
    requests_ = [decided(hours=2) for _ in range(5)]
    decision = Decision.objects.get(request=requests_[0])
    taking_back.undo(decision.pk, moderator=ada)
    with pytest.raises(TooFew, match="Fewer than 5 requests were decided"):
        kpi_figures.review_time(today())


def test_few_are_too_few_and_none_is_nothing(decided):
    for measure in (kpi_figures.completion, kpi_figures.review_time):
        with pytest.raises(NotMeasured, match=r"^No request"):
            measure(today())
    for _ in range(4):
        decided()
    for measure in (
        kpi_figures.completion,
        kpi_figures.review_time,
        kpi_figures.time_until_taken_up,
    ):
        with pytest.raises(TooFew):
            measure(today())


def test_only_30_days_and_real_members(decided):
    old, practice = decided(), decided()
    VerificationRequest.objects.filter(pk=old.pk).update(
        opened_at=timezone.now() - timedelta(days=31)
    )
    Member.objects.filter(pk=practice.member_id).update(made_up=True)
    for _ in range(4):
        decided()
    with pytest.raises(TooFew):
        kpi_figures.completion(today())


def test_a_day_of_the_past_knows_nothing_of_what_came_later(decided):
    for _ in range(5):
        decided()
    with pytest.raises(NotMeasured):
        kpi_figures.completion(day_of(today().earlier(1)))


def join_ago(request, **length):
    joined = timezone.now() - timedelta(**length)
    Member.objects.filter(pk=request.member_id).update(joined_at=joined)


def watched():
    Member.objects.update(first_seen_at=timezone.now() - timedelta(days=90))


def test_onboarding(decided, opened):
    for days_after in (1, 6, 8):
        request = decided()
        join_ago(request, days=10)
        Decision.objects.filter(request=request).update(
            decided_at=timezone.now() - timedelta(days=10 - days_after)
        )
    for _ in range(2):
        join_ago(opened().request, days=10)
    join_ago(opened().request, days=2)  # still has time
    watched()
    assert kpi_figures.onboarding(today()).value == 2 / 5


def test_onboarding_before_the_bot_watched(opened):
    for _ in range(5):
        join_ago(opened().request, days=10)
    with pytest.raises(NotMeasured, match="The bot has watched since"):
        kpi_figures.onboarding(today())


def test_one_question_each(decided, django_assert_num_queries):
    for _ in range(5):
        decided()
    day = today()
    for measure in (
        kpi_figures.completion,
        kpi_figures.review_time,
        kpi_figures.time_until_taken_up,
    ):
        with django_assert_num_queries(1):
            measure(day)


def test_an_approval_that_was_taken_back_verified_nobody(decided):
    for undone in (True, False, False, False, False):
        request = decided()
        join_ago(request, days=10)
        facts = {"undone_at": timezone.now(), "standing": False} if undone else {}
        Decision.objects.filter(request=request).update(
            decided_at=timezone.now() - timedelta(days=9), **facts
        )
    watched()
    assert kpi_figures.onboarding(today()).value == 4 / 5
