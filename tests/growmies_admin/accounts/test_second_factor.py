"""Staff with a second factor are asked for it; allauth keeps secrets and codes."""

import time

import pytest
from allauth.mfa.totp.internal import auth
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.fixture
def secret(staff):
    found = auth.generate_totp_secret()
    auth.TOTP.activate(staff("moderator", username="ada"), found)
    return found


def code(secret, steps=0):
    counter = int(time.time()) // 30 + steps
    return auth.format_hotp_value(auth.hotp_value(secret, counter))


def sign_in(client):
    form = {"login": "ada", "password": "correct horse battery"}
    return client.post(reverse("account_login"), form)


def give(client, code):
    return client.post(reverse("mfa_authenticate"), {"code": code})


def test_it_works(client, secret):
    assert sign_in(client)["Location"] == reverse("mfa_authenticate")
    assert client.get(reverse("mfa_authenticate")).status_code == 200
    assert give(client, code(secret))["Location"] == "/"
    assert client.get("/queue/").status_code == 200


def test_the_password_alone_opens_nothing(client, secret):
    sign_in(client)
    assert client.get("/queue/")["Location"].startswith("/accounts/login/")


def test_a_wrong_code(client, secret):
    sign_in(client)
    answer = give(client, "000000" if code(secret) != "000000" else "000001")
    assert "Incorrect code" in answer.content.decode()
    assert client.get("/queue/").status_code == 302


def test_an_old_code(client, secret):
    sign_in(client)
    give(client, code(secret, steps=-10))
    assert client.get("/queue/").status_code == 302


def test_a_code_works_once(client, secret):
    used = code(secret)
    sign_in(client)
    give(client, used)
    client.post(reverse("account_logout"))
    sign_in(client)
    give(client, used)
    assert client.get("/queue/").status_code == 302


def test_a_person_adds_a_second_factor(client, staff):
    staff("viewer", username="ada")
    sign_in(client)
    assert client.get(reverse("mfa_activate_totp"))["Location"].startswith(
        reverse("account_reauthenticate")
    )
    client.post(reverse("account_reauthenticate"), {"password": "correct horse battery"})
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    fresh = client.session["mfa.totp.secret"]
    client.post(reverse("mfa_activate_totp"), {"code": code(fresh)})
    client.post(reverse("account_logout"))
    assert sign_in(client)["Location"] == reverse("mfa_authenticate")
