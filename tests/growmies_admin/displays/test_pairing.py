"""Pairing a screen: a code that only the screen has, confirmed once by somebody who may."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from growmies_admin import policy
from growmies_admin.displays import codes, cookies, pairing, screens
from growmies_admin.displays.models import CodeTry, Display, DisplayKey, Pairing
from monitoring.audit.models import Category, Entry
from monitoring.refusals import Refusal
from tests.growmies_admin.displays.conftest import Television

pytestmark = pytest.mark.django_db
URL = "/displays/"


def later(**time):
    return time_machine.travel(timezone.now() + timedelta(**time), tick=False)


def actions():
    return list(Entry.objects.order_by("pk").values_list("action", flat=True))


def test_it_works(television, operator, sign_in):
    answer = television.look("/wall/main/")
    assert (answer.status_code, answer["Location"]) == (302, "/displays/pair/?board=main")
    page = television.look(answer["Location"])
    assert "This screen is not paired yet" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    said = television.ask().json()
    assert said["state"] == "waiting"
    assert re.fullmatch(r"[A-Z0-9]{4}-[A-Z0-9]{4}", said["code"])
    assert (said["browser"], said["address"]) == ("Chromium 120 on Linux", "192.168.4.x")

    desk = sign_in(operator)
    shown = desk.post(URL + "code/", {"code": said["code"].lower()}).content.decode()
    for words in (said["code"], "Chromium 120 on Linux", "192.168.4.x", "the main board"):
        assert words in shown
    assert not Display.objects.exists()
    form = {"code": said["code"], "name": "Lobby", "board": "main"}
    assert desk.post(URL + "confirm/", form)["Location"] == URL

    assert television.ask().json()["url"] == "/wall/main/"
    assert television.look("/wall/main/").status_code == 200
    assert "Lobby" in desk.get(URL).content.decode()
    assert actions() == ["display.paired", "display.connected"]
    paired = Entry.objects.get(action="display.paired")
    assert (paired.actor, paired.category) == (operator, Category.ACCESS)
    assert paired.data == {"name": "Lobby", "board": "main", "browser": "Chromium 120 on Linux"}


def test_neither_code_nor_secret_nor_key_is_stored(television, operator):
    code = television.code()
    secret = television.client.cookies[cookies.SECRET].value
    pairing.confirm(code, by=operator, name="Lobby", board="main")
    television.ask()
    rows = [*Pairing.objects.values(), *Display.objects.values(), *DisplayKey.objects.values()]
    kept = " ".join(
        bytes(value).hex() if isinstance(value, memoryview | bytes) else str(value)
        for row in rows
        for value in row.values()
    )
    for word in (code, codes.in_words(code), secret, television.key):
        assert word not in kept
        assert word.encode().hex() not in kept


def test_cookies_are_for_the_server_alone(television, operator, settings):
    television.code()
    secret = television.client.cookies[cookies.SECRET]
    assert (secret["httponly"], secret["samesite"]) == (True, "Strict")
    assert secret["path"] == "/displays/pair/"
    settings.SESSION_COOKIE_SECURE = True
    pairing.confirm(television.code(), by=operator, name="Lobby", board="main")
    television.ask()
    key = television.client.cookies[cookies.KEY]
    assert (key["httponly"], key["samesite"], key["secure"]) == (True, "Lax", True)
    assert key["path"] == "/"


def test_the_code_stays_while_it_is_good_and_is_renewed_by_itself(television):
    first = television.code()
    assert television.code() == first
    with later(minutes=9, seconds=50):
        assert television.code() == first
    with later(minutes=10, seconds=1):
        second = television.code()
    assert second != first
    assert Pairing.objects.count() == 1


def test_two_screens_never_show_the_same_code(television):
    other = Television(Client())
    assert television.code() != other.code()
    with pytest.raises(IntegrityError), transaction.atomic():
        Pairing.objects.update(code_hash=bytes(32))


def test_a_code_has_no_letters_that_look_alike():
    assert not set("AEIOUL01258BSZV") & set(codes.ALPHABET)
    made = codes.code_of("secret", 0)
    assert len(made) == 8 and set(made) <= set(codes.ALPHABET)
    assert made != codes.code_of("secret", 1)
    assert codes.tidy(" krtd 4xq7 ") == codes.tidy(codes.EXAMPLE) == "KRTD4XQ7"
    assert codes.tidy("KRTD4XQ0") == codes.tidy("KRTD") == ""


def test_an_expired_code_pairs_nothing(television, operator):
    code = television.code()
    with later(minutes=10, seconds=1), pytest.raises(Refusal, match="No screen shows"):
        pairing.confirm(code, by=operator, name="Lobby", board="main")
    assert not Display.objects.exists()


def test_a_renewed_code_replaces_the_old_one(television, operator):
    first = television.code()
    with later(minutes=11):
        television.code()
        with pytest.raises(Refusal):
            pairing.confirm(first, by=operator, name="Lobby", board="main")


def test_confirming_twice_is_once(television, operator, sign_in):
    code = television.code()
    form = {"code": code, "name": "Lobby", "board": "main"}
    desk = sign_in(operator)
    for _ in range(2):
        assert desk.post(URL + "confirm/", form)["Location"] == URL
    assert "This screen was paired already, as Lobby" in desk.get(URL).content.decode()
    assert Display.objects.count() == 1
    assert actions().count("display.paired") == 1


def test_a_code_is_used_once(television, operator, staff):
    code = television.code()
    pairing.confirm(code, by=operator, name="Lobby", board="main")
    other = staff("operator", username="ben")
    with pytest.raises(Refusal, match="ada has paired this screen already"):
        pairing.confirm(code, by=other, name="Hall", board="main")


def test_only_the_screen_that_shows_the_code_gets_the_key(television, operator):
    thief = Television(Client())
    thief.code()
    pairing.confirm(television.code(), by=operator, name="Lobby", board="main")
    assert thief.ask().json()["state"] == "waiting"
    assert not thief.key


def test_a_key_that_did_not_arrive_is_followed_by_another(television, operator):
    pairing.confirm(television.code(), by=operator, name="Lobby", board="main")
    secret = television.client.cookies[cookies.SECRET].value
    lost = television.ask()
    assert lost.json()["state"] == "paired"
    television.client.cookies.clear()
    television.client.cookies[cookies.SECRET] = secret
    assert television.ask().json()["state"] == "paired"
    assert television.look().status_code == 200


def test_the_secret_is_spent_with_the_first_use_of_the_key(lobby, television):
    key = television.client.cookies.pop(cookies.KEY)
    assert key.value
    assert television.ask().json()["state"] == "waiting"


def test_a_screen_that_comes_too_late_asks_anew(television, operator):
    pairing.confirm(television.code(), by=operator, name="Lobby", board="main")
    with later(hours=1, seconds=1):
        assert television.ask().json()["state"] == "waiting"


def test_a_pairing_of_a_display_that_was_revoked_meanwhile_gives_no_key(television, operator):
    display, _ = pairing.confirm(television.code(), by=operator, name="Lobby", board="main")
    screens.revoke(display, by=operator, reason="Wrong screen")
    assert television.ask().json()["state"] == "waiting"
    assert not television.key


def test_wrong_codes_are_limited_and_recorded(television, operator, sign_in, staff):
    code = television.code()
    desk = sign_in(operator)
    most, within = policy.DISPLAY_CODE_TRIES
    for _ in range(most):
        answer = desk.post(URL + "code/", {"code": "CCCC-CCCC"})
        assert answer.status_code == 422
        assert "No screen shows this code now" in answer.content.decode()
    answer = desk.post(URL + "code/", {"code": code})
    assert answer.status_code == 422
    assert "10 wrong codes in 10 minutes" in answer.content.decode()
    refused = Entry.objects.filter(action="display.code_refused")
    assert refused.count() == CodeTry.objects.count() == most
    assert {entry.data == {} for entry in refused} == {True}
    # Somebody else is not held up by it, and it is over after a while.
    assert pairing.look_up(code, by=staff("operator", username="ben"))
    with later(seconds=within.total_seconds() + 1):
        code = television.code()
        assert pairing.look_up(code, by=operator)


def test_what_is_no_code_is_no_try(operator, sign_in):
    for typed in ("", "KRTD", "KRTD-4XQ0", "x" * 30):
        answer = sign_in(operator).post(URL + "code/", {"code": typed})
        assert answer.status_code == 422
    assert not CodeTry.objects.exists()


def test_a_name_is_taken_once(television, operator, lobby, sign_in):
    other = Television(Client())
    form = {"code": other.code(), "name": "Lobby", "board": "main"}
    answer = sign_in(operator).post(URL + "confirm/", form)
    assert answer.status_code == 422
    assert "There is a display named Lobby already" in answer.content.decode()
    form["name"] = "Hall"
    assert sign_in(operator).post(URL + "confirm/", form).status_code == 302


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "x" * 61}, {"board": "other"}])
def test_a_display_needs_a_name_and_a_board(television, operator, sign_in, wrong):
    form = {"code": television.code(), "name": "Lobby", "board": "main"} | wrong
    assert sign_in(operator).post(URL + "confirm/", form).status_code == 422
    assert not Display.objects.exists()


def test_there_is_room_for_so_many_screens(television, monkeypatch):
    monkeypatch.setattr(policy, "DISPLAY_ASKS_FROM_ONE_NETWORK", 2)
    for _ in range(2):
        Television(Client()).code()
    refused = Television(Client()).ask()
    assert (refused.status_code, refused.json()["state"]) == (429, "busy")
    monkeypatch.setattr(policy, "DISPLAY_ASKS_FROM_ONE_NETWORK", 300)
    monkeypatch.setattr(policy, "DISPLAY_ASKS", 2)
    assert Television(Client()).ask().status_code == 429
    with later(minutes=11):  # those who went away don't count any more
        assert television.ask().status_code == 200


def test_a_person_who_is_signed_in_pairs_no_screen(staff, sign_in):
    client = sign_in(staff("viewer", username="vic"))
    page = client.get("/displays/pair/").content.decode()
    assert "You are signed in here" in page and "vic" in page
    answer = client.post("/displays/pair/code/", {"board": "main"})
    assert (answer.status_code, answer.json()["state"]) == (409, "signed_in")
    assert not Pairing.objects.exists()


def test_asking_needs_the_token_of_the_page():
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/displays/pair/code/", {"board": "main"}).status_code == 403


def test_what_a_screen_says_of_itself_is_in_our_words(television):
    said = television.ask(**{"User-Agent": "<script>alert(1)</script> Chrome/9 " * 50}).json()
    assert said["browser"] == "Chromium 9"
