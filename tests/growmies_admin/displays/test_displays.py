"""/displays/: who sees the screens, and changing, revoking and clearing away."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from growmies_admin import policy
from growmies_admin.displays import cleanup_steps, cookies, keys, pairing, screens
from growmies_admin.displays.browsers import browser_of, network_of
from growmies_admin.displays.models import CodeTry, Display, DisplayKey, Pairing
from monitoring.audit.models import Entry
from monitoring.refusals import Refusal
from tests.growmies_admin.displays.conftest import Television

pytestmark = pytest.mark.django_db
URL = "/displays/"


def later(**time):
    return time_machine.travel(timezone.now() + timedelta(**time), tick=False)


def test_it_works(lobby, operator, sign_in):
    page = sign_in(operator).get(URL).content.decode()
    for words in ("Lobby", "Main", "shows its board", "by ada", "Chromium 120 on Linux"):
        assert words in page
    with later(minutes=4):
        assert "silent" in sign_in(operator).get(URL).content.decode()


def test_others_look_and_change_nothing(lobby, staff, sign_in):
    client = sign_in(staff("viewer"))
    page = client.get(URL).content.decode()
    assert "Lobby" in page and "Pair a screen" not in page
    page = client.get(f"{URL}{lobby.pk}/").content.decode()
    assert "Lobby" in page and "Revoke" not in page and "Save" not in page


def test_before_the_screen_comes(television, operator, sign_in):
    pairing.confirm(television.code(), by=operator, name="Lobby", board="main")
    assert "has not come yet" in sign_in(operator).get(URL).content.decode()


def test_nobody_sees_a_blank_list(operator, sign_in):
    assert "No display is paired" in sign_in(operator).get(URL).content.decode()
    assert "No display has ended" in sign_in(operator).get(URL + "?tab=ended").content.decode()


def test_revoking_ends_it_at_once_and_the_screen_says_so(lobby, television, operator, sign_in):
    desk = sign_in(operator)
    answer = desk.post(f"{URL}{lobby.pk}/revoke/", {"reason": "Sold on the market"})
    assert answer["Location"] == f"{URL}{lobby.pk}/"
    assert "Revoke" not in desk.get(answer["Location"]).content.decode()
    answer = television.look("/wall/main/panels/")
    assert (answer.status_code, answer["Location"]) == (302, "/displays/pair/?board=main")
    page = television.look(answer["Location"]).content.decode()
    assert "This screen was revoked" in page and "Somebody ended its access" in page
    assert "Sold on the market" not in page  # a television is read by everybody
    ended = desk.get(URL + "?tab=ended").content.decode()
    assert "Sold on the market" in ended and "by ada" in ended
    entry = Entry.objects.get(action="display.revoked")
    assert (entry.actor, entry.target_id) == (operator, str(lobby.pk))
    assert entry.data == {"name": "Lobby", "board": "main", "reason": "Sold on the market"}


def test_a_revoked_screen_can_be_paired_again(lobby, television, operator):
    screens.revoke(lobby, by=operator, reason="By mistake")
    again, _ = pairing.confirm(television.code(), by=operator, name="Lobby", board="main")
    assert television.ask().json()["state"] == "paired"
    assert television.look().status_code == 200
    assert again != lobby


def test_revoking_twice_is_once(lobby, operator, sign_in):
    desk = sign_in(operator)
    for _ in range(2):
        desk.post(f"{URL}{lobby.pk}/revoke/", {"reason": "Sold"})
    assert "Lobby had ended already." in desk.get(URL).content.decode()
    assert Entry.objects.filter(action="display.revoked").count() == 1


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_revoking_needs_a_reason(lobby, operator, sign_in, reason):
    desk = sign_in(operator)
    desk.post(f"{URL}{lobby.pk}/revoke/", {"reason": reason})
    assert "say why" in desk.get(URL).content.decode()
    assert Display.objects.live().count() == 1


def test_another_name_and_board(lobby, television, operator, sign_in):
    desk = sign_in(operator)
    desk.post(f"{URL}{lobby.pk}/change/", {"name": "Hall", "board": "secondary"})
    # The script of the board follows a redirect of its panels by loading the page again.
    for path in ("/wall/main/panels/", "/wall/main/"):
        assert television.look(path)["Location"] == "/wall/secondary/"
    entry = Entry.objects.get(action="display.changed")
    assert entry.data == {
        "before": {"name": "Lobby", "board": "main"},
        "after": {"name": "Hall", "board": "secondary"},
    }
    desk.post(f"{URL}{lobby.pk}/change/", {"name": "Hall", "board": "secondary"})
    assert Entry.objects.filter(action="display.changed").count() == 1


def test_changes_that_are_refused(lobby, operator, sign_in):
    other = Television(Client())
    pairing.confirm(other.code(), by=operator, name="Hall", board="main")
    desk, url = sign_in(operator), f"{URL}{lobby.pk}/change/"

    def refused(**form):
        answer = desk.post(url, form)
        return answer.content.decode() if answer.status_code == 422 else ""

    assert "There is a display named Hall already" in refused(name="Hall", board="main")
    assert "not one of the available choices" in refused(name="Lobby", board="none")
    assert "This field is required" in refused(name=" ", board="main")
    screens.revoke(lobby, by=operator, reason="Sold")
    with pytest.raises(Refusal, match="Lobby has ended; pair the screen again"):
        screens.change(lobby, name="Cellar", board="main", by=operator)
    assert refused(name="Cellar", board="main")
    assert desk.post(f"{URL}0/change/", {}).status_code == 404
    assert not Entry.objects.filter(action="display.changed").exists()


def test_a_screen_sees_boards_and_nothing_else(lobby, television):
    for path in ("/wall/main/", "/wall/main/panels/", "/wall/main/charts/"):
        assert television.look(path).status_code == 200
    for path in ("/", "/mobile/", "/queue/", URL, "/accounts/login/", "/nowhere/", "/audit/"):
        answer = television.look(path)
        assert (answer.status_code, answer["Location"]) == (302, "/wall/main/"), path
    for path in ("/accounts/login/", "/displays/pair/code/", "/wall/main/"):
        assert television.client.post(path).status_code == 403, path
    for path in ("/wall/overview/", "/wall/nowhere/"):
        assert television.look(path)["Location"] == "/wall/main/"


def test_nobody_signs_in_on_a_screen(lobby, television, operator):
    form = {"login": "ada", "password": "correct horse battery"}
    assert television.client.post("/accounts/login/", form).status_code == 403
    assert television.look("/accounts/login/")["Location"] == "/wall/main/"
    assert not Session.objects.exists()


def test_a_session_beside_the_key_is_nobodys(lobby, television, operator, settings):
    television.client.force_login(
        operator, backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    answer = television.look(URL)
    assert answer["Location"] == "/wall/main/"
    assert settings.SESSION_COOKIE_NAME in answer.cookies
    assert answer.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 0


def test_no_session_is_kept_when_a_screen_is_paired(television, operator, settings):
    session = television.client.session  # of a visitor, without a person
    session["seen"] = True
    session.save()
    pairing.confirm(television.code(), by=operator, name="Lobby", board="main")
    answer = television.ask()
    assert answer.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 0
    assert not Session.objects.exists()


def test_a_screen_makes_no_session(lobby, television, settings):
    television.look()
    assert settings.SESSION_COOKIE_NAME not in television.client.cookies
    assert not Session.objects.exists()


def test_a_person_signs_in_where_a_screen_was_revoked(lobby, television, operator):
    screens.revoke(lobby, by=operator, reason="Sold")
    television.client.force_login(
        operator, backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert television.look(URL).status_code == 200


def test_pages_by_keyset(operator, sign_in, monkeypatch, statements):
    monkeypatch.setattr(policy, "DISPLAYS_PAGE", 2)
    facts = {"board": "main", "browser": "x", "address": "x", "paired_by": operator}
    made = [Display.objects.create(name=f"TV {n}", **facts) for n in range(5)]
    desk = sign_in(operator)
    seen, url = [], URL
    while url:
        assert statements(lambda url=url: desk.get(url)) <= 16
        page = desk.get(url)
        seen += [row.name for row in page.context["page"].rows]
        after = page.context["page"].next
        url = f"{URL}?after={after}" if after else ""
    assert seen == [f"TV {n}" for n in range(5)]
    for display in made:
        screens.revoke(display, by=operator, reason="Sold")
    page = desk.get(URL + "?tab=ended").context["page"]
    assert [row.name for row in page.rows] == ["TV 4", "TV 3"]
    page = desk.get(f"{URL}?tab=ended&after={page.next}").context["page"]
    assert [row.name for row in page.rows] == ["TV 2", "TV 1"]
    assert desk.get(URL + "?tab=x&after=%00").status_code == 200


def test_the_clean_up(lobby, television, operator):
    waiting = Television(Client())
    waiting.code()
    with pytest.raises(Refusal):
        pairing.look_up("CCCCCCCC", by=operator)
    assert cleanup_steps.over_pairings() == 0
    with later(minutes=59):
        assert cleanup_steps.over_pairings() == 2  # what expired, and the try
        assert (Pairing.objects.count(), CodeTry.objects.count()) == (1, 0)
    with later(hours=2):
        assert cleanup_steps.over_pairings() == 1
    assert television.look().status_code == 200
    with later(days=31):
        assert screens.end_unseen() == 1
        assert screens.end_unseen() == 0
    with later(days=300):
        assert cleanup_steps.ended_displays() == 0
    with later(days=31 + 366):
        assert cleanup_steps.ended_displays() > 0
        assert cleanup_steps.ended_displays() == 0
    assert not Display.objects.exists() and not DisplayKey.objects.exists()


def test_the_clean_up_forgets_keys_of_long_ago(lobby, television):
    with later(hours=25):
        television.look()
        television.look()
    for days in (20, 40, 60, 80):
        with later(days=days):
            television.look()
            assert cleanup_steps.old_keys() == 0
    with later(days=92):
        assert cleanup_steps.old_keys() == 1
        assert keys.authenticate(television.key).display == lobby


@pytest.mark.parametrize(
    "broken",
    [
        {"name": ""},
        {"board": "other"},
        {"ended_at": timezone.now()},
        {"ending": "revoked"},
        {"ended_at": timezone.now(), "ending": "revoked"},
        {"ended_at": timezone.now(), "ending": "unseen", "reason": "Why"},
        {"ended_at": timezone.now() - timedelta(days=9), "ending": "unseen"},
        {"reason": "Why"},
    ],
)
def test_the_database_refuses_impossible_displays(lobby, broken):
    with pytest.raises(IntegrityError), transaction.atomic():
        Display.objects.update(**broken)


@pytest.mark.parametrize(
    "broken",
    [
        {"code_hash": b"short"},
        {"board": "other"},
        {"confirmed_at": None},
        {"display": None},
        {"confirmed_at": None, "display": None},  # it is spent
        {"expires_at": timezone.now() - timedelta(days=1)},
    ],
)
def test_the_database_refuses_impossible_pairings(lobby, broken):
    with pytest.raises(IntegrityError), transaction.atomic():
        Pairing.objects.update(**broken)


def test_a_live_name_is_unique(lobby, operator):
    facts = {"board": "main", "browser": "x", "address": "x", "paired_by": operator}
    with pytest.raises(IntegrityError), transaction.atomic():
        Display.objects.create(name="Lobby", **facts)
    screens.revoke(lobby, by=operator, reason="Sold")
    Display.objects.create(name="Lobby", **facts)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) Version/7.0 TV Safari/537.36", "on Tizen"),
        ("Mozilla/5.0 (X11; CrOS x86_64) Chrome/119.0 Safari/537.36", "Chromium 119 on ChromeOS"),
        ("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/128.0", "Firefox 128 on Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Edg/121.0", "Edge 121"),
        ("", "An unknown browser"),
    ],
)
def test_browsers_in_words(sent, words):
    assert words in browser_of(sent)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("192.168.4.17", "192.168.4.x"),
        ("::ffff:10.0.0.9", "10.0.0.x"),
        ("2001:db8:1:2::5", "2001:db8:1::…"),
        ("", "unknown"),
    ],
)
def test_networks_in_words(address, words):
    assert network_of(address) == words


def test_two_stacks_on_one_host_keep_apart(settings):
    assert f"display_{settings.PORT_BASE}" == cookies.KEY
