"""Who may ask the admin API: a living token of somebody who may, and nobody else."""

import json
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.db.models import TextChoices
from django.http import JsonResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from compliance.queue import listing
from growmies_admin.accounts import staff as acts
from growmies_admin.accounts import tokens
from growmies_admin.accounts.models import ApiToken, RoleAssignment, Staff
from growmies_admin.api.bearer import bearer

pytestmark = pytest.mark.django_db
QUEUE = "/api/admin/verification-queue"
ALL = (QUEUE, "/api/admin/verifications", "/api/admin/openapi.json")


def refusal(answer):
    """Status and code, of an answer that is a whole refusal."""
    assert answer["Content-Type"] == "application/json"
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies
    found = answer.json()
    assert found.keys() == {"error", "code"}
    assert found["error"].endswith((".", "…"))
    challenge = "Bearer" if answer.status_code == 401 else None
    assert answer.headers.get("WWW-Authenticate") == challenge
    return answer.status_code, found["code"]


@pytest.mark.parametrize("url", ALL)
def test_it_works(ask, token, url):
    answer = ask(url)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies
    assert ApiToken.objects.get().last_used_at is not None


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_the_scheme_is_a_word(client, token, scheme):
    answer = client.get(QUEUE, headers={"Authorization": f"{scheme} {token.plain}"})
    assert answer.status_code == 200


@pytest.mark.parametrize("url", ALL)
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YWRhOmFkYQ==", "Token x", "é"])
def test_no_token(client, url, header):
    headers = {"Authorization": header} if header else {}
    assert refusal(client.get(url, headers=headers)) == (401, "token_missing")


@pytest.mark.parametrize("url", ALL)
@pytest.mark.parametrize("plain", ["gma_" + "x" * 43, "x", "é", "a b", "\x00"])
def test_a_wrong_token(ask, url, plain):
    assert refusal(ask(url, plain=plain)) == (401, "token_unknown")


@pytest.mark.parametrize("url", ALL)
def test_nearly_the_token(ask, token, url):
    for plain in (token.plain[:-1], token.plain + "x", token.plain.swapcase(), token.prefix):
        assert refusal(ask(url, plain=plain)) == (401, "token_unknown")


@pytest.mark.parametrize("url", ALL)
def test_its_hash_is_no_token(ask, token, url):
    kept = bytes(ApiToken.objects.get().token_hash)
    assert refusal(ask(url, plain=kept.hex())) == (401, "token_unknown")


@pytest.mark.parametrize("url", ALL)
def test_an_expired_token(ask, token, url):
    now = timezone.now()
    ApiToken.objects.update(created_at=now - timedelta(days=90), expires_at=now)
    assert refusal(ask(url)) == (401, "token_expired")


@pytest.mark.parametrize("url", ALL)
def test_a_revoked_token(ask, token, staff, url):
    tokens.revoke(token, by=Staff.objects.get(username="root"))
    assert refusal(ask(url)) == (401, "token_revoked")


@pytest.mark.parametrize("url", ALL)
def test_the_owner_left(ask, token, ada, url):
    acts.deactivate(ada, by=Staff.objects.get(username="root"))
    assert refusal(ask(url)) == (401, "token_revoked")


@pytest.mark.parametrize("url", ALL)
def test_the_owner_may_not_sign_in(ask, token, url):
    Staff.objects.filter(username="ada").update(is_active=False)
    assert refusal(ask(url)) == (401, "owner_left")


@pytest.mark.parametrize("url", ALL[:2])
def test_the_owner_lost_the_role(ask, token, ada, url):
    root = Staff.objects.get(username="root")
    acts.set_roles(ada, ["viewer"], by=root)
    assert refusal(ask(url)) == (403, "right_missing")
    acts.set_roles(ada, ["compliance"], by=root)
    assert ask(url).status_code == 200


@pytest.mark.parametrize("url", ALL[:2])
def test_the_owners_role_has_ended(ask, token, url):
    RoleAssignment.objects.filter(role="moderator").update(ends_at=timezone.now())
    assert refusal(ask(url)) == (403, "right_missing")


class Other(TextChoices):
    """A scope that no token has: there is only one so far."""

    READ = "other:read"


def test_a_wrong_scope(token):
    guarded = bearer(Other.READ)(lambda request: JsonResponse({}))
    header = {"Authorization": f"Bearer {token.plain}"}
    answer = guarded(RequestFactory().get("/", headers=header))
    answer.json = lambda: json.loads(answer.content)
    assert refusal(answer) == (403, "scope_missing")
    assert "other:read" in answer.json()["error"]
    assert ApiToken.objects.get().last_used_at is None


@pytest.mark.parametrize("url", ALL)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
def test_a_wrong_method(token, url, method):
    client = Client(enforce_csrf_checks=True)
    headers = {"Authorization": f"Bearer {token.plain}"}
    answer = getattr(client, method)(url, headers=headers)
    assert refusal(answer) == (405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD"


def test_head(token, client):
    answer = client.head(QUEUE, headers={"Authorization": f"Bearer {token.plain}"})
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("url", ALL)
def test_a_session_opens_nothing(staff, sign_in, url):
    client = sign_in(staff("moderator", "compliance", "administrator"))
    assert client.get("/queue/").status_code == 200
    assert refusal(client.get(url)) == (401, "token_missing")


@pytest.mark.parametrize("url", ALL)
def test_a_token_opens_no_page_and_no_session(ask, url):
    ask(url)
    assert not Session.objects.exists()
    assert ask("/queue/")["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("url", ALL)
@pytest.mark.parametrize("name", ["token", "access_token"])
def test_a_token_in_the_address(client, token, url, name):
    assert refusal(client.get(url, {name: token.plain})) == (401, "token_missing")


def test_the_database_is_away(ask, monkeypatch):
    def away():
        raise OperationalError("gone")

    monkeypatch.setattr(listing, "figures", away)
    answer = ask(QUEUE)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer["Retry-After"] == "10"
