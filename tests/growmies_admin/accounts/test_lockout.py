"""Wrong passwords make whoever tries wait; nobody locks an account for its owner."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal import auth
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from growmies_admin import policy
from growmies_admin.accounts import throttle
from growmies_admin.accounts.models import SignInTries, Staff

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
OWNER, GUESSER = "192.0.2.7", "198.51.100.9"


@pytest.fixture(autouse=True)
def ada(staff):
    return staff("moderator", username="ada")


def sign_in(client, password=PASSWORD, username="ada", address=OWNER):
    form = {"login": username, "password": password}
    return client.post(reverse("account_login"), form, REMOTE_ADDR=address)


def came_in(answer):
    return answer.status_code == 302


def said(answer):
    return " ".join(answer.context["form"].non_field_errors())


def guess(times, username="ada", addresses=(GUESSER,)):
    for n in range(times):
        answer = sign_in(Client(), "wrong", username, addresses[n % len(addresses)])
    return answer


def many(count):
    return [f"203.0.113.{n}" for n in range(count)]


def test_it_works(client):
    guess(8)
    assert came_in(sign_in(client))


def test_whoever_guesses_waits(client):
    guess(policy.SIGN_IN_TRIES)
    answer = sign_in(client, address=GUESSER)
    assert said(answer) == "Too many wrong passwords. Wait 1 minute, then try again."
    with time_machine.travel(timezone.now() + policy.SIGN_IN_WAIT):
        assert came_in(sign_in(client, address=GUESSER))


def test_the_wait_grows_and_has_an_end(ada):
    waits, now = [], timezone.now()
    one = throttle.Try(f"staff {ada.pk}", SignInTries.Kind.PASSWORD, "here", True)
    for _ in range(14):
        with time_machine.travel(now, tick=False):
            wait = throttle.take(one) or timedelta(0)
        now += wait
        with time_machine.travel(now, tick=False):
            if wait:
                assert throttle.take(one) is None
        waits.append(int(wait.total_seconds()))
    assert waits == [0, 0, 0, 0, 0, 60, 120, 240, 480, 900, 900, 900, 900, 900]


def test_guesses_from_many_addresses_make_others_slower_not_locked(client):
    guess(10, addresses=many(10))
    assert said(sign_in(client)) == "Too many wrong passwords. Wait 2 seconds, then try again."
    guess(2, addresses=many(2))  # others who wait at the same time take nobody's turn
    with time_machine.travel(timezone.now() + timedelta(seconds=2)):
        assert came_in(sign_in(client))


def test_a_refused_try_does_not_prolong_the_wait(client):
    guess(policy.SIGN_IN_TRIES)
    for seconds in (20, 40):
        with time_machine.travel(timezone.now() + timedelta(seconds=seconds)):
            sign_in(client, address=GUESSER)
    with time_machine.travel(timezone.now() + policy.SIGN_IN_WAIT):
        assert came_in(sign_in(client, address=GUESSER))


def test_the_owner_with_a_known_device_does_not_wait(client):
    sign_in(client)
    client.post(reverse("account_logout"))
    guess(30, addresses=many(30))
    guess(12, addresses=[OWNER])  # from the owner's own network too
    assert not came_in(sign_in(Client()))
    assert came_in(sign_in(client))


def test_a_known_device_waits_for_its_own_failures(client):
    sign_in(client)
    client.post(reverse("account_logout"))
    for _ in range(policy.SIGN_IN_TRIES):
        sign_in(client, "wrong")
    assert "Wait 1 minute" in said(sign_in(client))
    assert came_in(sign_in(Client()))


def known(client):
    return next(cookie for name, cookie in client.cookies.items() if name.startswith("known_"))


def test_a_device_is_known_by_a_signed_cookie_that_scripts_do_not_see(client):
    sign_in(client)
    cookie = known(client)
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/accounts/"
    assert int(cookie["max-age"]) == policy.KNOWN_DEVICE_LIFE.total_seconds()


def test_the_password_alone_makes_no_device_known(client, ada):
    auth.TOTP.activate(ada, auth.generate_totp_secret())
    sign_in(client)
    assert not [name for name in client.cookies if name.startswith("known_")]


def forged(client):
    cookie = known(client)
    client.cookies[cookie.key] = cookie.value[:-2] + "xx"


def another_password(client):
    ada = Staff.objects.get(username="ada")
    ada.set_password(PASSWORD)
    ada.save()


def deactivated(client):
    Staff.objects.filter(username="ada").update(deactivated_at=timezone.now())


@pytest.mark.parametrize("change", [forged, another_password, deactivated])
def test_a_device_is_known_no_more(client, change):
    sign_in(client)
    client.post(reverse("account_logout"))
    change(client)
    guess(policy.SIGN_IN_TRIES, addresses=[OWNER])
    assert "Wait 1 minute" in said(sign_in(client))


def test_a_cookie_of_one_account_is_of_no_use_for_another(client, staff):
    bo = staff("moderator", username="bo")
    sign_in(client, username="bo")
    client.post(reverse("account_logout"))
    cookie = known(client)
    ada = Staff.objects.get(username="ada")
    client.cookies[cookie.key.replace(f"_{bo.pk}", f"_{ada.pk}")] = cookie.value
    guess(policy.SIGN_IN_TRIES, addresses=[OWNER])
    assert "Wait 1 minute" in said(sign_in(client))


def test_a_name_that_nobody_has_waits_as_well_and_is_not_kept(client):
    guess(policy.SIGN_IN_TRIES, username="hunter2 hunter2")
    answer = sign_in(client, username="hunter2 hunter2", address=GUESSER)
    assert said(answer) == "Too many wrong passwords. Wait 1 minute, then try again."
    assert "hunter2" not in str(list(SignInTries.objects.values()))


def test_what_valkey_loses_opens_no_door(client):
    for _ in range(policy.SIGN_IN_TRIES):
        sign_in(client, "wrong", address=GUESSER)
        cache.clear()
    assert "Wait 1 minute" in said(sign_in(client, address=GUESSER))


def test_one_address_over_many_accounts_waits(client):
    for n in range(10):
        sign_in(client, "wrong", f"nobody {n}")
    assert "from your network. Wait a minute" in said(sign_in(client))


def test_addresses_are_not_kept_as_they_are():
    guess(1)
    assert GUESSER not in str(list(SignInTries.objects.values()))


def test_what_is_old_does_not_count_and_goes(client):
    guess(policy.SIGN_IN_TRIES)
    with time_machine.travel(
        timezone.now() + policy.SIGN_IN_TRIES_FORGOTTEN + timedelta(minutes=1)
    ):
        assert throttle.forget_old() == 2
        assert came_in(sign_in(client, address=GUESSER))


@pytest.fixture
def ada_with_app(ada):
    auth.TOTP.activate(ada, auth.generate_totp_secret())
    return ada


@pytest.mark.parametrize("code", ["000000", "00000000"])  # of an app, a recovery code
def test_codes_of_a_second_factor_are_limited_by_account(ada_with_app, code):
    for n in range(policy.SIGN_IN_TRIES):  # each from another address, in another session
        client = Client(REMOTE_ADDR=f"203.0.113.{n}")
        sign_in(client, address=f"203.0.113.{n}")
        client.post(reverse("mfa_authenticate"), {"code": code})
        cache.clear()
    client = Client(REMOTE_ADDR=OWNER)
    sign_in(client)
    page = client.post(reverse("mfa_authenticate"), {"code": code}).content.decode()
    assert re.search(r"Too many wrong codes. Wait (1 minute|\d+ seconds), then try again.", page)


@pytest.mark.django_db(transaction=True)
def test_many_tries_at_once_are_no_more_than_that(ada):
    one = throttle.Try(f"staff {ada.pk}", SignInTries.Kind.PASSWORD, "here", False)

    def take(_):
        try:
            return throttle.take(one)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(take, range(16)))
    assert waits.count(None) == policy.SIGN_IN_TRIES
