"""A password link sets a password; it signs nobody in past their second factor."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.test import Client
from django.urls import reverse

from growmies_admin.accounts import staff as acts
from growmies_admin.accounts.models import Staff

pytestmark = pytest.mark.django_db
CHOSEN = "a long pass phrase"


@pytest.fixture
def secret(ada):
    found = auth.generate_totp_secret()
    auth.TOTP.activate(ada, found)
    return found


def code(secret):
    return auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // 30))


def path_of(link):
    return re.search(r"(/staff/password/\S+/)", link)[1]


@pytest.fixture
def link(ada, root):
    return path_of(acts.new_password_link(ada, by=root))


def test_it_works(client, link, secret, ada):
    answer = client.post(link, {"password": CHOSEN})
    assert answer["Location"] == reverse("mfa_authenticate")
    assert client.get("/queue/").status_code == 302
    assert Staff.objects.get(pk=ada.pk).check_password(CHOSEN)
    client.post(reverse("mfa_authenticate"), {"code": code(secret)})
    assert client.get("/queue/").status_code == 200


def test_it_takes_no_second_factor_off(client, link, secret):
    client.post(link, {"password": CHOSEN})
    client.post(reverse("account_reauthenticate"), {"password": CHOSEN})
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(type="totp").exists()


def test_whoever_used_the_browser_before_is_signed_out(link, root, secret):
    browser = Client()
    browser.force_login(root, backend="allauth.account.auth_backends.AuthenticationBackend")
    browser.post(link, {"password": CHOSEN})
    assert browser.get("/staff/").status_code == 302


def test_other_sessions_end(ada, root, sign_in):
    desk = sign_in(ada)
    Client().post(path_of(acts.new_password_link(ada, by=root)), {"password": CHOSEN})
    assert desk.get("/queue/").status_code == 302


def test_it_dies_with_deactivation(client, link, ada, root):
    acts.deactivate(ada, by=root)
    assert client.get(link).status_code == 404
    acts.reactivate(ada, by=root)
    assert client.get(link).status_code == 404
    assert client.post(link, {"password": CHOSEN}).status_code == 404


def test_other_sessions_end_when_the_password_is_changed(ada):
    here, there = Client(), Client()
    for client in (here, there):
        client.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    form = {"oldpassword": "correct horse battery", "password1": CHOSEN, "password2": CHOSEN}
    here.post(reverse("account_change_password"), form)
    assert here.get("/queue/").status_code == 200
    assert there.get("/queue/").status_code == 302
    assert here.session.session_key and not there.session.get("_auth_user_id")
