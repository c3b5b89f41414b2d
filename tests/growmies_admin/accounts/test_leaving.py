"""Leaving staff ends everything at once; somebody always remains who can manage."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from growmies_admin.accounts import staff as acts
from growmies_admin.accounts import tokens
from growmies_admin.accounts.models import ApiToken, RoleAssignment, Staff
from growmies_admin.accounts.rights import Role
from growmies_admin.accounts.scopes import Scope
from monitoring.audit.models import Entry
from monitoring.refusals import Refusal

pytestmark = pytest.mark.django_db


def signed_in(person):
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def change(client, person, act, **more):
    return client.post(
        reverse("staff_change", args=[person.pk]), {"act": act, **more}, follow=True
    ).content.decode()


def test_it_works(root, ada):
    phone, desk = signed_in(ada), signed_in(ada)
    page = change(signed_in(root), ada, "deactivate")
    assert "ada is signed out" in page
    for client in (phone, desk):
        assert client.get("/queue/")["Location"].startswith("/accounts/login/")
        assert client.session.get("_auth_user_id") is None
    assert Entry.objects.get(action="staff.deactivated").actor == root


def test_their_api_tokens_end(root, ada, staff):
    bo = staff("moderator", username="bo")
    for owner, name in ((ada, "daily check"), (ada, "board"), (bo, "daily check")):
        made = tokens.issue(name, owner=owner, scopes=[Scope.QUEUE_READ], by=root)
        tokens.open_once(made.pk, owner=owner)
    change(signed_in(root), ada, "deactivate")
    assert [token.owner for token in ApiToken.objects.live()] == [bo]
    entries = Entry.objects.filter(action="token.revoked")
    assert [(entry.actor, entry.data["username"]) for entry in entries] == [(root, "ada")] * 2


def test_their_api_tokens_stay_revoked_when_they_come_back(root, ada):
    made = tokens.issue("daily check", owner=ada, scopes=[Scope.QUEUE_READ], by=root)
    _, plain = tokens.open_once(made.pk, owner=ada)
    acts.deactivate(ada, by=root)
    acts.reactivate(ada, by=root)
    with pytest.raises(Refusal, match="revoked"):
        tokens.authenticate(plain, Scope.QUEUE_READ)


def test_others_stay_signed_in(root, ada, staff):
    bo = signed_in(staff("moderator", username="bo"))
    assert acts.end_sessions(ada) == 0
    signed_in(ada)
    assert acts.end_sessions(ada) == 1
    assert bo.get("/queue/").status_code == 200


def test_coming_back(root, ada):
    manager = signed_in(root)
    change(manager, ada, "deactivate")
    change(manager, ada, "reactivate")
    assert signed_in(ada).get("/queue/").status_code == 200


def test_roles_change_at_once(root, ada):
    desk = signed_in(ada)
    change(signed_in(root), ada, "roles", roles=["viewer"])
    assert desk.get("/queue/").status_code == 403
    entry = Entry.objects.get(action="staff.roles_changed")
    assert entry.data == {"username": "ada", "before": ["moderator"], "after": ["viewer"]}


def test_deactivating_oneself(root):
    assert "You can&#x27;t deactivate yourself." in change(signed_in(root), root, "deactivate")
    assert Staff.objects.get(pk=root.pk).is_active


def test_the_last_administrator_keeps_the_role(root):
    page = change(signed_in(root), root, "roles", roles=["viewer"])
    assert "That is the last administrator" in page
    assert Staff.objects.get(pk=root.pk).role_set() == {Role.ADMINISTRATOR}


@pytest.mark.parametrize("hours_ago", [0, 2])
def test_an_hour_of_break_glass_is_no_other_administrator(root, hours_ago):
    """Neither while it runs nor when it is over."""
    acts.break_glass("night")
    ends_at = timezone.now() + timedelta(hours=1 - hours_ago)
    RoleAssignment.objects.filter(staff__username="night").update(ends_at=ends_at)
    page = change(signed_in(root), root, "roles", roles=["viewer"])
    assert "That is the last administrator" in page
    assert Staff.objects.get(pk=root.pk).role_set() == {Role.ADMINISTRATOR}


def test_an_unknown_role(root, ada):
    change(signed_in(root), ada, "roles", roles=["king"])
    assert Staff.objects.get(pk=ada.pk).role_set() == {Role.MODERATOR}


def test_an_unknown_act(root, ada):
    answer = signed_in(root).post(reverse("staff_change", args=[ada.pk]), {"act": "promote"})
    assert answer.status_code == 422


def test_an_unknown_person(root):
    answer = signed_in(root).post(reverse("staff_change", args=[99999]), {"act": "deactivate"})
    assert answer.status_code == 404
