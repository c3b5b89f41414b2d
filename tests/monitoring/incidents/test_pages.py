"""/incidents/…: what people see and can do there."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from monitoring.alerts.models import Acknowledgement, Alert
from monitoring.incidents import moving, opening
from monitoring.incidents.models import (
    EmergencyContact,
    EscalationPolicy,
    Incident,
    MaintenanceWindow,
    Override,
    Rota,
    Shift,
)
from monitoring.incidents.states import State
from tests.monitoring.alerts.conftest import alert

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def olga(staff):
    return staff("operator", username="olga")


@pytest.fixture
def operator(olga, sign_in):
    return sign_in(olga)


@pytest.fixture
def incident(clock, deliver):
    return deliver(alert(1, runbook_url="x"))


def text(answer):
    return answer.content.decode()


def act(client, incident, name, headers=None, **form):
    return client.post(reverse(f"incident_{name}", args=[incident.pk]), form, headers=headers or {})


def test_it_works(operator, incident):
    page = text(operator.get("/incidents/"))
    assert "Discord bot is offline" in page
    assert f"INC-{incident.pk}" in page
    page = text(operator.get(incident.get_absolute_url()))
    assert "DiscordBotDown fired, critical" in page
    assert "Acknowledge" in page and "Escalate" in page


def test_acknowledging_acknowledges_its_alerts_too(operator, incident, olga):
    assert act(operator, incident, "acknowledge").status_code == 302
    incident.refresh_from_db()
    assert (incident.state, incident.commander) == (State.ACKNOWLEDGED, olga)
    assert Acknowledgement.objects.get(alert=Alert.objects.get()).by == olga


def test_acknowledging_its_alert_acknowledges_it(operator, incident, olga):
    operator.post(reverse("alert_acknowledge", args=[Alert.objects.get().pk]), {"comment": "Mine"})
    incident.refresh_from_db()
    assert (incident.state, incident.acknowledged_by) == (State.ACKNOWLEDGED, olga)


def test_twice_says_who_was_faster(operator, incident):
    act(operator, incident, "acknowledge")
    answer = act(operator, incident, "acknowledge", HTMX)
    assert answer.status_code == 409
    assert "olga has acknowledged it already." in text(answer)


def test_the_whole_way(operator, incident):
    act(operator, incident, "acknowledge")
    act(operator, incident, "note", text="It is the <b>token</b>.")
    act(operator, incident, "move", to="mitigated", reason="New token.")
    act(operator, incident, "move", to="resolved", reason="Back.")
    act(operator, incident, "move", to="closed", reason="Calendar entry.")
    incident.refresh_from_db()
    assert incident.state == State.CLOSED
    page = text(operator.get(incident.get_absolute_url()))
    assert "It is the &lt;b&gt;token&lt;/b&gt;." in page
    assert "Calendar entry." in page


def test_a_move_without_a_reason_is_refused(operator, incident):
    answer = act(operator, incident, "move", HTMX, to="resolved", reason=" ")
    assert answer.status_code == 409
    assert "Say what was done" in text(answer)


def test_a_moderator_acknowledges_and_no_more(staff, sign_in, incident):
    client = sign_in(staff("moderator"))
    page = text(client.get(incident.get_absolute_url()))
    assert "incident_move" not in page and "/move/" not in page
    assert act(client, incident, "move", to="resolved", reason="x").status_code == 403
    assert act(client, incident, "note", text="x").status_code == 403
    assert act(client, incident, "acknowledge").status_code == 302


@pytest.mark.parametrize("role", ["viewer", "compliance", "administrator"])
def test_others_look(staff, sign_in, incident, role):
    client = sign_in(staff(role))
    page = text(client.get(incident.get_absolute_url()))
    assert "/acknowledge/" not in page
    assert act(client, incident, "acknowledge").status_code == 403


def test_a_poll_is_silent_while_nothing_changes(operator, incident):
    url = incident.get_absolute_url()
    page = operator.get(url)
    query = {"part": "live", "seen": page.context["version"], "state": "open"}
    assert operator.get(url, query, headers=HTMX).status_code == 204
    moving.add_note(incident.pk, "Look at this.", by=incident.commander)
    answer = operator.get(url, query, headers=HTMX)
    assert answer.status_code == 200
    assert "Look at this." in text(answer) and "<html" not in text(answer)
    # Nothing is taken away from whoever types a reason.
    assert 'id="incident-acts"' not in text(answer)


def test_the_list_is_silent_while_nothing_changes(operator, incident):
    version = operator.get("/incidents/").context["version"]
    query = {"part": "list", "seen": version}
    assert operator.get("/incidents/", query, headers=HTMX).status_code == 204


def test_the_list_asks_no_more_for_more_incidents(operator, olga, levels, statements):
    def look():
        return operator.get("/incidents/?tab=all")

    def fill(number):
        for n in range(number):
            opening.open_by_hand(by=olga, title=f"Number {n}", severity="warning")

    fill(2)
    few = statements(look)
    fill(30)
    assert statements(look) <= few
    older = look().context["page"].next_before
    assert "Number 0" in text(operator.get(f"/incidents/?tab=all&before={older}"))


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=offline", True), ("q=nothing", False), ("severity=info", False), ("tab=over", False)],
)
def test_filters(operator, incident, query, found):
    page = text(operator.get(f"/incidents/?{query}"))
    assert (f"/incidents/{incident.pk}/" in page) == found


def test_by_hand(operator, olga):
    form = {"title": "Members see no channels", "severity": "critical", "text": "Since noon."}
    answer = operator.post("/incidents/new/", form)
    incident = Incident.objects.get()
    assert answer["Location"] == incident.get_absolute_url()
    assert incident.opened_by == olga
    assert operator.post("/incidents/new/", {"title": ""}).status_code == 422


def test_another_commander(operator, incident, staff):
    bo = staff("moderator", username="bo")
    act(operator, incident, "commander", person=bo.pk)
    incident.refresh_from_db()
    assert incident.commander == bo
    assert act(operator, incident, "commander", person="999999").status_code == 404


def test_escalate(operator, incident):
    act(operator, incident, "escalate")
    assert incident.step_runs.get(position=1).state == "nobody"
    page = text(operator.get(incident.get_absolute_url()))
    assert "Nobody can be reached: no way to olga" in page
    assert "Nobody has been reached" in page
    act(operator, incident, "acknowledge")
    assert "Nobody has been reached" not in text(operator.get(incident.get_absolute_url()))


def test_what_would_reach_nobody_is_shown_before(operator, incident, levels, rota):
    page = text(operator.get("/incidents/on-call/"))
    assert "Levels, step 1: Nobody can be reached: no way to ada" in page


def test_export(operator, incident):
    act(operator, incident, "acknowledge")
    answer = operator.get(reverse("incident_export", args=[incident.pk]))
    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    body = text(answer)
    assert body.startswith(f"# INC-{incident.pk}: Discord bot is offline")
    assert "| Acknowledged | after " in body
    assert "DiscordBotDown fired, critical" in body


def test_no_such_incident(operator):
    assert operator.get("/incidents/999/").status_code == 404


def on_call(client, act, **form):
    prefixed = {f"{act}-{name}": value for name, value in form.items()}
    return client.post("/incidents/on-call/change/", {"act": act, **prefixed})


def test_a_rota_with_a_shift_and_an_override(operator, olga, staff):
    on_call(operator, "rota", name="First level")
    rota = Rota.objects.get()
    span = {"starts_at": "2026-04-20T09:00", "ends_at": "2026-04-27T09:00"}
    on_call(operator, "shift", rota=rota.pk, person=olga.pk, every_weeks="1", **span)
    assert Shift.objects.get().every_weeks == 1
    bo = staff("moderator", username="bo")
    now = timezone.localtime()
    soon = {
        "starts_at": f"{now:%Y-%m-%dT%H:%M}",
        "ends_at": f"{now + timedelta(hours=2):%Y-%m-%dT%H:%M}",
    }
    on_call(operator, "override", rota=rota.pk, person=bo.pk, reason="Swap", **soon)
    assert Override.objects.get().person == bo
    page = text(operator.get("/incidents/on-call/"))
    assert "bo stands in" in page
    change = "/incidents/on-call/change/"
    operator.post(change, {"act": "drop_override", "pk": Override.objects.get().pk})
    operator.post(change, {"act": "drop_shift", "pk": Shift.objects.get().pk})
    operator.post(change, {"act": "drop_rota", "pk": rota.pk})
    assert not Rota.objects.exists()


def test_a_shift_that_ends_before_it_begins(operator, olga, rota):
    span = {"starts_at": "2026-04-20T09:00", "ends_at": "2026-04-20T08:00"}
    answer = on_call(
        operator, "shift", rota=rota["First level"].pk, person=olga.pk, every_weeks="", **span
    )
    assert answer.status_code == 422
    assert "A shift must end after it begins." in text(answer)


def test_a_rota_that_a_policy_needs_stays(operator, levels, rota):
    operator.post("/incidents/on-call/change/", {"act": "drop_rota", "pk": rota["First level"].pk})
    assert Rota.objects.count() == 2


def policy(client, prefix, **form):
    return client.post(
        "/incidents/policies/change/",
        {f"{prefix}-{name}": value for name, value in form.items()} | {"pk": prefix[1:]},
    )


def test_a_policy(operator, rota):
    first = rota["First level"]
    steps = {"whom_1": f"on_call:{first.pk}", "whom_2": "everyone", "after_2": "10"}
    policy(operator, "new", name="Two steps", is_default="on", **steps)
    made = EscalationPolicy.objects.get()
    assert made.is_default
    assert [(s.kind, s.after_minutes) for s in made.steps.all()] == [
        ("on_call", 0),
        ("everyone", 10),
    ]
    policy(operator, f"p{made.pk}", name="One step", whom_1="everyone")
    made.refresh_from_db()
    assert (made.name, made.is_default, made.steps.count()) == ("One step", False, 1)
    operator.post("/incidents/policies/change/", {"pk": made.pk, "act": "drop"})
    assert not EscalationPolicy.objects.exists()


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ({}, "A policy needs a step."),
        (
            {"whom_1": "everyone", "after_1": "9", "whom_2": "everyone", "after_2": "3"},
            "A later step can&#x27;t come sooner",
        ),
    ],
)
def test_a_policy_refused(operator, steps, why):
    answer = policy(operator, "new", name="Wrong", **steps)
    assert answer.status_code == 422
    assert why in text(answer)
    assert not EscalationPolicy.objects.exists()


def window(client, hours, **form):
    now = timezone.localtime()
    span = {
        "starts_at": f"{now:%Y-%m-%dT%H:%M}",
        "ends_at": f"{now + timedelta(hours=hours):%Y-%m-%dT%H:%M}",
    }
    return client.post("/incidents/maintenance-windows/change/", {"title": "Restart"} | span | form)


def test_a_window(operator):
    """Alertmanager is not there: the window holds here, and says so."""
    window(operator, 2, service="bot")
    page = text(operator.get("/incidents/maintenance-windows/"))
    assert "every alert of bot" in page
    assert "Alertmanager is not installed or not configured here." in page
    assert "Maintenance window: Restart" in text(operator.get("/incidents/"))
    pk = MaintenanceWindow.objects.get().pk
    operator.post("/incidents/maintenance-windows/change/", {"act": "end", "pk": pk})
    assert not MaintenanceWindow.objects.active().exists()


@pytest.mark.parametrize("hours", [25, -1])
def test_a_window_ends_by_itself(operator, hours):
    assert window(operator, hours).status_code == 422
    assert not MaintenanceWindow.objects.exists()


def test_a_window_covers_what_fires_in_it(clock, operator, deliver):
    window(operator, 2, service="bot")
    assert deliver(alert(1)) is None
    clock.shift(7200)
    assert deliver(alert(1)) is not None


def test_contacts(operator, staff, sign_in):
    form = {
        "new-name": "Sam",
        "new-role": "Owner",
        "new-phone": "+1 (609) 555-0100",
        "new-email": "sam@example.org",
        "new-position": "1",
    }
    operator.post("/incidents/contacts/change/", form)
    phone = text(operator.get("/mobile/?part=1"))
    assert 'href="tel:+16095550100"' in phone
    assert 'href="mailto:sam@example.org"' in phone
    pk = EmergencyContact.objects.get().pk
    operator.post("/incidents/contacts/change/", {"act": "drop", "pk": pk})
    assert not EmergencyContact.objects.exists()


@pytest.mark.parametrize("wrong", [{"new-phone": "call me"}, {"new-phone": "", "new-email": ""}])
def test_a_contact_that_nobody_could_reach(operator, wrong):
    form = {"new-name": "Sam", "new-position": "1"} | wrong
    assert operator.post("/incidents/contacts/change/", form).status_code == 422
    assert not EmergencyContact.objects.exists()
