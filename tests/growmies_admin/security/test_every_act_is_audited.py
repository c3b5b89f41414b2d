"""Every route that may change something leaves an audit entry, or says here why it does not.

The routes come from the resolver: a new one fails until it has a recipe or a reason.
"""

import pytest

from monitoring.audit.models import Entry
from tests.growmies_admin.security import recipes_desk, recipes_sign_in, recipes_site
from tests.growmies_admin.security.acting import RECIPES, routes

pytestmark = pytest.mark.django_db
ROOMS = (recipes_desk, recipes_sign_in, recipes_site)  # importing them registers their recipes

NO_SIGN_UP = "sign-up is closed: refused"
NO_MAIL = "no e-mail is sent: a page of ours that takes no POST stands before it"
WITHOUT_ENTRY = {
    "account_keys": "one's own keys and how pictures appear; nobody else is touched",
    "queue_renew": "once a minute while somebody works: the claim's row says until when",
    "queue_sign": "a sign of the holder's page; the claim's row says until when",
    "second_review_renew": "the same",
    "upload_place": "a place in a line of seconds, given up; nothing was kept",
    "quality_told": "that a reviewer has read a sentence; the case has its entry",
    "pair_code": "a screen asks every few seconds; pairing it is display.paired",
    "api_alerts": "Alertmanager; each alert has a history of its own (alerts_alertevent)",
    "discord_login": "leads to Discord and comes back to the callback",
    "discord_callback": "a sign-in, told by the same signal (test_access_trail.py)",
    "mfa_add_webauthn": "a passkey needs a browser; told by the signal that tells of an app",
    "mfa_edit_webauthn": "the name of one's own passkey",
    "mfa_reauthenticate_webauthn": "as mfa_reauthenticate, with a browser",
    "account_signup": NO_SIGN_UP,
    "socialaccount_signup": NO_SIGN_UP,
    "account_email": NO_MAIL,
    "account_email_verification_sent": NO_MAIL,
    "account_confirm_email": NO_MAIL,
    "account_reset_password": NO_MAIL,
    "account_reset_password_from_key": NO_MAIL,
    "account_confirm_login_code": "sign-in by code is off",
    "accounts/social/login/cancelled/": "a redirect",
    "accounts/social/login/error/": "a redirect",
    "accounts/social/signup/": "a redirect",
    "accounts/social/connections/": "a redirect",
    "api_verification_queue": "405 for all but GET",
    "api_verifications": "405 for all but GET",
    "api_openapi": "405 for all but GET",
}
# /django-admin/ shows rows and changes none (test_django_admin.py).
READ_ONLY = "admin:"


def test_every_route_has_a_recipe_or_a_reason():
    found = {name for name in routes() if not name.startswith(READ_ONLY)}
    with_recipe = {recipe.route for recipe in RECIPES}
    assert {"queue_approve", "staff_change", "upload"} <= with_recipe
    assert found - with_recipe - WITHOUT_ENTRY.keys() == set()


def test_nothing_stands_here_that_is_not_there():
    listed = [*{recipe.route for recipe in RECIPES}, *WITHOUT_ENTRY]
    assert set(listed) - routes().keys() == set()
    assert len(listed) == len(set(listed)), "a route stands in two lists"


def test_views_that_only_read_are_no_acts():
    assert not {"queue", "audit", "staff_keys", "live", "metrics"} & routes().keys()


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_it_leaves_an_entry(recipe, house, django_capture_on_commit_callbacks):
    act = recipe.prepare(house)
    newest = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with django_capture_on_commit_callbacks(execute=True):
        answer = act.client.post(act.url, act.form, **act.more)
    left = Entry.objects.filter(pk__gt=newest).values_list("action", flat=True)
    assert recipe.action in left, f"{answer.status_code}: {list(left)}"
