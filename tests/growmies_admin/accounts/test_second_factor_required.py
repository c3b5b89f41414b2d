"""By role a second factor is a must: without one nothing opens but the pages that add it."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal import auth
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from growmies_admin import policy
from growmies_admin.accounts import staff as acts
from growmies_admin.accounts import tokens
from growmies_admin.accounts.models import Staff
from growmies_admin.accounts.scopes import Scope
from monitoring.refusals import Refusal

pytestmark = pytest.mark.django_db
PAGES = {"compliance": "/queue/", "operator": "/maintenance/", "administrator": "/staff/"}
ADD_ONE = "/accounts/2fa/"


@pytest.fixture
def past_grace(staff):
    def make(*roles, **facts):
        person = staff(*roles, **facts)
        Staff.objects.filter(pk=person.pk).update(grace_until=timezone.now() - timedelta(minutes=1))
        return Staff.objects.get(pk=person.pk)

    return make


def with_app(person):
    auth.TOTP.activate(person, auth.generate_totp_secret())
    return person


@pytest.mark.parametrize("role", PAGES)
def test_it_works(role, past_grace, sign_in):
    assert sign_in(with_app(past_grace(role))).get(PAGES[role]).status_code == 200


@pytest.mark.parametrize("role", PAGES)
def test_without_one_nothing_else_opens(role, past_grace, sign_in):
    desk = sign_in(past_grace(role))
    for path in ("/", PAGES[role], "/account/keys/", "/mobile/", "/accounts/3rdparty/"):
        answer = desk.get(path)
        assert (answer.status_code, answer["Location"]) == (302, ADD_ONE), path
    assert desk.post(reverse("queue_next")).status_code == 302


def test_a_partial_leaves_the_page(past_grace, sign_in):
    answer = sign_in(past_grace("operator")).get("/alerts/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (403, ADD_ONE)


def test_the_pages_that_add_one_open_and_say_why(past_grace, sign_in):
    desk = sign_in(past_grace("operator"))
    page = desk.get(ADD_ONE)
    assert "Your role needs a second factor" in page.content.decode()
    assert desk.get(reverse("mfa_activate_totp"))["Location"].startswith("/accounts/reauthen")
    for path in ("/live", "/health", "/up", "/metrics", reverse("account_change_password")):
        assert desk.get(path).status_code in (200, 503), path
    assert desk.post(reverse("account_logout"))["Location"] == reverse("account_login")


def test_adding_one_opens_the_rest(past_grace, sign_in, django_capture_on_commit_callbacks):
    person = past_grace("operator")
    desk = sign_in(person)
    desk.post(reverse("account_reauthenticate"), {"password": "correct horse battery"})
    desk.get(reverse("mfa_activate_totp"))
    secret = desk.session["mfa.totp.secret"]
    step = int(timezone.now().timestamp()) // 30
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(
            reverse("mfa_activate_totp"),
            {"code": auth.format_hotp_value(auth.hotp_value(secret, step))},
        )
    assert desk.get("/maintenance/").status_code == 200
    assert desk.get(reverse("mfa_view_recovery_codes")).status_code == 200


def test_the_grace_of_who_was_invited(db, sign_in):
    person, _ = acts.invite("ada", by=None, roles=["operator"], discord_id=None)
    desk = sign_in(person)
    page = desk.get("/maintenance/").content.decode()
    until = timezone.localtime(timezone.now() + policy.SECOND_FACTOR_GRACE)
    assert f"Your role needs a second factor by {until:%A}" in page
    with time_machine.travel(timezone.now() + policy.SECOND_FACTOR_GRACE + timedelta(minutes=1)):
        desk = sign_in(Staff.objects.get())
        assert desk.get("/maintenance/")["Location"] == ADD_ONE


@pytest.mark.parametrize("role", ["viewer", "moderator"])
def test_roles_that_need_none(role, past_grace, sign_in):
    page = sign_in(past_grace(role)).get("/mobile/")
    assert page.status_code == 200


def test_moderators_by_configuration(past_grace, sign_in, settings):
    settings.SECOND_FACTOR_MODERATORS = True
    assert sign_in(past_grace("moderator")).get("/queue/")["Location"] == ADD_ONE


def test_practice_accounts_are_exempt(past_grace, sign_in, settings):
    settings.PRACTICE = True
    person = past_grace("operator")
    Staff.objects.update(is_practice=True)
    page = sign_in(person).get("/maintenance/")
    assert page.status_code == 200
    assert "second factor by" not in page.content.decode()


def test_recovery_codes_alone_are_none(past_grace, sign_in):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    person = past_grace("operator")
    RecoveryCodes.activate(person)
    assert sign_in(person).get("/maintenance/")["Location"] == ADD_ONE


def test_no_right_without_it_wherever_it_is_asked(past_grace):
    assert not past_grace("compliance").has_perm("verification.override")
    assert not past_grace("viewer", "operator").has_perm("kpis.view")
    assert with_app(past_grace("compliance", username="bo")).has_perm("verification.override")


@pytest.fixture
def token_of(staff):
    root = staff("administrator", username="root")

    def make(owner):
        issued = tokens.issue("daily", owner=owner, scopes=[Scope.QUEUE_READ], by=root)
        return tokens.open_once(issued.pk, owner=owner)[1]

    return make


def test_an_api_token_of_who_lacks_it(staff, token_of):
    plain = token_of(staff("compliance"))
    tokens.authenticate(plain, Scope.QUEUE_READ)
    Staff.objects.update(grace_until=None)
    for scope in (Scope.QUEUE_READ, None):
        with pytest.raises(Refusal) as refused:
            tokens.authenticate(plain, scope)
        assert refused.value.code == "second_factor_missing"


def test_the_api_says_so(staff, client, token_of):
    plain = token_of(staff("compliance"))
    Staff.objects.update(grace_until=None)
    bearer = {"Authorization": f"Bearer {plain}"}
    answer = client.get("/api/admin/verification-queue", headers=bearer)
    assert (answer.status_code, answer.json()["code"]) == (401, "second_factor_missing")


def test_break_glass_opens_its_hour_without_one(past_grace, capsys):
    past_grace("viewer", username="ada")
    call_command("break_glass", "ada")
    link = re.search(r"(/staff/password/\S+/)", capsys.readouterr().out)[1]
    client = Client()
    client.post(link, {"password": "a long pass phrase"})
    assert client.get("/staff/").status_code == 200


def test_break_glass_of_a_new_name_has_the_hour_and_no_more(capsys):
    call_command("break_glass", "help")
    until = Staff.objects.get(username="help").grace_until
    assert timedelta(minutes=59) < until - timezone.now() <= policy.BREAK_GLASS


def test_staff_shows_who_has_one(staff, past_grace, sign_in):
    with_app(past_grace("operator", username="ada"))
    past_grace("compliance", username="bo")
    staff("operator", username="cy")
    past_grace("viewer", username="di")
    page = sign_in(with_app(staff("administrator"))).get("/staff/")
    shown = {one.person.username: one for one in page.context["people"]}
    assert [shown[name].words for name in ("ada", "bo", "cy", "di")] == [
        "app", "missing", "missing", "none",
    ]  # fmt: skip
    assert shown["cy"].until is not None and shown["bo"].until is None
    assert "Reset second factor…<" in page.content.decode()
