"""A sign-in that waits for the second factor ends with what it began with."""

import time

import pytest
from allauth.mfa.totp.internal import auth
from django.test import Client
from django.urls import reverse

from growmies_admin.accounts import staff as acts
from monitoring.audit.models import Entry

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def secret(ada):
    found = auth.generate_totp_secret()
    auth.TOTP.activate(ada, found)
    return found


@pytest.fixture
def half(secret):
    """Whoever knows the password, at the page that asks for the code."""
    client = Client()
    client.post(reverse("account_login"), {"login": "ada", "password": PASSWORD})
    return client


def go_on(client, secret):
    code = auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // 30))
    client.post(reverse("mfa_authenticate"), {"code": code})
    return client.get("/queue/").status_code


def came_in():
    return Entry.objects.filter(action="staff.signed_in").count()


def test_it_works(half, secret):
    assert go_on(half, secret) == 200
    assert came_in() == 1


def test_another_password_ends_it(half, secret, ada):
    link = acts.new_password_link(ada, by=None)
    Client().post(link, {"password": "a long pass phrase"})
    assert go_on(half, secret) == 302
    assert came_in() == 0


def test_a_deactivation_ends_it(half, secret, ada, staff):
    acts.deactivate(ada, by=staff("administrator"))
    assert go_on(half, secret) == 302
    assert came_in() == 0


def test_coming_back_does_not_bring_it_back(half, secret, ada, staff):
    root = staff("administrator")
    acts.deactivate(ada, by=root)
    acts.reactivate(ada, by=root)
    assert go_on(half, secret) == 302
    assert came_in() == 0


def test_guessing_the_old_password_is_told(client, ada):
    client.post(reverse("account_login"), {"login": "ada", "password": PASSWORD})
    form = {"oldpassword": "hunter2", "password1": "a long pass phrase"}
    client.post(reverse("account_change_password"), {**form, "password2": "a long pass phrase"})
    [entry] = Entry.objects.filter(action="staff.sign_in_failed")
    assert entry.data["username"] == "ada" and "hunter2" not in str(entry.data)
