"""API tokens: issued, opened by their owner, hashed at rest, of no use to whoever may not."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from growmies_admin import policy
from growmies_admin.accounts import tokens
from growmies_admin.accounts.models import ApiToken, Staff
from growmies_admin.accounts.scopes import NEEDS, Scope
from monitoring.audit.models import Category, Entry
from monitoring.refusals import Refusal

pytestmark = pytest.mark.django_db
URL = "/staff/tokens/"
READ = Scope.QUEUE_READ


@pytest.fixture
def issue(root, ada):
    def make(name="daily check", **changed):
        made = tokens.issue(name, **{"owner": ada, "scopes": [READ], "by": root, **changed})
        return tokens.open_once(made.pk, owner=made.owner)

    return make


@pytest.fixture
def form(ada):
    return {"name": "daily check", "owner": ada.pk, "scopes": [READ], "days": 90}


def text(answer):
    return answer.content.decode()


def test_it_works(issue, ada, root):
    token, plain = issue()
    assert re.fullmatch(r"gma_[\w-]{43}", plain)
    assert plain.startswith(token.prefix)
    assert len(token.prefix) == 10
    assert tokens.authenticate(plain, READ) == token
    assert token.expires_at - token.created_at == timedelta(days=90)
    entry = Entry.objects.get(action="token.issued")
    assert (entry.actor, entry.category) == (root, Category.ACCESS)
    assert entry.data == {
        "username": "ada",
        "token": "daily check",
        "scopes": ["queue:read"],
        "expires_at": token.expires_at.isoformat(),
    }


def test_every_scope_needs_a_right():
    assert set(NEEDS) == set(Scope)


def test_nobody_has_a_token_yet(root, sign_in):
    assert "No program has a key" in text(sign_in(root).get(URL))


def test_the_page_asks_for_confirmation(root, sign_in, issue):
    token, _ = issue()
    page = text(sign_in(root).get(URL))
    assert "This can’t be taken back." in page
    assert f'action="{reverse("staff_token_revoke", args=[token.pk])}"' in page


def test_revoking(root, sign_in, issue):
    token, plain = issue()
    client = sign_in(root)
    url = reverse("staff_token_revoke", args=[token.pk])
    assert "daily check is revoked" in text(client.post(url, follow=True))
    with pytest.raises(Refusal, match="revoked"):
        tokens.authenticate(plain, READ)
    entry = Entry.objects.get(action="token.revoked")
    assert (entry.actor, entry.target_id) == (root, str(token.pk))


def test_revoking_twice(root, sign_in, issue):
    token, _ = issue()
    client = sign_in(root)
    url = reverse("staff_token_revoke", args=[token.pk])
    client.post(url)
    first = ApiToken.objects.get().revoked_at
    assert "was revoked already" in text(client.post(url, follow=True))
    assert ApiToken.objects.get().revoked_at == first
    assert Entry.objects.filter(action="token.revoked").count() == 1


@pytest.mark.parametrize("pk", [99999, 10**30])
def test_revoking_what_is_not_there(root, sign_in, pk):
    assert sign_in(root).post(f"/staff/tokens/{pk}/revoke/").status_code == 404


def test_looking_at_the_address_revokes_nothing(root, sign_in, issue):
    token, plain = issue()
    url = reverse("staff_token_revoke", args=[token.pk])
    assert sign_in(root).get(url).status_code == 405
    assert tokens.authenticate(plain, READ)


def test_a_form_from_elsewhere_does_nothing(root, form):
    client = Client(enforce_csrf_checks=True)
    client.force_login(root, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(URL, form).status_code == 403
    assert not ApiToken.objects.exists()


def test_the_page_tells_how_each_stands(root, sign_in, issue):
    issue("unused")
    _, plain = issue("used")
    tokens.authenticate(plain, READ)
    gone, _ = issue("gone")
    tokens.revoke(gone, by=root)
    old, _ = issue("old")
    ApiToken.objects.filter(pk=old.pk).update(
        created_at=timezone.now() - timedelta(days=2), expires_at=timezone.now()
    )
    context = sign_in(root).get(URL).context
    assert [token.name for token in context["live"]] == ["unused", "used"]
    assert [token.name for token in context["ended"]] == ["old", "gone"]
    assert [bool(token.last_used_at) for token in context["live"]] == [False, True]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "This field is required."),
        ("name", "x" * 61, "at most 60 characters"),
        ("owner", 0, "Select a valid choice"),
        ("scopes", [], "Choose at least one thing that it may do."),
        ("scopes", ["queue:write"], "Select a valid choice"),
        ("days", 0, "greater than or equal to 1"),
        ("days", 366, "less than or equal to 365"),
    ],
)
def test_a_form_that_does_not_fit(root, sign_in, form, field, value, words):
    answer = sign_in(root).post(URL, {**form, field: value})
    assert answer.status_code == 422
    assert words in text(answer)
    assert not ApiToken.objects.exists()


def test_an_owner_without_the_right(root, sign_in, form):
    answer = sign_in(root).post(URL, {**form, "owner": root.pk})
    assert answer.status_code == 422
    assert "root has no role that may: read the age-verification queue." in text(answer)
    assert not ApiToken.objects.exists()


def test_an_owner_who_has_left(issue, ada):
    Staff.objects.filter(pk=ada.pk).update(is_active=False)
    with pytest.raises(Refusal, match="ada has left"):
        issue()


def test_the_same_form_twice(root, sign_in, form):
    client = sign_in(root)
    client.post(URL, form)
    answer = client.post(URL, form)
    assert answer.status_code == 422
    assert "has a token of this name" in text(answer)
    assert ApiToken.objects.count() == 1


def test_the_name_of_an_expired_one_is_free_again(issue):
    old, _ = issue()
    ApiToken.objects.filter(pk=old.pk).update(
        created_at=timezone.now() - timedelta(days=2), expires_at=timezone.now()
    )
    _, plain = issue()
    assert tokens.authenticate(plain, READ) == ApiToken.objects.live().get()


@pytest.mark.parametrize(
    "life", [timedelta(0), timedelta(days=-1), policy.API_TOKEN_LIFE_MOST + timedelta(seconds=1)]
)
def test_a_life_that_is_none(issue, life):
    with pytest.raises(Refusal, match="365 days at most"):
        issue(life=life)


def test_no_scope(issue):
    with pytest.raises(Refusal, match="needs a scope"):
        issue(scopes=[])


def test_a_scope_that_is_not_known(issue):
    with pytest.raises(ValueError, match="queue:write"):
        issue(scopes=["queue:write"])


def test_its_use_is_noted_once_a_minute(issue, django_assert_num_queries):
    _, plain = issue()
    tokens.authenticate(plain, READ)
    first = ApiToken.objects.get().last_used_at
    assert timezone.now() - first < timedelta(seconds=20)
    with django_assert_num_queries(2):  # the token with its owner, and their roles
        tokens.authenticate(plain, READ)
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(minutes=1))
    tokens.authenticate(plain, READ)
    assert ApiToken.objects.get().last_used_at >= first


def test_a_refused_use_is_not_noted(issue, ada):
    _, plain = issue()
    ada.roles.all().delete()
    with pytest.raises(Refusal):
        tokens.authenticate(plain, READ)
    assert ApiToken.objects.get().last_used_at is None


@pytest.mark.parametrize(
    "plain", ["", "gma_", "gma_" + "x" * 43, "²\x00", pytest.param("x" * 100_000, id="long")]
)
def test_what_is_no_token_costs_one_statement(plain, issue, django_assert_num_queries):
    issue()
    with django_assert_num_queries(1), pytest.raises(Refusal, match="unknown"):
        tokens.authenticate(plain, READ)


def test_a_revoked_one_costs_the_same(issue, root, django_assert_num_queries):
    token, plain = issue()
    tokens.revoke(token, by=root)
    with django_assert_num_queries(1), pytest.raises(Refusal, match="revoked"):
        tokens.authenticate(plain, READ)


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("token_hash_is_sha256", {"token_hash": b"short"}),
        ("token_scopes_known", {"scopes": ["queue:write"]}),
        ("token_scopes_known", {"scopes": []}),
        ("token_named", {"name": ""}),
        ("token_opened_or_nothing", {"prefix": ""}),
        ("token_opened_or_nothing", {"token_hash": None}),
        ("token_expires_after_creation", {"expires_at": timezone.now() - timedelta(days=1)}),
        ("token_revoked_after_creation", {"revoked_at": timezone.now() - timedelta(days=1)}),
    ],
)
def test_the_database_holds_it(issue, constraint, changes):
    issue()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ApiToken.objects.update(**changes)


def test_the_database_holds_names_apart(issue):
    issue("one")
    issue("two")
    with pytest.raises(IntegrityError, match="one_unrevoked_token_a_name"), transaction.atomic():
        ApiToken.objects.update(name="same")


def test_many_tokens_ask_no_more_than_one(root, sign_in, issue, statements):
    gone, _ = issue("gone")
    tokens.revoke(gone, by=root)
    issue("0")
    client = sign_in(root)
    few = statements(lambda: client.get(URL))
    for number in range(1, 10):
        token, _ = issue(str(number))
        if number % 2:
            tokens.revoke(token, by=root)
    assert statements(lambda: client.get(URL)) <= few <= 16


def test_a_new_token_takes_the_name_of_ones_own_and_of_nobody_elses(issue, staff):
    first, _ = issue()
    bo = staff("moderator", username="bo")
    others, _ = issue(owner=bo)
    ApiToken.objects.update(expires_at=timezone.now() + timedelta(seconds=1))
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        issue()
    first.refresh_from_db(), others.refresh_from_db()
    assert (first.revoked_at is None, others.revoked_at is None) == (False, True)
