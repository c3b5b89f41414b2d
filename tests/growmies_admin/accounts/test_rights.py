"""Every page and every role: who comes in, and who is told why not (contract.md, "Roles and
rights"). The table stands here by hand, so that a wrong right in the code shows."""

import io
from datetime import timedelta

import pytest
from django.urls import get_resolver, reverse
from django.utils import timezone
from PIL import Image

from compliance import policy
from compliance.appeals.models import Appeal
from compliance.effects import delivery, outbox
from compliance.effects.models import Effect
from compliance.members import roster
from compliance.verification import claims, decisions, evidence, requests, submission
from compliance.verification.models import Claim, Decision
from compliance.verification.quality_models import (
    Dispute,
    GoldenCase,
    SecondReview,
    SecondReviewClaim,
)
from growmies_admin.accounts.models import ApiToken, RoleAssignment, Staff
from growmies_admin.accounts.scopes import Scope
from growmies_admin.displays import cookies, keys
from growmies_admin.displays.models import Display
from monitoring.alerts.models import Acknowledgement, Alert, Delivery
from monitoring.audit.models import Entry
from monitoring.incidents import opening
from monitoring.incidents.models import Incident, Rota
from monitoring.maintenance.models import JobRun

pytestmark = pytest.mark.django_db

ROLES = ("viewer", "moderator", "compliance", "operator", "administrator")
PEOPLE = set(ROLES)
REVIEWERS = {"moderator", "compliance"}

# What a paired display sees, and nothing else.
BOARDS = ("wall_main", "wall_main_panels", "wall_main_charts")
# Its own board only; people see them all.
OTHER_BOARDS = tuple(
    f"wall_{board}{part}"
    for board in ("secondary", "overview", "community")
    for part in ("", "_panels", "_charts")
)
# Pages: name -> who may read it. Members go with verification; what Discord still has to do
# is for those who decide and those who operate.
PAGES = {
    **dict.fromkeys((*BOARDS, *OTHER_BOARDS), PEOPLE),
    "mobile": PEOPLE,
    "status_chip": PEOPLE,
    "queue": REVIEWERS,
    "queue_rows": REVIEWERS,
    "queue_item": REVIEWERS,
    "second_reviews": REVIEWERS,
    "second_review": REVIEWERS,
    "disputes": {"compliance"},
    "quality": REVIEWERS,
    "queue_watch": REVIEWERS,
    "queue_upcoming": REVIEWERS,
    "queue_look": {"compliance"},
    "queue_bulk": {"compliance"},
    "appeals": REVIEWERS,
    "appeal": REVIEWERS,
    "members": REVIEWERS,
    "member": REVIEWERS,
    "member_erase": {"compliance"},
    "effects": REVIEWERS | {"operator"},
    "audit": {"moderator", "compliance", "operator", "administrator"},
    "alerts": PEOPLE,
    "alert_rows": PEOPLE,
    "alert": PEOPLE,
    "alert_chart": PEOPLE,
    "alert_silences": PEOPLE,
    "alert_channels": PEOPLE,
    "kpis": PEOPLE,
    "kpis_export": PEOPLE,
    "kpi": PEOPLE,
    "kpi_chart": PEOPLE,
    "uptime": PEOPLE,
    "maintenance": PEOPLE,
    "job": PEOPLE,
    "incidents": PEOPLE,
    "incident": PEOPLE,
    "incident_export": PEOPLE,
    "incident_figures": PEOPLE,
    "incident_figures_chart": PEOPLE,
    "incident_open": {"operator"},
    "on_call": PEOPLE,
    "policies": PEOPLE,
    "maintenance_windows": PEOPLE,
    "contacts": PEOPLE,
    "displays": PEOPLE,
    "display": PEOPLE,
    "staff": {"administrator"},
    "staff_tokens": {"administrator"},
}

# Acts: name -> who may do it, what is sent, and what somebody with the right is answered.
ACTS = {
    "queue_next": (REVIEWERS, {}, 302),
    "queue_claim": (REVIEWERS, {}, 302),
    "queue_renew": (REVIEWERS, {}, 409),  # nothing is claimed yet
    "queue_release": (REVIEWERS, {}, 302),
    "queue_picture": (REVIEWERS, {}, 409),
    "queue_look_at": ({"compliance"}, {"reason": "An appeal names it."}, 200),
    "queue_bulk": ({"compliance"}, {"act": "release", "which": "all"}, 200),
    "queue_approve": (REVIEWERS, {"version": "2"}, 409),
    "queue_deny": (REVIEWERS, {"version": "2", "reason": "altered"}, 409),
    "queue_more": (REVIEWERS, {"version": "2", "note": "The back."}, 409),
    "queue_escalate": (REVIEWERS, {"version": "2", "note": "Look."}, 409),
    "queue_override": ({"compliance"}, {"version": "2", "note": "Why."}, 409),
    "queue_undo": (REVIEWERS, {}, 409),  # somebody else's decision
    "second_review_claim": (REVIEWERS, {}, 302),
    "second_review_renew": (REVIEWERS, {}, 409),  # nothing is claimed yet
    "second_review_release": (REVIEWERS, {}, 302),
    "second_review_picture": (REVIEWERS, {}, 409),
    "second_review_answer": (REVIEWERS, {"answer": "approved"}, 409),
    "dispute_settle": ({"compliance"}, {"note": "Why."}, 409),  # there is none
    "appeal_decide": (REVIEWERS, {"version": "1", "outcome": "granted"}, 302),
    "appeal_undo": (REVIEWERS, {}, 409),  # it is open
    "quality_seed": ({"compliance"}, {}, 302),
    "quality_told": (REVIEWERS, {}, 302),
    "member_erase": ({"compliance"}, {"typed": "1187342001234567892", "reason": "asked"}, 302),
    "effect_retry": ({"compliance", "operator"}, {}, 302),
    "alert_acknowledge": ({"moderator", "operator"}, {"comment": "Mine."}, 302),
    "alert_withdraw": ({"moderator", "operator"}, {}, 302),  # nobody has acknowledged it
    "alert_silence": ({"operator"}, {"hours": "1"}, 302),
    "alert_silence_end": ({"operator"}, {}, 302),
    "alert_channel_test": ({"operator"}, {"channel": "discord", "target": "ops"}, 302),
    "job_run": ({"operator"}, {}, 302),
    "incident_open": ({"operator"}, {"title": "Dark", "severity": "critical"}, 302),
    "incident_acknowledge": ({"moderator", "operator"}, {}, 302),
    "incident_move": ({"operator"}, {"to": "resolved", "reason": "Restarted."}, 302),
    "incident_note": ({"operator"}, {"text": "Look."}, 302),
    "incident_commander": ({"operator"}, {"person": "0"}, 404),  # there is nobody of that number
    "incident_escalate": ({"operator"}, {}, 302),
    "on_call_change": ({"operator"}, {"act": "rota", "rota-name": "First"}, 302),
    "policy_change": ({"operator"}, {}, 422),  # the form is empty
    "window_change": ({"operator"}, {}, 422),
    "contact_change": ({"operator"}, {}, 422),
    "staff": ({"administrator"}, {"username": "new", "roles": ["viewer"]}, 200),
    "staff_change": ({"administrator"}, {"act": "roles", "roles": ["viewer"]}, 302),
    "staff_tokens": ({"administrator"}, {}, 422),  # the form is empty
    "staff_token_revoke": ({"administrator"}, {}, 302),
    "display_code": ({"operator"}, {}, 422),
    "display_confirm": ({"operator"}, {}, 422),
    "display_change": ({"operator"}, {"name": "Hall", "board": "main"}, 302),
    "display_revoke": ({"operator"}, {"reason": "Sold."}, 302),
}

ACTS_ON_AN_INCIDENT = {
    f"incident_{act}" for act in ("acknowledge", "move", "note", "commander", "escalate", "export")
}

# Open to the world, each for a reason of its own.
PUBLIC = {
    "live", "ready", "health", "up", "metrics",  # probes and scrapes; nothing of members in them
    "mobile_manifest", "mobile_worker",  # files of the phone page
    "upload", "upload_withdraw",  # the link is the right
    "staff_password",  # the invitation is the right
    "pair", "pair_code",  # a screen that asks to be paired (tests/growmies_admin/displays/)
}  # fmt: skip
# A Bearer token is the right, and no session is (tests/growmies_admin/api/).
SIGNED = {"provider_callback"}  # a signature is (tests/compliance/verification/test_provider.py)
BEARER = {"api_verification_queue", "api_verifications", "api_openapi"}
BEARER |= {"api_alerts"}  # Alertmanager's own token (tests/monitoring/alerts/test_intake.py)
# For everybody who is signed in, about themselves.
OWN = {"home", "account_keys"}
# Pages of libraries: sign-in and one's own second factors; rows for administrators
# (test_django_admin.py).
LIBRARIES = ("accounts/", "django-admin/")


OF_ONE_ALERT = ("chart", "acknowledge", "withdraw", "silence")


class Place:
    """One of everything that a page can be about."""

    def __init__(self):
        out = io.BytesIO()
        Image.new("RGB", (240, 200)).save(out, "JPEG")
        self.other = Staff.objects.create_user("other")
        first, second = self._pending(1, out), self._pending(2, out)
        claims.claim(first.pk, self.other)
        evidence.reveal(first.pk, 1, self.other)
        self.decision = decisions.approve(first.pk, moderator=self.other, version=2)
        self.request = second
        fourth = self._pending(4, out)
        claims.claim(fourth.pk, self.other)
        denied = decisions.deny(fourth.pk, moderator=self.other, version=2, reason="altered")
        self.appeal = Appeal.objects.create(
            decision=denied, member=fourth.member, decision_by=self.other, words="It is not."
        )
        third = self._pending(3, out)
        self.review = SecondReview.objects.create(request=third)
        claims.claim(third.pk, self.other)
        approved = decisions.deny(third.pk, moderator=self.other, version=2, reason="altered")
        self.review.decision, self.review.first_by = approved, self.other
        self.review.due_at = timezone.now()
        self.review.save()
        outbox.want_message(3, "verification", "hello", cause="x", not_before=timezone.now())
        (self.effect,) = delivery.lease_due()
        delivery.failed(self.effect, "Discord said no", 50013)
        self.alert = Alert.objects.create(
            fingerprint="1", starts_at=timezone.now(), name="X", severity="info", status="firing"
        )
        self.incident = opening.open_by_hand(by=self.other, title="Dark", severity="critical")
        self.display = Display.objects.create(
            name="Lobby", board="main", browser="x", address="x", paired_by=self.other
        )
        self.token = ApiToken.objects.create(
            name="daily check",
            owner=self.other,
            scopes=[Scope.QUEUE_READ],
            token_hash=bytes(32),
            prefix="gma_abcdef",
            expires_at=timezone.now() + timedelta(days=1),
        )

    def _pending(self, number, picture):
        member = roster.seen(1187342001234567890 + number, f"member{number}")
        token = requests.open_request(member).url.rstrip("/").rsplit("/", 1)[1]
        return submission.submit(
            token, [picture.getvalue()], consent_version=policy.CONSENT_VERSION
        )

    def url(self, name):
        arguments = {
            "queue_picture": [self.request.pk, 1],
            "queue_look_at": [self.request.pk, 1],
            "queue_undo": [self.decision.pk],
            "dispute_settle": [1],
            "effect_retry": [self.effect.pk],
            "alert_silence_end": ["5b0c1a9e-0000-4000-8000-000000000001"],
            "kpi": ["retention"],
            "kpi_chart": ["retention"],
            "job": ["daily_cleanup"],
            "job_run": ["daily_cleanup"],
            "display": [self.display.pk],
            "display_change": [self.display.pk],
            "display_revoke": [self.display.pk],
            "staff_change": [self.other.pk],
            "staff_token_revoke": [self.token.pk],
            "member": [self.request.member_id],
            "member_erase": [self.request.member_id],
            "second_review": [self.review.pk],
            "appeal": [self.appeal.pk],
            "appeal_decide": [self.appeal.pk],
            "appeal_undo": [self.appeal.pk],
            "second_review_picture": [self.review.pk, 1],
        }
        if name == "incident" or name in ACTS_ON_AN_INCIDENT:
            return reverse(name, args=[self.incident.pk])
        if name.startswith("second_review_") and name != "second_review_picture":
            return reverse(name, args=[self.review.pk])
        if name.startswith("queue_") and name not in {
            "queue_rows",
            "queue_next",
            "queue_bulk",
            *arguments,
        }:
            return reverse(name, args=[self.request.pk])
        if name in {"alert", *(f"alert_{act}" for act in OF_ONE_ALERT)}:
            return reverse(name, args=[self.alert.pk])
        return reverse(name, args=arguments.get(name, []))


@pytest.fixture
def place(evidence_dir, staff):
    return Place()


def kept():
    """What an act could have changed."""
    return (
        Claim.objects.count(),
        SecondReviewClaim.objects.count(),
        sorted(SecondReview.objects.values_list("pk", "outcome")),
        Dispute.objects.count(),
        sorted(Appeal.objects.values_list("pk", "state")),
        GoldenCase.objects.count(),
        Decision.objects.filter(standing=True).count(),
        JobRun.objects.count(),
        Acknowledgement.objects.count(),
        Delivery.objects.count(),
        sorted(Incident.objects.values_list("pk", "state", "commander")),
        Rota.objects.count(),
        sorted(Effect.objects.values_list("pk", "state")),
        sorted(RoleAssignment.objects.values_list("staff", "role")),
        Staff.objects.count(),
        sorted(ApiToken.objects.values_list("pk", "revoked_at")),
        sorted(Display.objects.values_list("pk", "name", "ended_at")),
        Entry.objects.count(),
    )


def is_refused(answer):
    text = answer.content.decode()
    return answer.status_code == 403 and "You may not " in text and "Traceback" not in text


@pytest.mark.parametrize("role", ROLES)
def test_pages(place, staff, sign_in, role):
    client = sign_in(staff(role))
    for name, readers in PAGES.items():
        answer = client.get(place.url(name))
        if role in readers:
            assert answer.status_code in (200, 204), f"{role} {name}: {answer.status_code}"
        else:
            assert is_refused(answer), f"{role} {name}: {answer.status_code}"


@pytest.mark.parametrize(
    ("name", "role"), [(name, role) for name in ACTS for role in sorted(ACTS[name][0])]
)
def test_acts(place, staff, sign_in, name, role):
    _, form, status = ACTS[name]
    answer = sign_in(staff(role)).post(place.url(name), form)
    assert answer.status_code == status


@pytest.mark.parametrize("role", ROLES)
def test_refused_acts_change_nothing(place, staff, sign_in, role):
    client = sign_in(staff(role))
    before = kept()
    for name, (allowed, form, _) in ACTS.items():
        if role not in allowed:
            answer = client.post(place.url(name), form)
            assert is_refused(answer), f"{role} {name}: {answer.status_code}"
    assert kept() == before


def test_a_paired_display_sees_boards_and_nothing_else(place, client):
    client.cookies[cookies.KEY] = keys.issue(place.display)
    for name in {*PAGES, *OWN, "live", "pair"}:
        answer = client.get(place.url(name))
        if name in BOARDS:
            assert answer.status_code == 200, name
        else:
            assert (answer.status_code, answer["Location"]) == (302, "/wall/main/"), name
    before = kept()
    for name, (_, form, _) in ACTS.items():
        assert client.post(place.url(name), form).status_code == 403, name
    assert client.post("/accounts/login/", {"login": "other"}).status_code == 403
    assert kept() == before


def test_a_stranger_is_sent_to_the_sign_in_page_and_a_screen_to_the_pairing(place, client):
    before = kept()
    for name in {*PAGES, *ACTS}:
        url = place.url(name)
        where = f"/accounts/login/?next={url}"
        for board in ("main", "secondary"):  # those that a screen can be paired for
            if url.startswith(f"/wall/{board}/"):
                where = f"/displays/pair/?board={board}"
        for answer in (client.get(url), client.post(url)):
            assert (answer.status_code, answer["Location"]) == (302, where)
    assert kept() == before


def test_somebody_without_a_role_sees_nothing(place, staff, sign_in):
    client = sign_in(staff(username="nobody"))
    for name in {*PAGES, *ACTS}:
        assert is_refused(client.get(place.url(name))), name
        assert is_refused(client.post(place.url(name))), name


def test_a_strangers_partial_leads_to_the_sign_in_page_and_back(client):
    page = "http://testserver/queue/17/?tab=mine"
    for current, back in (
        (page, "/queue/17/%3Ftab%3Dmine"),
        ("https://elsewhere.example/queue/17/", "/"),
        ("", "/"),
    ):
        answer = client.get(
            reverse("queue_rows"), headers={"HX-Request": "true", "HX-Current-URL": current}
        )
        assert answer.status_code == 401
        assert answer["HX-Redirect"] == f"/accounts/login/?next={back}"


@pytest.mark.parametrize(
    ("role", "start"),
    [
        ("viewer", "/mobile/"),
        ("moderator", "/queue/"),
        ("compliance", "/queue/"),
        ("operator", "/maintenance/"),
        ("administrator", "/staff/"),
    ],
)
def test_where_each_role_begins(staff, sign_in, role, start):
    assert sign_in(staff(role)).get("/")["Location"] == start


def test_nobody_begins_anywhere_without_a_role(staff, sign_in):
    answer = sign_in(staff(username="nobody")).get("/")
    assert answer.status_code == 403
    assert "You have no role yet." in answer.content.decode()


def test_rights_add_up(place, staff, sign_in):
    client = sign_in(staff("viewer", "operator", "moderator"))
    for name in ("queue", "effects", "maintenance", "mobile"):
        assert client.get(place.url(name)).status_code == 200
    assert client.post(place.url("job_run")).status_code == 302
    assert is_refused(client.get(place.url("staff")))


def test_a_role_that_has_ended_gives_nothing(place, staff, sign_in):
    person = staff("administrator")
    person.roles.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert is_refused(sign_in(person).get(place.url("staff")))


def test_the_navigation_shows_what_the_role_may_see(staff, sign_in):
    page = sign_in(staff("operator")).get("/maintenance/").content.decode()
    for url in ("/effects/", "/maintenance/", "/audit/", "/wall/main/", "/mobile/"):
        assert f'href="{url}"' in page
    for url in ("/queue/", "/members/", "/staff/"):
        assert f'href="{url}"' not in page


def test_what_does_not_fit_beside_each_other_is_in_a_menu(staff, sign_in):
    page = sign_in(staff("moderator")).get("/kpis/").content.decode()
    bar, menu = page.split('<details class="menu nav-menu">')
    assert 'href="/queue/"' in bar and 'href="/kpis/"' not in bar
    assert '<summary class="current">Operations' in menu
    assert 'href="/kpis/" aria-current="page"' in menu


def test_a_role_with_few_entries_has_no_menu(staff, sign_in):
    page = sign_in(staff("operator")).get("/kpis/").content.decode()
    assert "nav-menu" not in page and 'href="/kpis/" aria-current="page"' in page


def patterns(found, prefix=""):
    for pattern in found:
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from patterns(pattern.url_patterns, route)
        else:
            yield route, pattern.name


def test_no_page_is_forgotten_here():
    ours = {
        name
        for route, name in patterns(get_resolver().url_patterns)
        if not route.startswith(LIBRARIES)
    }
    assert ours == {*PAGES, *ACTS, *PUBLIC, *BEARER, *SIGNED, *OWN}
