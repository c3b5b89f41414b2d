"""No browser keeps a page of whoever is signed in; a sign-out empties its cache."""

import pytest
from django.urls import reverse

from growmies_admin.accounts.rights import STAFF_ROLES
from monitoring.ui.routes import all_routes

pytestmark = pytest.mark.django_db
# Their answers to a GET do something, or are of another guard.
_LEFT_OUT = {"account_logout"}


def paths():
    """Every address of the site without parameters, from its resolver."""

    plain = (route for route in all_routes() if not route.parameters)
    return sorted({route.template for route in plain if route.name not in _LEFT_OUT})


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_it_works(role, staff, sign_in):
    desk = sign_in(staff(role.value))
    desk.raise_request_exception = False  # an error's page is a page too
    walked = paths()
    assert {"/queue/", "/staff/", "/mobile/", "/account/keys/", "/accounts/2fa/"} <= set(walked)
    kept = [
        path for path in walked if "no-store" not in desk.get(path).headers.get("Cache-Control", "")
    ]
    assert not kept


def test_pages_with_a_number_too(staff, sign_in):
    desk = sign_in(staff("compliance"))
    for path in ("/queue/1/", "/members/1/", "/incidents/1/", "/nowhere/"):
        assert "no-store" in desk.get(path).headers["Cache-Control"], path


def test_whoever_signs_out_takes_the_cache_along(staff, sign_in):
    answer = sign_in(staff("moderator")).post(reverse("account_logout"))
    assert answer["Clear-Site-Data"] == '"cache"'
    assert "no-store" in answer["Cache-Control"]


def test_the_offline_copy_of_the_phone_page_goes_too(staff, sign_in):
    phone = sign_in(staff("viewer"))
    phone.get("/mobile/")
    assert phone.post(reverse("account_logout"))["Clear-Site-Data"] == '"cache", "storage"'


def test_a_look_at_the_sign_out_page_clears_nothing(staff, sign_in):
    assert "Clear-Site-Data" not in sign_in(staff("viewer")).get(reverse("account_logout"))
