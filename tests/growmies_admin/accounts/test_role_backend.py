"""Rights come from roles alone: a no is final, and nobody looks for it in `auth_permission`."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from growmies_admin.accounts.models import Staff

pytestmark = pytest.mark.django_db


def fresh(person):
    return Staff.objects.get(pk=person.pk)


def test_it_works(staff):
    moderator = fresh(staff("moderator"))
    assert moderator.has_perm("verification.decide")
    assert not moderator.has_perm("accounts.manage")
    assert not moderator.has_perm("no.such_right")


def test_one_query_answers_everything(staff):
    moderator = fresh(staff("moderator"))
    with CaptureQueriesContext(connection) as captured:
        for right in ("verification.decide", "accounts.manage", "no.such_right"):
            moderator.has_perm(right)
        moderator.has_module_perms("verification")
        moderator.has_module_perms("accounts")
    assert [q["sql"] for q in captured if "auth_" in q["sql"]] == []
    assert len(captured) == 1


def test_rights_on_a_room(staff):
    moderator = fresh(staff("moderator"))
    assert moderator.has_module_perms("verification")
    assert not moderator.has_module_perms("accounts")


def test_nobody_without_a_session_has_a_right():
    assert not AnonymousUser().has_perm("panels.view_boards")


def test_whoever_left_has_none(staff):
    person = staff("administrator")
    Staff.objects.filter(pk=person.pk).update(is_active=False)
    assert not fresh(person).has_perm("accounts.manage")
    assert not fresh(person).has_module_perms("accounts")
