"""A code is taken a step early or late, and each code once, whatever the cache remembers."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from growmies_admin.accounts.models import Staff
from monitoring.audit.models import Entry

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
STEP = timedelta(seconds=30)
HERE = timezone.now().replace(second=30, microsecond=0)  # where a step begins


@pytest.fixture
def secret(ada):
    found = auth.generate_totp_secret()
    auth.TOTP.activate(ada, found)
    return found


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(HERE, tick=False) as traveller:
        yield traveller


def shown_at(secret, moment):
    """What a phone shows whose clock says `moment`."""
    return auth.format_hotp_value(auth.hotp_value(secret, int(moment.timestamp()) // 30))


def at_second_stage():
    client = Client()
    client.post(reverse("account_login"), {"login": "ada", "password": PASSWORD})
    return client


def opens(code, client=None):
    client = client or at_second_stage()
    client.post(reverse("mfa_authenticate"), {"code": code})
    return client.get("/queue/").status_code == 200


def test_it_works(secret):
    assert opens(shown_at(secret, HERE))


def test_three_seconds_late(secret, clock):
    code = shown_at(secret, HERE - timedelta(seconds=1))
    clock.move_to(HERE + timedelta(seconds=2))
    assert opens(code)


def test_from_a_phone_twenty_seconds_ahead(secret, clock):
    clock.move_to(HERE + timedelta(seconds=15))
    assert opens(shown_at(secret, HERE + timedelta(seconds=35)))


@pytest.mark.parametrize("steps", [-2, 2])
def test_no_further_off_than_a_step(secret, steps):
    assert not opens(shown_at(secret, HERE + steps * STEP))


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_opens_once_however_long_it_is_good(secret, clock, steps, lost):
    code = shown_at(secret, HERE + steps * STEP)
    assert opens(code)
    for seconds in (0, 29, 31, 59, 61, 89):
        clock.move_to(HERE + timedelta(seconds=seconds))
        if lost:
            cache.clear()
        assert not opens(code), seconds


def test_a_code_of_an_earlier_step_is_over(secret, clock):
    earlier = shown_at(secret, HERE - STEP)
    assert opens(shown_at(secret, HERE))
    assert not opens(earlier)
    clock.move_to(HERE + STEP)
    assert opens(shown_at(secret, HERE + STEP))


def test_it_confirms_no_act_after_it_signed_in(secret):
    code = shown_at(secret, HERE)
    client = at_second_stage()
    assert opens(code, client)
    cache.clear()
    answer = client.post(reverse("mfa_reauthenticate"), {"code": code})
    assert "Incorrect code" in answer.content.decode()


def test_a_used_code_is_told_as_a_wrong_one(secret):
    code = shown_at(secret, HERE)
    opens(code)
    cache.clear()
    opens(code)
    entry = Entry.objects.get(action="staff.sign_in_failed")
    assert (entry.data["by"], entry.data["username"]) == ("code", "ada")


def test_recovery_codes_open_beside_it(ada, secret):
    recovery = RecoveryCodes.activate(ada).generate_codes()
    opens(shown_at(secret, HERE))
    assert opens(recovery[0])
    assert not opens(recovery[0])


def test_the_code_that_added_an_app_opens_nothing(ada, clock):
    client = at_second_stage()
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.get(reverse("mfa_activate_totp"))
    secret = client.session["mfa.totp.secret"]
    code = shown_at(secret, HERE)
    client.post(reverse("mfa_activate_totp"), {"code": code})
    assert not opens(code)
    clock.move_to(HERE + STEP)
    assert opens(shown_at(secret, HERE + STEP))


def test_another_app_is_added_right_after_a_code_of_the_one_before(ada):
    Staff.objects.filter(pk=ada.pk).update(last_code_step=int(HERE.timestamp()) // 30 + 1)
    client = at_second_stage()
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.get(reverse("mfa_activate_totp"))
    code = shown_at(client.session["mfa.totp.secret"], HERE)
    assert client.post(reverse("mfa_activate_totp"), {"code": code}).status_code == 302
    ada.refresh_from_db()
    assert ada.last_code_step == int(HERE.timestamp()) // 30 + 1


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_one(secret, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    code = shown_at(secret, HERE - STEP)
    browsers = [at_second_stage() for _ in range(4)]
    together = Barrier(len(browsers))

    def enter(browser):
        try:
            together.wait(timeout=60)
            return opens(code, browser)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(browsers)) as pool:
        assert sorted(pool.map(enter, browsers)) == [False, False, False, True]
