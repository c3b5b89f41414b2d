"""Every page and every role: who comes in, and who is told why not.

The table stands in table.py.
"""

from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from growmies_admin.displays import cookies, keys
from monitoring.ui.routes import all_routes
from tests.growmies_admin.accounts.place import Place, kept
from tests.growmies_admin.accounts.table import (
    ACTS,
    BEARER,
    BOARDS,
    LIBRARIES,
    OWN,
    PAGES,
    PUBLIC,
    ROLES,
    SIGNED,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(evidence_dir, staff):
    return Place()


def is_refused(answer):
    text = answer.content.decode()
    return answer.status_code == 403 and "You may not " in text and "Traceback" not in text


@pytest.mark.parametrize("role", ROLES)
def test_pages(place, staff, sign_in, role):
    client = sign_in(staff(role))
    for name, readers in PAGES.items():
        answer = client.get(place.url(name))
        if role in readers:
            assert answer.status_code in (200, 204), f"{role} {name}: {answer.status_code}"
        else:
            assert is_refused(answer), f"{role} {name}: {answer.status_code}"


@pytest.mark.parametrize("role", ROLES)
def test_acts(place, staff, sign_in, role):
    """Each in a world of its own: what the one before did is taken back."""
    client = sign_in(staff(role))
    wrong = []
    for name, (allowed, form, status) in ACTS.items():
        if role not in allowed:
            continue
        before = transaction.savepoint()
        answer = client.post(place.url(name), form)
        transaction.savepoint_rollback(before)
        if answer.status_code != status:
            wrong.append(f"{name}: {answer.status_code}, not {status}")
    assert not wrong


@pytest.mark.parametrize("role", ROLES)
def test_refused_acts_change_nothing(place, staff, sign_in, role):
    client = sign_in(staff(role))
    before = kept()
    for name, (allowed, form, _) in ACTS.items():
        if role not in allowed:
            answer = client.post(place.url(name), form)
            assert is_refused(answer), f"{role} {name}: {answer.status_code}"
    assert kept() == before


def test_a_paired_display_sees_boards_and_nothing_else(place, client):
    client.cookies[cookies.KEY] = keys.issue(place.display)
    for name in {*PAGES, *OWN, "live", "pair"}:
        answer = client.get(place.url(name))
        if name in BOARDS:
            assert answer.status_code == 200, name
        else:
            assert (answer.status_code, answer["Location"]) == (302, "/wall/main/"), name
    before = kept()
    for name, (_, form, _) in ACTS.items():
        assert client.post(place.url(name), form).status_code == 403, name
    assert client.post("/accounts/login/", {"login": "other"}).status_code == 403
    assert kept() == before


def test_a_stranger_is_sent_to_the_sign_in_page_and_a_screen_to_the_pairing(place, client):
    before = kept()
    for name in {*PAGES, *ACTS}:
        url = place.url(name)
        where = f"/accounts/login/?next={url}"
        for board in ("main", "secondary"):  # those that a screen can be paired for
            if url.startswith(f"/wall/{board}/"):
                where = f"/displays/pair/?board={board}"
        for answer in (client.get(url), client.post(url)):
            assert (answer.status_code, answer["Location"]) == (302, where)
    assert kept() == before


def test_somebody_without_a_role_sees_nothing(place, staff, sign_in):
    client = sign_in(staff(username="nobody"))
    for name in {*PAGES, *ACTS}:
        assert is_refused(client.get(place.url(name))), name
        assert is_refused(client.post(place.url(name))), name


def test_a_strangers_partial_leads_to_the_sign_in_page_and_back(client):
    page = "http://testserver/queue/17/?tab=mine"
    for current, back in (
        (page, "/queue/17/%3Ftab%3Dmine"),
        ("https://elsewhere.example/queue/17/", "/"),
        ("", "/"),
    ):
        answer = client.get(
            reverse("queue_rows"), headers={"HX-Request": "true", "HX-Current-URL": current}
        )
        assert answer.status_code == 401
        assert answer["HX-Redirect"] == f"/accounts/login/?next={back}"


@pytest.mark.parametrize(
    ("role", "start"),
    [
        ("viewer", "/mobile/"),
        ("moderator", "/inbox/"),
        ("compliance", "/inbox/"),
        ("operator", "/maintenance/"),
        ("administrator", "/staff/"),
    ],
)
def test_where_each_role_begins(staff, sign_in, role, start):
    assert sign_in(staff(role)).get("/")["Location"] == start


def test_nobody_begins_anywhere_without_a_role(staff, sign_in):
    answer = sign_in(staff(username="nobody")).get("/")
    assert answer.status_code == 403
    assert "You have no role yet." in answer.content.decode()


def test_rights_add_up(place, staff, sign_in):
    client = sign_in(staff("viewer", "operator", "moderator"))
    for name in ("queue", "effects", "maintenance", "mobile"):
        assert client.get(place.url(name)).status_code == 200
    assert client.post(place.url("job_run")).status_code == 302
    assert is_refused(client.get(place.url("staff")))


def test_a_role_that_has_ended_gives_nothing(place, staff, sign_in):
    person = staff("administrator")
    person.roles.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert is_refused(sign_in(person).get(place.url("staff")))


def test_the_navigation_shows_what_the_role_may_see(staff, sign_in):
    page = sign_in(staff("operator")).get("/maintenance/").content.decode()
    for url in ("/effects/", "/maintenance/", "/audit/", "/wall/main/", "/mobile/"):
        assert f'href="{url}"' in page
    for url in ("/queue/", "/members/", "/staff/"):
        assert f'href="{url}"' not in page


def test_what_does_not_fit_beside_each_other_is_in_a_menu(staff, sign_in):
    page = sign_in(staff("moderator")).get("/kpis/").content.decode()
    bar, menu = page.split('<details class="menu nav-menu">')
    assert 'href="/queue/"' in bar and 'href="/kpis/"' not in bar
    assert '<summary class="current">Operations' in menu
    assert 'href="/kpis/" aria-current="page"' in menu


def test_a_role_with_few_entries_has_no_menu(staff, sign_in):
    page = sign_in(staff("operator")).get("/kpis/").content.decode()
    assert "nav-menu" not in page and 'href="/kpis/" aria-current="page"' in page


def test_no_page_is_forgotten_here():
    ours = {
        route.name
        for route in all_routes()
        if not route.template.removeprefix("/").startswith(LIBRARIES)
    }
    assert ours == {*PAGES, *ACTS, *PUBLIC, *BEARER, *SIGNED, *OWN}
