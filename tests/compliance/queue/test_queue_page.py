"""The list of the desk: tabs, filters, pages by keyset, polling, and how much it asks for."""

import itertools
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from compliance import policy
from compliance.desk.models import Claim
from compliance.members.models import Consent, Member
from compliance.queue.listing import PAGE
from compliance.verification import claims
from compliance.verification.models import VerificationRequest
from compliance.verification.states import State

pytestmark = pytest.mark.django_db
_ids = itertools.count(1287342001234567890)


@pytest.fixture
def desk(ada, sign_in):
    return sign_in(ada)


@pytest.fixture
def waiting(db):
    """Rows of requests that wait: `waiting(60)`, all due at the same moment or one by one."""

    def make(count, *, apart=timedelta(seconds=1), name="member", **fields):
        now = timezone.now()
        found = []
        for number in range(count):
            discord_id = next(_ids)
            member = Member.objects.create(discord_id=discord_id, username=f"{name}{number}")
            found.append(
                VerificationRequest.objects.create(
                    member=member,
                    consent=Consent.objects.create(member=member, version=4),
                    submitted_at=now,
                    due_at=now + policy.REVIEW_TARGET + apart * number,
                    **{"state": State.PENDING, **fields},
                )
            )
        return found

    return make


def text(answer):
    return answer.content.decode()


def rows(page):
    return [int(pk) for pk in re.findall(r'data-row="(\d+)"', page)]


def test_it_works(waiting, desk):
    found = waiting(3)
    assert rows(text(desk.get("/queue/"))) == [request.pk for request in found]


def test_nobody_waits(desk):
    assert "Queue is empty" in text(desk.get("/queue/"))


def test_the_oldest_deadline_comes_first(waiting, desk):
    found = waiting(3)
    VerificationRequest.objects.filter(pk=found[2].pk).update(due_at=timezone.now())
    assert rows(text(desk.get("/queue/")))[0] == found[2].pk


@pytest.mark.parametrize("apart", [timedelta(seconds=1), timedelta(0)])
def test_pages_show_everything_once(waiting, desk, apart):
    found = waiting(75, apart=apart)
    seen, url = [], "/queue/"
    for _ in range(3):
        page = text(desk.get(url))
        seen += rows(page)
        more = re.search(r'href="([^"]*after=[^"]+)">More<', page)
        url = more[1].replace("&amp;", "&") if more else None
    assert url is None
    assert seen == [request.pk for request in found]


def test_pages_miss_nobody_when_an_earlier_one_is_decided(waiting, desk):
    found = waiting(40)
    page = text(desk.get("/queue/"))
    VerificationRequest.objects.filter(pk__in=rows(page)[:10]).update(state=State.WITHDRAWN)
    more = re.search(r'href="([^"]*after=[^"]+)">More<', page)[1].replace("&amp;", "&")
    assert rows(text(desk.get(more))) == [request.pk for request in found[PAGE:]]


@pytest.mark.parametrize("after", ["x", "²", "AAAA", "Zm9vfGJhcg", "\x00"])
def test_a_damaged_place_begins_at_the_first_page(waiting, desk, after):
    found = waiting(2)
    answer = desk.get("/queue/", {"after": after})
    assert rows(text(answer)) == [request.pk for request in found]


@pytest.mark.parametrize("url", ["/queue/", "/queue/rows/"])
def test_sixty_requests_ask_no_more_than_five(waiting, desk, url, statements):
    waiting(5)
    few = statements(lambda: desk.get(url))
    waiting(55)
    assert statements(lambda: desk.get(url)) <= few <= 22
    assert len(rows(text(desk.get(url)))) == PAGE


def test_mine(waiting, desk, ada, bo):
    mine, theirs, _ = waiting(3)
    claims.claim(mine.pk, ada)
    claims.claim(theirs.pk, bo)
    assert rows(text(desk.get("/queue/?tab=mine"))) == [mine.pk]


def test_overdue(waiting, desk):
    late, _ = waiting(2)
    VerificationRequest.objects.filter(pk=late.pk).update(
        due_at=timezone.now() - timedelta(minutes=5)
    )
    page = text(desk.get("/queue/?tab=overdue"))
    assert rows(page) == [late.pk]
    assert "5 min overdue" in page


def test_by_name(waiting, desk):
    waiting(2, name="moss")
    (fern,) = waiting(1, name="Fern")
    assert rows(text(desk.get("/queue/?q=fern"))) == [fern.pk]


def test_by_id(waiting, desk):
    _, found = waiting(2)
    assert rows(text(desk.get(f"/queue/?q={found.member_id}"))) == [found.pk]


@pytest.mark.parametrize("words", ["nobody", "%", "²", "9" * 19, "'; DROP TABLE"])
def test_by_what_nobody_is_called(waiting, desk, words):
    waiting(2)
    answer = desk.get("/queue/", {"q": words})
    assert answer.status_code == 200
    assert rows(text(answer)) == []


def test_a_name_with_a_character_that_no_database_keeps(desk):
    assert desk.get("/queue/", {"q": "\x00"}).status_code == 400


def test_an_unknown_tab_shows_everything(waiting, desk):
    waiting(2)
    assert len(rows(text(desk.get("/queue/?tab=secret&method=magic")))) == 2


def test_who_is_looking(waiting, desk, bo):
    (request,) = waiting(1)
    claims.claim(request.pk, bo)
    looking = '<bdi>bo</bdi> <span class="visually-hidden">is looking</span>'
    assert looking in text(desk.get("/queue/"))
    Claim.objects.update(expires_at=timezone.now())
    assert looking not in text(desk.get("/queue/"))


def test_polling_says_nothing_while_nothing_changes(waiting, desk):
    waiting(2)
    seen = desk.get("/queue/rows/").context["list_version"]
    assert desk.get("/queue/rows/", {"seen": seen}).status_code == 204


def test_polling_announces_new_ones(waiting, desk):
    waiting(2)
    seen = desk.get("/queue/rows/").context["list_version"]
    waiting(1)
    answer = desk.get("/queue/rows/", {"seen": seen, "total": "2"})
    assert 'data-announce="1 new request"' in text(answer)


def test_polling_tells_of_a_claim(waiting, desk, bo):
    (request,) = waiting(1)
    seen = desk.get("/queue/rows/").context["list_version"]
    claims.claim(request.pk, bo)
    assert desk.get("/queue/rows/", {"seen": seen}).status_code == 200


def test_polling_tells_which_one_is_mine(waiting, desk, ada):
    """The number of mine stays the same: "Next" gives one back and claims another."""
    first, second = waiting(2)
    claims.claim(first.pk, ada)
    seen = desk.get("/queue/rows/").context["list_version"]
    claims.release(first.pk, ada)
    claims.claim(second.pk, ada)
    assert desk.get("/queue/rows/", {"seen": seen}).status_code == 200


@pytest.mark.parametrize("total", ["²", "-1", "x", "9" * 5000])
def test_polling_with_a_damaged_total(waiting, desk, total):
    waiting(1)
    answer = desk.get("/queue/rows/", {"total": total})
    assert answer.status_code == 200
    assert "data-announce" not in text(answer)


def test_a_second_try_is_marked(waiting, desk):
    (old,) = waiting(1, state=State.WITHDRAWN)
    VerificationRequest.objects.create(
        member=old.member,
        consent=old.consent,
        state=State.PENDING,
        submitted_at=old.submitted_at,
        due_at=old.due_at,
    )
    assert "2nd try" in text(desk.get("/queue/"))


def test_names_are_text_and_never_markup(waiting, desk):
    waiting(1, name="<script>alert(1)</script>")
    page = text(desk.get("/queue/"))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;0" in page
