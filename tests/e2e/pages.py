"""Which addresses are pages, who may open them, and one of everything for them to be about."""

import json
from functools import cache
from typing import Any

from monitoring.ui.routes import all_routes
from tests.growmies_admin.accounts.table import ACTS, BEARER, PAGES, ROLES, SIGNED
from tests.running import Stack

# Whoever comes first and may open a page is the one for whom it is judged.
JUDGED_FOR = ("moderator", "compliance", "operator", "administrator", "viewer")
assert set(JUDGED_FOR) == set(ROLES)

# What a page asks for or saves as a file: no pages, although somebody may read them.
PARTS = {"status_chip", "inbox_rows", "queue_rows", "queue_watch", "queue_upcoming", "alert_rows"}
PARTS |= {"alert_chart", "kpi_chart", "incident_figures_chart", "kpis_export", "incident_export"}
PARTS |= {name for name in PAGES if name.startswith("wall_") and name.count("_") > 1}
# The same for everybody who is signed in.
OWN = {"account_keys", "staff_keys", "mfa_index", "mfa_list_webauthn"}
OWN |= {"account_change_password", "account_reauthenticate"}
# For whoever is not signed in.
DOORS = {"account_login", "account_signup", "forgotten_password", "pair", "staff_password"}
DOORS |= {"account_inactive", "socialaccount_login_cancelled", "upload"}
# What answers no page of its own: leads elsewhere, is for programs, or is not there without more.
NO_PAGES = {"home", "account_logout", "no_mail", "pair_code", "upload_place", "upload_withdraw"}
NO_PAGES |= {"staff_key_open"}
NO_PAGES |= {"live", "ready", "health", "up", "metrics", "mobile_manifest", "mobile_worker"}
NO_PAGES |= {"api_alerts", "discord_login", "discord_callback", *SIGNED, *BEARER}
NO_PAGES |= {"account_email", "account_email_verification_sent", "account_set_password"}
NO_PAGES |= {"account_reset_password", "account_reset_password_done", "account_confirm_email"}
NO_PAGES |= {"account_reset_password_from_key", "account_reset_password_from_key_done"}
NO_PAGES |= {"account_confirm_login_code", "socialaccount_login_error", "socialaccount_signup"}
NO_PAGES |= {"socialaccount_connections"}
NO_PAGES |= {
    f"mfa_{act}" for act in ("authenticate", "reauthenticate", "deactivate_totp", "activate_totp")
}
NO_PAGES |= {f"mfa_{act}_recovery_codes" for act in ("view", "download", "generate")}
NO_PAGES |= {f"mfa_{act}_webauthn" for act in ("add", "reauthenticate", "remove", "edit", "login")}

# Of the Django admin, whose pages are made by Django: those that need no row.
ADMIN_READS = ("index", "changelist")

# Runs inside the site, once a stack.
_PLACE = """
import json
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse
from compliance.uploads import opening
from compliance.members import roster
from growmies_admin.accounts import staff
from growmies_admin.accounts.models import Staff
from tests.growmies_admin.accounts.place import Place
from tests.growmies_admin.security.acting import BACKEND
names, people = json.loads('%s')
with transaction.atomic():
    place = Place()
    urls = {name: place.url(name) for name in names}
    link = opening.open_request(roster.seen(1187342001234560099, "swept")).url
    urls["upload"] = link
    urls["staff_password"] = staff.password_link(place.other)
cookies = {}
for person in people:
    client = Client()
    client.force_login(Staff.objects.get(username=person), backend=BACKEND)
    cookies[person] = client.cookies[settings.SESSION_COOKIE_NAME].value
print(json.dumps({"urls": urls, "cookie": settings.SESSION_COOKIE_NAME, "sessions": cookies}))
"""


def pages_of(role: str) -> list[str]:
    """Names of the pages that this role may open, in the order of the table."""
    return [name for name, readers in PAGES.items() if role in readers and name not in PARTS]


def judged_for(name: str) -> str:
    """The role for which a page is judged in an ordinary run."""
    return next(role for role in JUDGED_FOR if role in PAGES[name])


@cache
def names_of_routes() -> frozenset[str]:
    """Every address of the resolver but the Django admin's and second names of the same."""
    return frozenset(
        one.name for one in all_routes() if one.name and not one.name.startswith("admin:")
    )


def admin_pages() -> list[str]:
    return [
        one.template
        for one in all_routes()
        if one.name.startswith("admin:") and one.name.endswith(ADMIN_READS) and not one.parameters
    ]


def make_place(stack: Stack) -> dict[str, Any]:
    """Addresses by name, and a session's cookie for each role."""
    names = sorted({*PAGES, *OWN, *DOORS} - PARTS - {"upload", "staff_password"})
    found: dict[str, Any] = stack.python(_PLACE % json.dumps([names, ROLES]))
    return found


def unlisted() -> set[str]:
    """Addresses of the resolver of which nobody said whether they are a page."""
    return names_of_routes() - {*PAGES, *ACTS, *OWN, *DOORS, *NO_PAGES}
