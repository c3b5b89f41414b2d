"""Discord opens the door to invited staff only; who is behind an id is allauth's answer."""

import pytest
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from growmies_admin.accounts.adapters import DiscordAdapter
from growmies_admin.accounts.models import Staff

pytestmark = pytest.mark.django_db
ID = 1187342001234567890


@pytest.fixture(autouse=True)
def application(settings):
    app = {"client_id": "1", "secret": "2"}
    settings.SOCIALACCOUNT_PROVIDERS = {"discord": {"APPS": [app], "SCOPE": ["identify"]}}


@pytest.fixture
def request_(rf: RequestFactory):
    request = rf.get("/accounts/discord/login/callback/")
    request.session = SessionStore()
    request.user = AnonymousUser()
    request._messages = CookieStorage(request)
    return request


def login_of(uid):
    account = SocialAccount(provider="discord", uid=str(uid), extra_data={})
    return SocialLogin(user=Staff(username="x"), account=account)


def refused(request, uid):
    with pytest.raises(ImmediateHttpResponse) as refusal:
        DiscordAdapter().pre_social_login(request, login_of(uid))
    answer = refusal.value.response
    assert answer.status_code == 403
    assert not SocialAccount.objects.exists()
    return answer.content.decode()


@pytest.fixture
def ada(staff):
    person = staff("moderator", username="ada")
    person.discord_id = ID
    person.save(update_fields=["discord_id"])
    return person


def test_it_works(request_, ada):
    login = login_of(ID)
    DiscordAdapter().pre_social_login(request_, login)
    assert SocialAccount.objects.get(uid=str(ID)).user == ada
    assert login.user == ada


def test_a_stranger(request_, ada):
    assert "Your Discord account was not invited." in refused(request_, ID + 1)


def test_an_id_that_is_no_number(request_, ada):
    Staff.objects.create_user("without a discord id")
    assert "was not invited" in refused(request_, "admin")


def test_somebody_who_left(request_, ada):
    Staff.objects.filter(pk=ada.pk).update(is_active=False)
    assert "was not invited" in refused(request_, ID)


def test_nobody_signs_up_with_discord(request_):
    assert not DiscordAdapter().is_open_for_signup(request_, login_of(ID))


def test_the_button_is_there(client):
    assert "/accounts/discord/login/" in client.get("/accounts/login/").content.decode()


def test_without_an_application_it_is_not(client, settings):
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "/accounts/discord/login/" not in client.get("/accounts/login/").content.decode()
