"""Practice mode has an account for each role; no other mode has any."""

import json
import stat

import pytest
from django.core.management import CommandError, call_command

from growmies_admin.accounts import practice
from growmies_admin.accounts.models import Staff

pytestmark = pytest.mark.django_db
ROLES = {"viewer", "moderator", "compliance", "operator", "administrator"}


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path):
    settings.PRACTICE = True
    settings.DATA_DIR = tmp_path


def accounts(capsys):
    call_command("practice_accounts")
    return json.loads(capsys.readouterr().out)


def test_it_works(capsys, client):
    made = accounts(capsys)
    assert {account["role"] for account in made} == ROLES
    assert [a["username"] for a in made if a["role"] == "moderator"] == ["moderator", "moderator2"]
    for account in made:
        assert client.login(username=account["username"], password=account["password"])


def test_again_they_are_the_same(capsys):
    assert accounts(capsys) == accounts(capsys)


def test_passwords_differ_and_are_long(capsys):
    passwords = {account["password"] for account in accounts(capsys)}
    assert len(passwords) == 6
    assert min(map(len, passwords)) >= 16


def test_the_file_is_for_the_owner_only(capsys):
    accounts(capsys)
    assert stat.S_IMODE(practice.accounts_file().stat().st_mode) == 0o600


def test_none_outside_practice_mode(settings):
    settings.PRACTICE = False
    with pytest.raises(CommandError, match="no default accounts outside practice mode"):
        call_command("practice_accounts")
    with pytest.raises(RuntimeError):
        practice.make_accounts()
    assert not Staff.objects.exists()
    assert not practice.accounts_file().exists()
