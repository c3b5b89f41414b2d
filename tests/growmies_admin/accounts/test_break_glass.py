"""The emergency: an administrator for one hour, and a critical entry that says so."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from growmies_admin.accounts.models import Staff
from growmies_admin.accounts.rights import Role
from monitoring.audit.models import Entry, Severity

pytestmark = pytest.mark.django_db


def break_glass(capsys, username="help"):
    call_command("break_glass", username)
    return re.search(r"(/staff/password/\S+/)", capsys.readouterr().out)[1]


def test_it_works(client, capsys):
    client.post(break_glass(capsys), {"password": "a long pass phrase"})
    assert client.get(reverse("staff")).status_code == 200


def test_it_ends_after_an_hour(client, capsys):
    client.post(break_glass(capsys), {"password": "a long pass phrase"})
    later = timezone.now() + timedelta(minutes=61)
    with time_machine.travel(later):
        assert client.get(reverse("staff")).status_code == 403


def test_it_leaves_a_critical_entry(capsys):
    break_glass(capsys)
    entry = Entry.objects.get(action="staff.break_glass")
    assert (entry.severity, entry.actor_type) == (Severity.CRITICAL, "system")
    assert entry.data == {"username": "help", "hours": 1}


def test_somebody_on_staff_keeps_their_other_roles(staff, capsys):
    person = staff("moderator", username="ada")
    break_glass(capsys, "ada")
    assert Staff.objects.get(pk=person.pk).role_set() == {Role.MODERATOR, Role.ADMINISTRATOR}
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert Staff.objects.get(pk=person.pk).role_set() == {Role.MODERATOR}


def test_somebody_who_left_is_let_in_again(staff, capsys):
    person = staff(username="ada")
    Staff.objects.filter(pk=person.pk).update(is_active=False)
    break_glass(capsys, "ada")
    assert Staff.objects.get(pk=person.pk).is_active


def test_an_administrator_stays_one(staff, capsys):
    person = staff("administrator", username="ada")
    break_glass(capsys, "ada")
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert Staff.objects.get(pk=person.pk).role_set() == {Role.ADMINISTRATOR}
