"""A token is made when its owner opens it, and nobody else ever sees it."""

import hashlib
import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from growmies_admin import policy
from growmies_admin.accounts import staff as acts
from growmies_admin.accounts import tokens
from growmies_admin.accounts.models import ApiToken
from growmies_admin.accounts.scopes import Scope
from monitoring.audit.models import Category, Entry
from monitoring.refusals import Refusal

pytestmark = pytest.mark.django_db
ISSUE, OWN = "/staff/tokens/", "/staff/keys/"


@pytest.fixture
def issued(root, ada):
    return tokens.issue("daily check", owner=ada, scopes=[Scope.QUEUE_READ], by=root)


@pytest.fixture
def form(ada):
    return {"name": "daily check", "owner": ada.pk, "scopes": [Scope.QUEUE_READ], "days": 90}


def signed_in(person):
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def text(answer):
    return answer.content.decode()


def shown(answer):
    return re.findall(r"gma_[\w-]*", text(answer))


def open_it(person, token):
    return signed_in(person).post(reverse("staff_key_open", args=[token.pk]))


def kept_in(table, words):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} r WHERE r::text LIKE %s", [f"%{words}%"])
        return cursor.fetchone()[0]


def test_it_works(root, ada, form):
    answer = signed_in(root).post(ISSUE, form)
    assert answer.status_code == 200
    assert "ada opens it at /staff/keys/ within 7 days; nobody else can." in text(answer)
    token = ApiToken.objects.get()
    assert "daily check" in text(signed_in(ada).get(OWN))
    answer = open_it(ada, token)
    plain = shown(answer)[0]
    assert re.fullmatch(r"gma_[\w-]{43}", plain)
    assert f'data-copy="{plain}"' in text(answer)
    assert "no-store" in answer["Cache-Control"]
    assert tokens.authenticate(plain, Scope.QUEUE_READ) == token
    assert [entry.actor for entry in Entry.objects.filter(action__startswith="token.")] == [
        root,
        ada,
    ]


def test_the_issuer_is_never_shown_it(root, ada, form):
    client = signed_in(root)
    assert shown(client.post(ISSUE, form)) == []
    token = ApiToken.objects.get()
    assert token.token_hash is None and token.prefix == ""
    assert open_it(root, token).status_code == 409
    open_it(ada, token)
    assert shown(client.get(ISSUE)) == []
    page = text(client.get(ISSUE))
    assert "daily check" in page and "queue:read" in page


def test_nothing_secret_rests_anywhere(ada, issued):
    plain = shown(open_it(ada, issued))[0]
    assert bytes(ApiToken.objects.get().token_hash) == hashlib.sha256(plain.encode()).digest()
    secret = plain[10:]
    assert kept_in("accounts_apitoken", plain[:10]) == 1
    assert kept_in("accounts_apitoken", secret) == kept_in("audit_entry", secret) == 0
    assert not [one for one in Session.objects.all() if secret in str(one.get_decoded())]


def test_opening_is_in_the_trail(ada, issued):
    open_it(ada, issued)
    entry = Entry.objects.get(action="token.opened")
    assert (entry.actor, entry.category, entry.target_id) == (ada, Category.ACCESS, str(issued.pk))
    prefix = ApiToken.objects.get().prefix
    assert entry.data == {"username": "ada", "token": "daily check", "prefix": prefix}


def test_it_opens_once(ada, issued):
    plain = shown(open_it(ada, issued))[0]
    answer = open_it(ada, issued)
    assert answer.status_code == 409
    assert "it was opened before" in text(answer)
    assert tokens.authenticate(plain, Scope.QUEUE_READ)
    assert Entry.objects.filter(action="token.opened").count() == 1
    assert plain[4:] not in text(signed_in(ada).get(OWN)).replace(plain[:10], "")


@pytest.mark.parametrize("role", ["administrator", "moderator", "compliance", "viewer"])
def test_somebody_else_can_not_open_it(staff, issued, role):
    other = staff(role, username="other")
    assert open_it(other, issued).status_code == 409
    assert "daily check" not in text(signed_in(other).get(OWN))
    assert ApiToken.objects.get().token_hash is None


def test_a_stranger(issued):
    answer = Client().post(reverse("staff_key_open", args=[issued.pk]))
    assert answer["Location"].startswith("/accounts/login/")
    assert ApiToken.objects.get().token_hash is None


@pytest.mark.parametrize("pk", [99999, 10**30])
def test_opening_what_is_not_there(ada, pk):
    assert signed_in(ada).post(f"/staff/keys/{pk}/open/").status_code in {404, 409}


def test_looking_at_the_address_opens_nothing(ada, issued):
    assert signed_in(ada).get(reverse("staff_key_open", args=[issued.pk])).status_code == 405
    assert ApiToken.objects.get().token_hash is None


def test_a_form_from_elsewhere_opens_nothing(ada, issued):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(reverse("staff_key_open", args=[issued.pk])).status_code == 403
    assert ApiToken.objects.get().token_hash is None


def test_one_that_waited_too_long(root, ada, issued):
    long_ago = timezone.now() - policy.API_TOKEN_OPENED_WITHIN
    ApiToken.objects.update(created_at=long_ago)
    answer = open_it(ada, issued)
    assert (answer.status_code, shown(answer)) == (409, [])
    assert "has waited for too long" in text(answer)
    assert "not opened" in text(signed_in(root).get(ISSUE))
    again = tokens.issue("daily check", owner=ada, scopes=[Scope.QUEUE_READ], by=root)
    assert shown(open_it(ada, again))


def test_a_short_life_ends_before_that(ada, issued):
    now = timezone.now()
    ApiToken.objects.update(created_at=now - timedelta(days=2), expires_at=now)
    assert open_it(ada, issued).status_code == 409


def test_one_that_was_revoked(root, ada, issued):
    tokens.revoke(issued, by=root)
    assert open_it(ada, issued).status_code == 409


def test_one_whose_owner_left(root, ada, issued):
    acts.deactivate(ada, by=root)
    acts.reactivate(ada, by=root)
    assert open_it(ada, issued).status_code == 409


def test_its_name_is_taken_while_it_waits(root, ada, issued):
    with pytest.raises(Refusal, match="has a token of this name"):
        tokens.issue("daily check", owner=ada, scopes=[Scope.QUEUE_READ], by=root)
