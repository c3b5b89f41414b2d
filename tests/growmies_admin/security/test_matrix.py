"""Every address x everybody who may ask x every kind of method: who comes in, who is turned away.

The addresses come from the resolver; what each answers stands in table.py and here, by hand. An
address without a row fails.
"""

import pytest
from django.test import Client

from growmies_admin.accounts import tokens
from growmies_admin.accounts.models import Staff
from growmies_admin.displays import cookies, keys
from tests.growmies_admin.accounts.place import Place, kept
from tests.growmies_admin.accounts.table import ACTS, BOARDS, PAGES, PEOPLE, ROLES
from tests.growmies_admin.security.acting import BACKEND
from tests.growmies_admin.security.walking import addresses

pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST", "DELETE", "PROPFIND")
NOBODY_KNOWS = {"PROPFIND"}  # as good as DELETE; asked by those who come farthest
WITHOUT_SESSION = ("stranger", "deactivated", "token")
FARTHEST = ("stranger", "administrator")
PRINCIPALS = (*WITHOUT_SESSION, "nobody", *ROLES, "display")

# What happens to a request.
IN, REFUSED, SIGN_IN, METHOD, ABSENT = "in", "refused", "sign in", "method", "absent"

# Answers by method, as far as they are the same for everybody whom a row is about.
READ = {"GET": IN}
WRITE = {"POST": IN}
BOTH = {"GET": IN, "POST": IN}
ALL = dict.fromkeys(METHODS, IN)  # views of libraries that answer any method alike
NOT_THERE = dict.fromkeys(METHODS, ABSENT)
NOTHING_TO_READ = {"GET": ABSENT}
LEADS_ELSEWHERE = {"GET": IN, "POST": IN, "DELETE": IN}
NO_SUCH_LINK = {"GET": ABSENT, "POST": ABSENT}

# Open to everybody; what they need is in the address, in a header, or nothing.
OPEN = {
    **dict.fromkeys(("live", "ready", "health", "up", "metrics"), READ),
    **dict.fromkeys(("mobile_manifest", "mobile_worker", "pair", "forgotten_password"), READ),
    **dict.fromkeys(("upload", "upload_place", "staff_password"), NO_SUCH_LINK),
    "upload_withdraw": {"POST": ABSENT},
    "pair_code": WRITE,
    "api_alerts": {"POST": SIGN_IN},  # Alertmanager's token, which nobody here has
    "provider_callback": NOT_THERE,  # no provider is set up
    "discord_login": NOT_THERE,  # nor is Discord
    "discord_callback": NOT_THERE,
    **dict.fromkeys(("account_inactive", "account_email_verification_sent"), READ),
    **dict.fromkeys(("account_reset_password", "account_reset_password_done"), READ),
    **dict.fromkeys(
        ("account_reset_password_from_key_done", "socialaccount_login_cancelled"), READ
    ),
    **dict.fromkeys(("account_signup", "account_reset_password_from_key"), ALL),  # closed
    "account_confirm_email": {"GET": IN, "POST": ABSENT},
    "socialaccount_login_error": {"GET": SIGN_IN},  # says that it failed, with 401
    "socialaccount_signup": dict.fromkeys(METHODS, SIGN_IN),
    **dict.fromkeys(
        [
            f"/accounts/social/{end}"
            for end in ("login/cancelled/", "login/error/", "signup/", "connections/")
        ],
        LEADS_ELSEWHERE,
    ),
}
# Open to whoever is not signed in, and leads on who is.
DOORS = {
    "account_login": BOTH,
    "mfa_login_webauthn": {"GET": SIGN_IN, "POST": SIGN_IN},  # back to the page of the sign-in
}
# A Bearer token's; no session helps.
BY_TOKEN = {"api_verification_queue": READ, "api_verifications": READ, "api_openapi": READ}
# For everybody who is signed in, about themselves.
OWN = {
    "home": READ,
    **dict.fromkeys(("account_keys", "account_reauthenticate", "account_change_password"), BOTH),
    "socialaccount_connections": BOTH,
    **dict.fromkeys(("staff_keys", "mfa_index", "mfa_list_webauthn"), READ),
    "staff_key_open": WRITE,
    **dict.fromkeys(("no_mail", "account_email", "mfa_view_recovery_codes"), NOTHING_TO_READ),
    **dict.fromkeys(("mfa_download_recovery_codes", "mfa_deactivate_totp"), NOT_THERE),
    **dict.fromkeys(
        # Each leads on whoever has not confirmed who they are, whatever the method.
        ["account_set_password", "account_confirm_login_code", "mfa_authenticate"]
        + ["mfa_reauthenticate", "mfa_activate_totp", "mfa_generate_recovery_codes"]
        + ["mfa_add_webauthn", "mfa_reauthenticate_webauthn", "mfa_remove_webauthn"]
        + ["mfa_edit_webauthn"],
        ALL,
    ),
}
READ_BY_POST_TOO = {"quality_told": {"moderator", "compliance"}}  # an act that also reads


def expected(name, principal, method):
    if principal == "display":
        return IN if name in BOARDS and method == "GET" else REFUSED
    if name in OPEN:
        return OPEN[name].get(method, METHOD)
    if name in DOORS:
        inside = principal not in WITHOUT_SESSION
        return IN if inside else DOORS[name].get(method, METHOD)
    if name in BY_TOKEN:
        allowed = BY_TOKEN[name].get(method, METHOD)
        return SIGN_IN if allowed == IN and principal != "token" else allowed
    if principal in WITHOUT_SESSION:
        return SIGN_IN
    if name in OWN:
        if (name, principal, method) == ("home", "nobody", "GET"):
            return REFUSED
        return OWN[name].get(method, METHOD)
    return by_right(name, principal, method)


def by_right(name, principal, method):
    readers = PAGES.get(name, READ_BY_POST_TOO.get(name, set()))
    doers = ACTS[name][0] if name in ACTS else set()
    if principal not in readers | doers:
        return REFUSED
    allowed = {"GET": readers, "POST": doers}.get(method, set())
    return IN if principal in allowed else METHOD


@pytest.fixture
def place(evidence_dir, staff):
    return Place()


@pytest.fixture
def as_(place, staff, settings):
    """A client of a principal: `as_("moderator")`."""

    def make(principal):
        client = Client(raise_request_exception=False)
        if principal == "display":
            client.cookies[cookies.KEY] = keys.issue(place.display)
        elif principal == "token":
            owner = staff("moderator", "compliance", username="program")
            issued = tokens.issue("t", owner=owner, scopes=["queue:read"], by=place.other)
            _, plain = tokens.open_once(issued.pk, owner=owner)
            client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {plain}"
        elif principal == "deactivated":
            gone = staff("administrator", "moderator", "operator", username="gone")
            client.force_login(gone, backend=BACKEND)
            Staff.objects.filter(pk=gone.pk).update(is_active=False)
        elif principal != "stranger":
            person = staff(*([] if principal == "nobody" else [principal]), username=principal)
            client.force_login(person, backend=BACKEND)
        return client

    return make


def what_happened(name, answer):
    where = answer.headers.get("Location", "")
    if answer.status_code >= 500 and name not in ("ready", "health", "up"):
        return f"{answer.status_code}"
    if answer.status_code == 405:
        return METHOD
    if answer.status_code == 401 or where.startswith(("/accounts/login/", "/displays/pair/")):
        return SIGN_IN
    if answer.status_code == 403 or where == "/wall/main/":
        return REFUSED
    return ABSENT if answer.status_code == 404 else IN


@pytest.fixture
def urls(place):
    """Name (or route, where it has none) -> an address that leads to something where it can."""
    found = {}
    for one in addresses():
        known = one.name in PAGES or one.name in ACTS
        found[one.name or one.route] = place.url(one.name) if known else one.path
    return {name: url for name, url in found.items() if name != "account_logout"}


@pytest.mark.parametrize("principal", PRINCIPALS)
def test_it_works(urls, as_, principal):
    """First what must change nothing, then the acts that are allowed."""
    client = as_(principal)
    methods = [m for m in METHODS if m not in NOBODY_KNOWS or principal in FARTHEST]
    asked = [(n, m) for n in urls if not n.startswith("admin:") for m in methods]
    may_act = [(n, m) for n, m in asked if m == "POST" and expected(n, principal, m) == IN]
    wrong, before = [], kept()
    for name, method in [pair for pair in asked if pair not in may_act] + may_act:
        if (name, method) in may_act[:1]:
            assert kept() == before, "what was refused has changed something"
        got = what_happened(name, client.generic(method, urls[name]))
        right = expected(name, principal, method)
        if got != right and (got, right) != (ABSENT, IN):  # an act on nobody
            wrong.append(f"{method} {name}: {got}, not {right}")
    assert not wrong


@pytest.mark.parametrize("principal", PRINCIPALS)
def test_the_django_admin(urls, as_, principal):
    """For administrators, to read; test_django_admin.py says what of it."""
    client = as_(principal)
    before = kept()
    for name in (name for name in urls if name.startswith("admin:")):
        for method in ("GET", "POST"):
            got = what_happened(name, client.generic(method, urls[name]))
            if principal in WITHOUT_SESSION:
                assert got == SIGN_IN, name
            elif principal != "administrator":
                assert got == REFUSED, name
            else:
                assert got in (IN, REFUSED, METHOD, ABSENT), name
    assert kept() == before


def test_every_address_has_a_row(urls):
    rows = {*OPEN, *DOORS, *BY_TOKEN, *OWN, *PAGES, *ACTS}
    assert {name for name in urls if not name.startswith("admin:")} == rows


def test_signing_out_is_for_everybody_and_needs_a_post(as_):
    for principal in ("stranger", "viewer"):
        client = as_(principal)
        assert client.get("/accounts/logout/").status_code in (200, 302)
        assert client.post("/accounts/logout/").status_code == 302
    assert set(ROLES) == PEOPLE
