"""The admin API and the desk show the same queue, so that neither tells what the other hides."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance.desk.models import Claim, WorkItem
from compliance.quality import golden
from compliance.quality.golden_pictures import Kind
from compliance.queue import listing
from compliance.verification import claims, requests
from compliance.verification.models import VerificationRequest
from compliance.verification.states import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def listed(ask):
    """Ids as the API lists them, page by page."""

    def ids():
        found, cursor = [], ""
        while cursor is not None:
            page = ask("/api/admin/verifications", {"cursor": cursor, "limit": 2}).json()
            found += [int(one["id"]) for one in page["verifications"]]
            cursor = page["next_cursor"]
        return found

    return ids


@pytest.fixture
def figures(ask):
    return lambda: ask("/api/admin/verification-queue").json()


def at_the_desk(person):
    return [row.request.pk for row in listing.page(listing.Filters(), person).rows]


def tabs(person):
    return {tab: int(count) for tab, _, count in listing.counts(person)}


def test_a_practice_case_waits_in_both(waiting, listed, figures, ada):
    waiting(2)
    waiting(1, state=State.ESCALATED, late=timedelta(hours=1))
    case = golden.seed(kind=Kind.OVER_AGE).request
    assert case.pk in listed()
    assert listed() == at_the_desk(ada)
    assert figures()["pending_count"] + figures()["escalated_count"] == tabs(ada)["open"] == 4
    assert figures()["overdue_count"] == tabs(ada)["overdue"] == 1


def test_held_it_is_held_in_both(listed, figures, ask, ada):
    case = golden.seed(kind=Kind.OVER_AGE).request
    claims.claim(case.pk, ada)
    assert figures()["claimed_count"] == tabs(ada)["mine"] == 1
    [one] = ask("/api/admin/verifications").json()["verifications"]
    assert one["claimed_by"] == "ada"


def test_over_it_is_in_neither(listed, figures, ada):
    case = golden.seed(kind=Kind.OVER_AGE).request
    requests.withdraw(case.pk)
    assert listed() == at_the_desk(ada) == []
    assert figures()["pending_count"] == tabs(ada)["open"] == 0


def test_every_state_is_in_both_or_in_neither(waiting, listed, ada):
    for state in State:
        waiting(1, state=state)
    assert listed() == at_the_desk(ada)
    found = VerificationRequest.objects.filter(pk__in=listed()).values_list("state", flat=True)
    assert set(found) == {State.PENDING, State.ESCALATED}


def test_who_may_not_see_the_desk_may_not_read_the_api(ask, sign_in, ada):
    ada.roles.all().delete()
    assert sign_in(ada).get("/queue/").status_code == 403
    assert ask("/api/admin/verifications").status_code == 403


def test_who_works_on_an_appeal_of_that_number_holds_no_request(waiting, figures, ada):
    [request], soon = waiting(1), timezone.now() + timedelta(hours=1)
    appeal = WorkItem.objects.create(
        kind="appeal", subject=request.pk, member=request.member, opened_at=timezone.now(),
        due_at=soon,
    )  # fmt: skip
    Claim.objects.create(item=appeal, moderator=ada, expires_at=soon, lease_until=soon)
    assert figures()["claimed_count"] == tabs(ada)["mine"] == 0
