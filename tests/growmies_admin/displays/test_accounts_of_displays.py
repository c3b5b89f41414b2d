"""Screens are paired: nobody on staff is a display."""

import pytest
from django.db import IntegrityError, transaction

from growmies_admin.accounts import staff as acts
from growmies_admin.accounts.models import RoleAssignment
from monitoring.refusals import Refusal

pytestmark = pytest.mark.django_db


def was_display(person):
    RoleAssignment.objects.create(staff=person, role="display")


def test_nobody_on_staff_becomes_a_display(staff):
    ada = staff("operator", username="ada")
    with pytest.raises(Refusal, match="Displays are paired"):
        acts.set_roles(ada, ["display"], by=ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        was_display(ada)


def test_the_form_does_not_offer_it(staff, sign_in):
    client = sign_in(staff("administrator"))
    assert 'value="display"' not in client.get("/staff/").content.decode()
    form = {"username": "new", "roles": ["display"]}
    assert client.post("/staff/", form).status_code == 422
