"""Staff are invited; the link lets them choose a password, once."""

import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from growmies_admin.accounts import staff as acts
from growmies_admin.accounts.models import Staff
from growmies_admin.accounts.rights import Role
from monitoring.audit.models import Category, Entry

pytestmark = pytest.mark.django_db
CHOSEN = "a long pass phrase"


@pytest.fixture
def admin(staff, sign_in):
    return sign_in(staff("administrator", username="root"))


def invite(admin, **form):
    return admin.post(reverse("staff"), {"username": "ada", "roles": ["moderator"], **form})


def path_of(text):
    return re.search(r"http://localhost:\d+(/staff/password/[^\s\"<]+/)", text)[1]


@pytest.fixture
def link(admin):
    return path_of(invite(admin).content.decode())


@pytest.fixture
def stranger():
    return Client()


def test_an_invitation_without_a_role(admin):
    page = invite(admin, roles=[]).content.decode()
    assert "Choose at least one role." in page and not Staff.objects.filter(username="ada").exists()


def test_it_works(link, stranger):
    assert "ada" in stranger.get(link).content.decode()
    answer = stranger.post(link, {"password": CHOSEN})
    assert answer["Location"] == reverse("mfa_index")
    assert stranger.get("/queue/").status_code == 200
    ada = Staff.objects.get(username="ada")
    assert ada.check_password(CHOSEN)
    assert ada.role_set() == {Role.MODERATOR}


def test_looking_does_not_use_it_up(link, stranger):
    assert stranger.get(link).status_code == stranger.get(link).status_code == 200


def test_it_works_once(link, stranger):
    stranger.post(link, {"password": CHOSEN})
    answer = Client().post(link, {"password": "somebody else's phrase"})
    assert answer.status_code == 404
    assert "used already" in answer.content.decode()
    assert Staff.objects.get(username="ada").check_password(CHOSEN)


def test_a_forged_link(link, stranger):
    for bad in (link[:-3] + "xx/", "/staff/password/MQ/abc-def/", "/staff/password/%F0/x/"):
        assert stranger.get(bad).status_code == 404


def test_of_somebody_who_left_meanwhile(link, stranger):
    Staff.objects.filter(username="ada").update(is_active=False)
    assert stranger.post(link, {"password": CHOSEN}).status_code == 404


@pytest.mark.parametrize("bad", ["short", "password1234", "ada"])
def test_a_weak_password_leaves_the_link_usable(link, stranger, bad):
    stranger.post(link, {"password": bad})
    assert not Staff.objects.get(username="ada").has_usable_password()
    assert stranger.get(link).status_code == 200


def test_it_is_in_the_audit_trail(admin):
    invite(admin)
    entry = Entry.objects.get(action="staff.invited")
    assert (entry.actor.username, entry.category) == ("root", Category.ACCESS)
    assert entry.data == {"username": "ada", "roles": ["moderator"]}


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"username": ""}, "required"),
        ({"username": "ROOT"}, "Somebody has this name already."),
        ({"username": "a b"}, "valid username"),
        ({"roles": []}, "required"),
        ({"roles": ["king"]}, "not one of the available choices"),
        ({"discord_id": "twelve"}, "17 to 19 digits"),
        ({"discord_id": "²"}, "17 to 19 digits"),
        ({"discord_id": "99999999999999999999"}, "17 to 19 digits"),
        ({"email": "nowhere"}, "valid email"),
    ],
)
def test_a_wrong_form(admin, form, words):
    answer = invite(admin, **form)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Staff.objects.count() == 1


def test_a_discord_id_belongs_to_one_person(admin):
    invite(admin, discord_id="1187342001234567890")
    answer = invite(admin, username="bo", discord_id="1187342001234567890")
    assert answer.status_code == 422
    assert Staff.objects.filter(discord_id=1187342001234567890).count() == 1


def test_the_first_administrator(capsys, stranger, db):
    call_command("create_administrator", "root")
    path = path_of(capsys.readouterr().out)
    stranger.post(path, {"password": CHOSEN})
    assert stranger.get("/staff/").status_code == 200
    assert Entry.objects.get(action="staff.invited").actor_type == "system"


def test_a_second_administrator_of_the_same_name(staff):
    staff("viewer", username="root")
    with pytest.raises(CommandError, match="There is a staff member 'root' already"):
        call_command("create_administrator", "root")
    assert Staff.objects.get().role_set() == {Role.VIEWER}


def test_a_link_dies_with_the_next_sign_in(staff, stranger):
    person = staff("viewer", username="ada")
    path = path_of(acts.password_link(person))
    stranger.post(reverse("account_login"), {"login": "ada", "password": "correct horse battery"})
    assert Client().get(path).status_code == 404
