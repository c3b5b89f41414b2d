"""GET /api/admin/verifications: those that wait, page by page."""

import base64
from datetime import timedelta

import pytest
from django.utils import timezone

from compliance.desk.models import Claim
from compliance.verification import claims
from compliance.verification.models import VerificationRequest
from compliance.verification.states import State

pytestmark = pytest.mark.django_db
URL = "/api/admin/verifications"


def ids(answer):
    return [int(one["id"]) for one in answer.json()["verifications"]]


def cursor(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def moment(at):
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"


def test_it_works(ask, waiting, ada):
    first, second = waiting(2)
    claims.claim(first.pk, ada)
    one = {
        "id": str(first.pk),
        "member_id": str(first.member_id),
        "method": "id_document",
        "state": "pending",
        "submitted_at": moment(first.submitted_at),
        "due_at": moment(first.due_at),
        "claimed_by": "ada",
        "version": 1,
    }
    other = {
        **one,
        "id": str(second.pk),
        "member_id": str(second.member_id),
        "submitted_at": moment(second.submitted_at),
        "due_at": moment(second.due_at),
        "claimed_by": None,
    }
    assert ask(URL).json() == {"verifications": [one, other], "next_cursor": None}


def test_nobody_waits(ask):
    assert ask(URL).json() == {"verifications": [], "next_cursor": None}


def test_what_does_not_wait(ask, waiting):
    for state in State:
        waiting(1, state=state)
    states = {one["state"] for one in ask(URL).json()["verifications"]}
    assert states == {"pending", "escalated"}


@pytest.mark.parametrize("apart", [timedelta(seconds=1), timedelta(0)])
def test_pages_show_everything_once(ask, waiting, apart):
    found = waiting(7, apart=apart)
    if not apart:
        VerificationRequest.objects.update(due_at=found[0].due_at)
    seen, after, pages = [], "", 0
    while after is not None:
        answer = ask(URL, {"limit": 3, "cursor": after})
        seen += ids(answer)
        after, pages = answer.json()["next_cursor"], pages + 1
    assert seen == [request.pk for request in found]
    assert pages == 3


def test_the_last_page_may_be_full(ask, waiting):
    waiting(3)
    assert ask(URL, {"limit": 3}).json()["next_cursor"] is None


def test_nobody_is_missed_when_an_earlier_one_is_decided(ask, waiting):
    found = waiting(6)
    first = ask(URL, {"limit": 3})
    VerificationRequest.objects.filter(pk__in=ids(first)).update(state=State.WITHDRAWN)
    later = ask(URL, {"limit": 3, "cursor": first.json()["next_cursor"]})
    assert ids(later) == [request.pk for request in found[3:]]


def test_fifty_without_a_limit(ask, waiting):
    waiting(51)
    assert len(ids(ask(URL))) == 50
    assert len(ids(ask(URL, {"limit": 100}))) == 51
    assert len(ids(ask(URL, {"limit": 1}))) == 1


@pytest.mark.parametrize("limit", ["0", "101", "-1", "1.5", "ten", "", "²", "٣", "9" * 5000])
def test_a_limit_that_is_none(ask, waiting, limit):
    answer = ask(URL, {"limit": limit})
    assert (answer.status_code, answer.json()["code"]) == (400, "limit_invalid")


@pytest.mark.parametrize(
    "after",
    [
        "x",
        "²",
        "\x00",
        "AAAA",
        "Zm9vfGJhcg",
        cursor("2026-03-01T12:00:00|1"),  # without a zone
        cursor("2026-13-01T12:00:00+00:00|1"),
        cursor("2026-03-01T12:00:00+00:00|one"),
        cursor("2026-03-01T12:00:00+00:00|1|2"),
        cursor("2026-03-01T12:00:00+00:00|" + "9" * 5000),
    ],
)
def test_a_cursor_that_is_none(ask, waiting, after):
    waiting(1)
    answer = ask(URL, {"cursor": after})
    assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")


def test_a_cursor_of_another_list_or_site(ask, waiting, settings):
    """Only this site's own pages say where a page begins."""
    waiting(3)
    cursor = ask(URL, {"limit": 1}).json()["next_cursor"]
    settings.SECRET_KEY = "another site's"
    answer = ask(URL, {"limit": 1, "cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")


def test_a_lease_that_has_ended(ask, waiting, ada):
    (request,) = waiting(1)
    claims.claim(request.pk, ada)
    Claim.objects.update(expires_at=timezone.now())
    assert ask(URL).json()["verifications"][0]["claimed_by"] is None


def test_many_ask_no_more_than_one(ask, waiting, ada, django_assert_num_queries):
    waiting(1)
    ask(URL)
    with django_assert_num_queries(3):  # token, roles, requests
        ask(URL)
    for request in waiting(30):
        claims.claim(request.pk, ada)
    with django_assert_num_queries(3):
        assert len(ids(ask(URL))) == 31
