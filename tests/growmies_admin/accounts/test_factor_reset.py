"""An administrator resets a second factor that somebody else has lost; the person is told."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance.effects.models import Effect
from compliance.members.models import Member
from growmies_admin import policy
from growmies_admin.accounts import known_devices, resetting, throttle, tokens
from growmies_admin.accounts import staff as acts
from growmies_admin.accounts.models import Letter, SignInTries, Staff
from growmies_admin.accounts.scopes import Scope
from monitoring.audit.models import Entry
from monitoring.refusals import Refusal

pytestmark = pytest.mark.django_db
ADA_IN_DISCORD = 170_000_000_000_000_017
SIGN_IN = {"login": "ada", "password": "correct horse battery"}


def with_app(person):
    auth.TOTP.activate(person, auth.generate_totp_secret())
    RecoveryCodes.activate(person)
    return person


def again(person):
    return Staff.objects.get(pk=person.pk)


@pytest.fixture
def root(staff):
    return with_app(staff("administrator", username="root"))


@pytest.fixture
def ada(staff):
    """Past her grace, with an app."""
    person = with_app(staff("operator", username="ada"))
    Staff.objects.filter(pk=person.pk).update(grace_until=timezone.now() - timedelta(days=9))
    return again(person)


@pytest.fixture
def in_discord(ada):
    Staff.objects.filter(pk=ada.pk).update(discord_id=ADA_IN_DISCORD)
    Member.objects.create(discord_id=ADA_IN_DISCORD, username="ada")


@pytest.fixture
def by_email(ada, settings):
    settings.EMAIL_IS_SET_UP = True
    Staff.objects.filter(pk=ada.pk).update(email="ada@example.org")


@pytest.fixture
def press(root, ada, sign_in):
    """The button, as root: `press()` returns the page after it."""

    def act():
        address = reverse("staff_change", args=[ada.pk])
        return sign_in(root).post(address, {"act": "factor"}, follow=True).content.decode()

    return act


def test_it_works(press, root, ada, in_discord, by_email):
    assert "They are being told by e-mail and Discord." in press()
    assert not Authenticator.objects.filter(user=ada).exists()
    entry = Entry.objects.get(action="staff.second_factor_taken_off")
    assert (entry.actor, entry.target_id, entry.severity) == (root, str(ada.pk), "warning")
    assert entry.data == {"username": "ada", "told_by": ["e-mail", "Discord"]}


def test_they_read_who_did_it_when_and_what_to_do(ada, root, in_discord, by_email):
    resetting.reset(ada, by=root)
    until = again(ada).grace_until
    local = timezone.localtime(until)
    (letter,) = Letter.objects.all()
    (message,) = Effect.objects.all()
    assert (letter.staff, message.member_id, message.kind) == (ada, ADA_IN_DISCORD, "message")
    for text in (letter.text, message.payload["content"]):
        assert "An administrator, root, removed the second factor of your account ada" in text
        assert "/accounts/2fa/" in text
        assert "If you did not ask for this" in text and "another administrator at once" in text
    assert f"by {local:%A, %B} {local.day}, {local:%H:%M %Z}; after that nothing" in letter.text
    assert f"by <t:{int(until.timestamp())}:f>; after that nothing" in message.payload["content"]


def test_no_end_is_named_where_none_is_needed(staff, root, settings):
    settings.EMAIL_IS_SET_UP = True
    bo = with_app(staff("moderator", username="bo"))
    Staff.objects.filter(pk=bo.pk).update(email="bo@example.org")
    resetting.reset(again(bo), by=root)
    text = Letter.objects.get().text
    assert "add another one: " in text and "nothing else opens" not in text


def test_names_are_plain_words_in_discord(ada, root, in_discord):
    Staff.objects.filter(pk=root.pk).update(display_name="<@17> [Discord](https://evil.example)")
    resetting.reset(ada, by=again(root))
    content = Effect.objects.get().payload["content"]
    assert "<@17>" not in content and "](https" not in content


def test_who_can_not_be_told(press, ada):
    page = press()
    assert (
        "Nobody could be told: no e-mail is set up and no Discord account is known. "
        "Tell them yourself." in page
    )
    assert not Letter.objects.exists() and not Effect.objects.exists()
    assert Entry.objects.get(action="staff.second_factor_taken_off").data["told_by"] == []


def test_an_address_that_is_missing(press, settings):
    settings.EMAIL_IS_SET_UP = True
    assert "Nobody could be told: no e-mail address of theirs is known" in press()


def test_who_is_not_in_the_server(press, ada):
    Staff.objects.filter(pk=ada.pk).update(discord_id=ADA_IN_DISCORD)
    assert "They are not in the Discord server" in press()


def test_before_the_button_the_page_says_what_it_does(root, ada, in_discord, sign_in):
    page = " ".join(sign_in(root).get(reverse("staff")).content.decode().split())
    assert "Every second factor and recovery code of ada goes" in page
    assert "For 1 day their password" in page and "They are told by Discord." in page
    assert re.search(r"Reset second factor ?<span", page)


def test_it_says_so_before_when_nobody_can_be_told(root, ada, sign_in):
    page = sign_in(root).get(reverse("staff")).content.decode()
    assert "Nobody can be told: no e-mail is set up and no Discord account is known." in page


def test_nobody_resets_their_own(root, sign_in):
    with pytest.raises(Refusal, match="Your own"):
        resetting.reset(root, by=root)
    desk = sign_in(root)
    assert "Reset second factor" not in desk.get(reverse("staff")).content.decode()
    desk.post(reverse("staff_change", args=[root.pk]), {"act": "factor"})
    assert Authenticator.objects.filter(user=root).count() == 2


def test_who_has_none_and_who_has_left(root, ada):
    resetting.reset(ada, by=root)
    with pytest.raises(Refusal, match="has no second factor"):
        resetting.reset(ada, by=root)
    with_app(ada)
    acts.deactivate(ada, by=root)
    with pytest.raises(Refusal, match="is deactivated"):
        resetting.reset(ada, by=root)


def test_sessions_end(root, ada):
    desk = Client()
    desk.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    resetting.reset(ada, by=root)
    assert desk.get("/maintenance/")["Location"].startswith("/accounts/login/")


def test_a_day_to_add_another_one(root, ada, client):
    resetting.reset(ada, by=root)
    client.post(reverse("account_login"), SIGN_IN)
    page = client.get("/maintenance/")
    assert page.status_code == 200 and "Your role needs a second factor by" in str(page.content)
    over = timezone.now() + policy.SECOND_FACTOR_GRACE_AFTER_RESET + timedelta(minutes=1)
    with time_machine.travel(over):
        client.post(reverse("account_login"), SIGN_IN)
        assert client.get("/maintenance/")["Location"] == reverse("mfa_index")


def test_a_longer_grace_stays(root, ada):
    longer = timezone.now() + timedelta(days=30)
    Staff.objects.filter(pk=ada.pk).update(grace_until=longer)
    resetting.reset(ada, by=root)
    assert again(ada).grace_until == longer


def test_password_links_of_before_die(root, ada, client):
    before = acts.new_password_link(ada, by=root)
    assert client.get(before).status_code == 200
    resetting.reset(ada, by=root)
    assert client.get(before).status_code == 404
    after = acts.new_password_link(again(ada), by=root)
    assert client.post(after, {"password": "a long pass phrase"})["Location"] == "/accounts/2fa/"


def test_the_lost_phone_is_no_known_device(root, ada, rf, client):
    request, response = rf.get("/"), client.get(reverse("account_login"))
    known_devices.remember(request, response, ada)
    request.COOKIES = {name: cookie.value for name, cookie in response.cookies.items()}
    assert known_devices.of(request, again(ada))
    resetting.reset(ada, by=root)
    assert not known_devices.of(request, again(ada))


def test_wrong_codes_of_the_lost_one_hold_nobody_up(root, ada, rf):
    one = throttle.of_code(rf.get("/"), ada)
    for _ in range(policy.SIGN_IN_TRIES):
        throttle.take(one)
    assert throttle.take(one) is not None
    resetting.reset(ada, by=root)
    assert throttle.take(throttle.of_code(rf.get("/"), again(ada))) is None
    assert SignInTries.objects.get().failures == 1


def test_api_tokens_go_on_for_the_day_and_no_longer(root, staff):
    owner = with_app(staff("compliance", username="cy"))
    issued = tokens.issue("daily", owner=owner, scopes=[Scope.QUEUE_READ], by=root)
    _, plain = tokens.open_once(issued.pk, owner=owner)
    Staff.objects.filter(pk=owner.pk).update(grace_until=None)
    resetting.reset(again(owner), by=root)
    tokens.authenticate(plain, Scope.QUEUE_READ)
    over = timezone.now() + policy.SECOND_FACTOR_GRACE_AFTER_RESET + timedelta(minutes=1)
    with time_machine.travel(over), pytest.raises(Refusal) as refused:
        tokens.authenticate(plain, Scope.QUEUE_READ)
    assert refused.value.code == "second_factor_missing"


def test_one_administrator_resets_few_within_an_hour(root, staff):
    most, within = policy.SECOND_FACTOR_RESETS
    people = [with_app(staff("viewer", username=f"v{n}")) for n in range(most + 1)]
    for person in people[:most]:
        resetting.reset(person, by=root)
    with pytest.raises(Refusal, match="You have reset 5 second factors within 1 hour"):
        resetting.reset(people[most], by=root)
    assert Authenticator.objects.filter(user=people[most]).exists()
    resetting.reset(people[most], by=with_app(staff("administrator", username="di")))
    with_app(people[0])
    with time_machine.travel(timezone.now() + within + timedelta(minutes=1)):
        resetting.reset(people[0], by=root)


def test_the_last_administrator_comes_back_by_break_glass(root, client):
    Staff.objects.filter(pk=root.pk).update(grace_until=None)
    call_command("break_glass", "help")
    resetting.reset(again(root), by=Staff.objects.get(username="help"))
    client.post(reverse("account_login"), SIGN_IN | {"login": "root"})
    assert client.get("/staff/").status_code == 200
