"""Where "Sign in with Discord" is not set up, its addresses are not there."""

import pytest

ADDRESSES = ("/accounts/discord/login/", "/accounts/discord/login/callback/")
pytestmark = pytest.mark.django_db


@pytest.fixture
def off(settings):
    settings.SOCIALACCOUNT_PROVIDERS = {}


@pytest.fixture
def on(settings):
    app = {"client_id": "1", "secret": "a secret"}
    settings.SOCIALACCOUNT_PROVIDERS = {"discord": {"APPS": [app], "SCOPE": ["identify"]}}


def test_it_works(on, client):
    answer = client.post("/accounts/discord/login/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("https://discord.com/")


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
@pytest.mark.parametrize(
    "query", ["", "?code=a&state=b", "?error=access_denied", "?process=connect"]
)
def test_off(off, client, path, method, query):
    assert client.generic(method, path + query).status_code == 404
