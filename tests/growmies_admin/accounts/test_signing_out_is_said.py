"""Forms of acts that sign somebody out elsewhere say so before the act."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory

from growmies_admin.accounts import staff as acts
from growmies_admin.accounts.models import Staff

SAID = "Your other sessions are signed out."


def test_changing_a_password(sign_in, staff):
    person = staff("viewer")
    person.set_password("a password of the tests")
    person.save()
    page = sign_in(Staff.objects.get()).get("/accounts/password/change/", follow=True)
    assert SAID in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("template", ["mfa/totp/activate_form.html", "mfa/webauthn/add_form.html"])
def test_adding_a_second_factor(template):
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    assert SAID in render_to_string(template, {"form": None}, request=request)


def test_choosing_a_password_by_link(client, staff):
    link = acts.password_link(staff("viewer"))
    assert SAID in client.get(link).content.decode()
