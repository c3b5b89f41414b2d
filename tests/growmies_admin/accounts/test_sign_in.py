"""Signing in with a name and a password; nobody signs up."""

import pytest
from django.urls import reverse

from growmies_admin.accounts.models import Staff

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def sign_in(client, username="ada", password=PASSWORD, **more):
    return client.post(reverse("account_login"), {"login": username, "password": password, **more})


def is_signed_in(client):
    return client.get("/").headers.get("Location", "").startswith("/accounts/login/") is False


def test_it_works(client, staff):
    staff("moderator", username="ada")
    answer = sign_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/queue/").status_code == 200


def test_the_page_asked_for_comes_next(client, staff):
    staff("moderator", username="ada")
    assert sign_in(client, next="/queue/")["Location"] == "/queue/"


def test_no_other_site_comes_next(client, staff):
    staff("moderator", username="ada")
    assert sign_in(client, next="https://evil.example/")["Location"] == "/"


def test_a_wrong_password(client, staff):
    staff("moderator", username="ada")
    answer = sign_in(client, password="wrong horse battery")
    assert answer.status_code == 200
    assert "not correct" in answer.content.decode()
    assert not is_signed_in(client)


def test_an_unknown_name_is_answered_like_a_wrong_password(client, staff):
    staff("moderator", username="ada")
    unknown = sign_in(client, username="nobody").context["form"].non_field_errors()
    wrong = sign_in(client, password="wrong").context["form"].non_field_errors()
    assert list(unknown) == list(wrong)
    assert len(wrong) == 1


def test_an_invited_person_without_a_password(client, db):
    Staff.objects.create_user("ada")
    sign_in(client, password="")
    assert not is_signed_in(client)


def test_somebody_who_left(client, staff):
    person = staff("moderator", username="ada")
    Staff.objects.filter(pk=person.pk).update(is_active=False)
    sign_in(client)
    assert not is_signed_in(client)


def test_sign_up_is_closed(client, db):
    form = {"username": "eve", "password1": PASSWORD, "password2": PASSWORD}
    for answer in (
        client.get(reverse("account_signup")),
        client.post(reverse("account_signup"), form),
    ):
        assert "invite" in answer.content.decode()
    assert not Staff.objects.exists()


def test_ten_wrong_passwords_lock_the_door_for_a_while(client, staff):
    staff("moderator", username="ada")
    for _ in range(10):
        sign_in(client, password="wrong")
    sign_in(client)
    assert not is_signed_in(client)


def test_sign_out_needs_a_button(client, staff):
    staff("moderator", username="ada")
    sign_in(client)
    client.get(reverse("account_logout"))
    assert is_signed_in(client)
    client.post(reverse("account_logout"))
    assert not is_signed_in(client)
