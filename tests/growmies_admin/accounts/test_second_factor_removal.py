"""A second factor is taken off by whoever has it; the password alone confirms nothing then."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.test import Client
from django.urls import reverse

from monitoring.audit import trail

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
OFF, AGAIN = reverse("mfa_deactivate_totp"), reverse("mfa_reauthenticate")


@pytest.fixture
def secret(staff):
    found = auth.generate_totp_secret()
    auth.TOTP.activate(staff("moderator", username="ada"), found)
    return found


@pytest.fixture
def desk(secret, client, sign_in):
    from growmies_admin.accounts.models import Staff

    return sign_in(Staff.objects.get())


def code(secret):
    return auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // 30))


def has_one():
    return Authenticator.objects.filter(type="totp").exists()


def test_it_works(desk, secret):
    assert desk.get(OFF).status_code == 302
    desk.post(AGAIN, {"code": code(secret)})
    desk.post(OFF)
    assert not has_one()


def test_the_password_alone_is_not_asked_for(desk):
    answer = desk.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert answer["Location"].startswith(AGAIN)
    desk.post(OFF)
    assert has_one()


def test_recovery_codes_are_not_shown_for_the_password(desk):
    desk.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert desk.get(reverse("mfa_generate_recovery_codes")).status_code == 302


def test_a_wrong_code(desk, secret):
    wrong = "000000" if code(secret) != "000000" else "000001"
    desk.post(AGAIN, {"code": wrong})
    desk.post(OFF)
    assert has_one()


@pytest.mark.django_db(transaction=True)  # allauth tells of a factor when it is committed
def test_a_password_that_was_given_before_confirms_nothing_after(staff):
    person = staff("moderator", username="bo")
    here, there = Client(), Client()
    for client in (here, there):
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    here.get(reverse("mfa_activate_totp"))
    here.post(reverse("mfa_activate_totp"), {"code": code(here.session["mfa.totp.secret"])})
    there.post(OFF)
    assert has_one()
    assert there.get("/queue/").status_code == 302  # that session has ended
    records = here.session["account_authentication_methods"]
    assert [one["type"] for one in records if one.get("reauthenticated")] == ["totp"]


@pytest.mark.django_db(transaction=True)
def test_it_stays_when_the_audit_trail_cannot_tell_of_it(desk, secret, monkeypatch):
    desk.post(AGAIN, {"code": code(secret)})
    monkeypatch.setattr(trail, "record", died)
    desk.raise_request_exception = False
    assert desk.post(OFF).status_code == 500
    assert has_one()


def died(*_, **__):
    raise RuntimeError("The process dies here.")
