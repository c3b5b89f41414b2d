"""Accounts that were displays before screens were paired: they end, and nobody becomes one."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from growmies_admin.accounts import staff as acts
from growmies_admin.accounts.models import RoleAssignment, Staff
from monitoring.audit.models import Entry

pytestmark = pytest.mark.django_db
migration = import_module("growmies_admin.accounts.migrations.0004_displays_are_paired")


def was_display(person):
    """As the version before wrote it."""
    RoleAssignment.objects.create(staff=person, role="display")


@pytest.fixture
def before(db):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_roleassignment DROP CONSTRAINT role_is_a_persons")


def test_it_works(before, staff, sign_in):
    wall, ada = staff(username="wall"), staff("operator", username="ada")
    was_display(wall)
    was_display(ada)
    client = sign_in(wall)
    for _ in range(2):  # it may run twice
        migration.end_display_accounts(apps, None)
    assert not RoleAssignment.objects.filter(role="display").exists()
    assert list(Staff.objects.filter(is_active=True)) == [ada]
    assert Entry.objects.get(action="staff.deactivated").data == {"username": "wall"}
    # The television asks to be paired by itself.
    assert client.get("/wall/main/panels/")["Location"] == "/displays/pair/?board=main"


def test_nobody_on_staff_becomes_a_display(staff):
    ada = staff("operator", username="ada")
    with pytest.raises(acts.NotAllowed, match="Displays are paired"):
        acts.set_roles(ada, ["display"], by=ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        was_display(ada)


def test_the_form_does_not_offer_it(staff, sign_in):
    client = sign_in(staff("administrator"))
    assert 'value="display"' not in client.get("/staff/").content.decode()
    form = {"username": "new", "roles": ["display"]}
    assert client.post("/staff/", form).status_code == 422
