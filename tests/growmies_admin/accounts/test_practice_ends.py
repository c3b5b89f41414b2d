"""On a database that was once used for practice, practice accounts end outside practice mode."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from growmies_admin.accounts import practice, tokens
from growmies_admin.accounts import staff as acts
from growmies_admin.accounts.models import ApiToken, Staff
from growmies_admin.accounts.scopes import Scope
from monitoring.audit.models import Entry
from monitoring.refusals import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def accounts(settings, tmp_path):
    settings.PRACTICE, settings.DATA_DIR = True, tmp_path
    made = {account["username"]: account["password"] for account in practice.make_accounts()}
    settings.PRACTICE = False
    return made


@pytest.fixture
def prepare(monkeypatch, settings, tmp_path):
    """`manage.py prepare`, without collecting files."""
    from growmies_admin.accounts.management.commands.prepare import Command

    monkeypatch.setattr(Command, "_collect_static", lambda self: None)
    return lambda: call_command("prepare")


def signed_in(username):
    client, person = Client(), Staff.objects.get(username=username)
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_it_works(prepare, staff, accounts, settings, capsys):
    root = staff("administrator", username="root")
    moderator = Staff.objects.get(username="moderator")
    settings.PRACTICE = True
    issued = tokens.issue("daily", owner=moderator, scopes=[Scope.QUEUE_READ], by=root)
    _, plain = tokens.open_once(issued.pk, owner=moderator)
    settings.PRACTICE = False
    desk = signed_in("moderator")
    prepare()
    said = capsys.readouterr().out
    assert "Practice accounts are deactivated: administrator, compliance, moderator," in said
    assert list(Staff.objects.filter(is_active=True)) == [root]
    assert desk.get("/queue/")["Location"].startswith("/accounts/login/")
    assert desk.session.get("_auth_user_id") is None
    assert not ApiToken.objects.live().exists()
    assert Entry.objects.filter(action="staff.deactivated", actor_type="system").count() == 6
    form = {"login": "administrator", "password": accounts["administrator"]}
    assert Client().post(reverse("account_login"), form)["Location"] == "/accounts/inactive/"
    with pytest.raises(Refusal):
        tokens.authenticate(plain, Scope.QUEUE_READ)


def test_again_it_says_nothing(prepare, staff, capsys):
    staff("administrator", username="root")
    prepare()
    capsys.readouterr()
    prepare()
    assert "Practice accounts" not in capsys.readouterr().out


def test_it_refuses_when_only_they_could_administer(prepare):
    with pytest.raises(CommandError, match="create_administrator NAME"):
        prepare()
    assert Staff.objects.filter(is_active=True).count() == 6


@pytest.mark.parametrize("kind", ["left", "for an hour", "moderator"])
def test_who_is_no_administrator_for_good_does_not_count(prepare, staff, kind):
    if kind == "for an hour":
        acts.break_glass("root")
    else:
        root = staff("moderator" if kind == "moderator" else "administrator", username="root")
        Staff.objects.filter(pk=root.pk).update(is_active=kind != "left")
    with pytest.raises(CommandError, match="create_administrator NAME"):
        prepare()


def test_a_first_start_with_no_staff(prepare, capsys):
    Staff.objects.all().delete()
    prepare()
    assert "Practice" not in capsys.readouterr().out


def test_they_open_nothing_when_nothing_has_deactivated_them_yet(accounts, client):
    assert signed_in("administrator").get("/staff/")["Location"] == "/accounts/login/"
    form = {"login": "administrator", "password": accounts["administrator"]}
    client.post(reverse("account_login"), form)
    assert client.get("/staff/").status_code == 302
    assert not Staff.objects.get(username="administrator").has_perm("accounts.manage")


def test_they_are_not_let_in_again(staff):
    root = staff("administrator", username="root")
    acts.end_practice_accounts()
    moderator = Staff.objects.get(username="moderator")
    with pytest.raises(Refusal, match="practice account"):
        acts.reactivate(moderator, by=root)
    with pytest.raises(CommandError, match="practice account"):
        call_command("break_glass", "administrator")
    assert not Staff.objects.filter(is_practice=True, is_active=True).exists()


def test_practice_mode_lets_them_in_again(settings, staff):
    staff("administrator", username="root")
    acts.end_practice_accounts()
    settings.PRACTICE = True
    practice.make_accounts()
    assert Staff.objects.filter(is_practice=True, is_active=True).count() == 6


def test_practice_mode_takes_no_account_of_a_person(settings):
    Staff.objects.all().delete()
    acts.invite("operator", by=None, roles=["viewer"], discord_id=None)
    settings.PRACTICE = True
    with pytest.raises(practice.NameTaken, match="'operator' is the account of a person"):
        practice.make_accounts()
    assert not Staff.objects.get(username="operator").has_usable_password()
