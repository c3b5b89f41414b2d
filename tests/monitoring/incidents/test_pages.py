"""/incidents/…: what people see and can do there."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from monitoring.alerts import catalog
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
from tests.pages import in_one_line

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
    act(operator, incident, "move", to="resolved", reason="Back.", although_firing="on")
    act(operator, incident, "move", to="closed", reason="Calendar entry.")
    incident.refresh_from_db()
    assert incident.state == State.CLOSED
    page = text(operator.get(incident.get_absolute_url()))
    assert "It is the &lt;b&gt;token&lt;/b&gt;." in page
    assert "Calendar entry." in page


def test_to_resolve_it_while_it_fires_warns_first(operator, incident):
    page = text(operator.get(incident.get_absolute_url()))
    assert "One of its alerts still fires. Nobody is paged" in page
    answer = act(operator, incident, "move", HTMX, to="resolved", reason="Back.")
    assert answer.status_code == 409
    assert "Confirm that you resolve it while it’s still firing." in text(answer)
    assert 'name="although_firing"' in text(answer), "the box to check is there"
    incident.refresh_from_db()
    assert incident.state == State.OPEN


def test_to_close_it_warns_of_nothing(operator, incident):
    act(operator, incident, "move", to="resolved", reason="Back.", although_firing="on")
    page = text(operator.get(incident.get_absolute_url()))
    assert "Write the review" in page
    assert "although_firing" not in page and "still fires" not in page


@pytest.mark.parametrize("how", [HTMX, {}])
def test_after_a_refusal_the_form_is_open_with_what_was_typed(operator, incident, how):
    answer = act(operator, incident, "move", how, to="resolved", reason="Token <renewed>.")
    assert answer.status_code == 409
    page = text(answer)
    assert "Confirm that you resolve it" in page
    form = page.split('value="resolved"')
    assert form[0].rsplit("<details", 1)[1].split(">")[0].endswith(" open")
    assert "Token &lt;renewed&gt;.</textarea>" in form[1]
    assert page.count("Token &lt;renewed&gt;.") == 1


def test_what_was_typed_for_a_move_that_is_over_is_shown(operator, incident):
    act(operator, incident, "move", to="resolved", reason="Back.", although_firing="on")
    answer = act(operator, incident, "move", HTMX, to="mitigated", reason="A new token.")
    assert answer.status_code == 409
    assert "You wrote: A new token." in text(answer)


def test_acts_that_a_browser_spared_come_with_the_next_poll(operator, incident):
    url = incident.get_absolute_url()
    act(operator, incident, "acknowledge")
    version = operator.get(url).context["version"]
    spared = {"part": "live", "seen": version, "state": "open-firing"}
    answer = operator.get(url, spared, headers=HTMX)
    assert answer.status_code == 200 and 'id="incident-acts"' in text(answer)


def test_the_warning_goes_when_nothing_fires_any_more(clock, operator, incident, deliver):
    act(operator, incident, "acknowledge")
    other = deliver(alert(2, instance="b", runbook_url="x"), alert(1, runbook_url="x"))
    assert other == incident
    address = incident.get_absolute_url()
    state = re.search(r'name="state" value="([\w-]+)"', text(operator.get(address)))[1]
    poll = {"part": "live", "state": state}
    assert 'id="incident-acts"' not in text(operator.get(address, poll, headers=HTMX))
    Alert.objects.update(status="resolved", ends_at=timezone.now())
    changed = text(operator.get(address, poll, headers=HTMX))
    assert 'id="incident-acts"' in changed and "still fire" not in changed


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
    query = {"part": "live", "seen": page.context["version"], "state": "open-firing"}
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
    older = look().context["page"].next
    assert "Number 0" in text(operator.get(f"/incidents/?tab=all&after={older}"))


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
    assert "Nobody can be reached: no contact method for olga" in page
    assert "Nobody has been reached" in page
    act(operator, incident, "acknowledge")
    assert "Nobody has been reached" not in text(operator.get(incident.get_absolute_url()))


def test_what_would_reach_nobody_is_shown_before(operator, incident, levels, rota):
    page = text(operator.get("/incidents/on-call/"))
    assert "Levels, step 1: Nobody can be reached: no contact method for ada" in page


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
    assert "bo covers" in page
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
    form = {"scope": "chosen"} | form
    parts = (form["scope"], form.get("service", ""), form.get("alert_name", ""))
    form = {"title": "Restart", "shown": "|".join(parts)} | span | form
    return client.post("/incidents/maintenance-windows/change/", form)


@pytest.fixture
def of_the_bot(deliver):
    """An alert of the service `bot` came in once, and is over."""
    cache.clear()
    deliver(alert(9, end=1), look=False)
    yield
    cache.clear()


def test_a_window(of_the_bot, operator):
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
    assert window(operator, hours, service="bot").status_code == 422
    assert not MaintenanceWindow.objects.exists()


def test_a_window_shows_what_it_would_silence(of_the_bot, operator, deliver):
    deliver(alert(1), alert(2, severity="warning", alertname="HighErrorRate"), look=False)
    cache.clear()
    address = "/incidents/maintenance-windows/?part=scope&scope="
    bot = in_one_line(operator.get(f"{address}chosen&service=bot"))
    assert "Silences every alert of bot</strong>: 2 alerts can fire." in bot
    assert (
        "2 firing now would be silenced, 1 of them critical" in bot and 'value="chosen|bot|"' in bot
    )
    one = text(operator.get(f"{address}chosen&alert_name=DiscordBotDown"))
    assert "Silences DiscordBotDown" in one
    assert "Choose a service or an alert" in text(operator.get(f"{address}chosen"))
    everything = in_one_line(operator.get(f"{address}everything&service=bot"))
    count = len(catalog.kinds())
    assert count > 2, "those that the site raises itself are among them"
    assert f"Silences every alert</strong>: {count} alerts" in everything
    assert 'value="everything||"' in everything


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({}, "Choose a service, an alert, or both."),
        ({"scope": ""}, "Choose what it silences."),
        ({"service": "nothing"}, "There is no service nothing."),
        ({"service": "bot", "shown": ""}, "Look at what it silences, then schedule it."),
        ({"service": "bot", "shown": "chosen||"}, "Look at what it silences, then schedule it."),
        ({"scope": "everything", "shown": "everything||"}, "Confirm that it silences everything."),
    ],
)
def test_a_window_needs_a_scope_that_was_shown(of_the_bot, operator, form, why):
    answer = window(operator, 2, **form)
    assert answer.status_code == 422
    assert why in text(answer)
    assert not MaintenanceWindow.objects.exists()


def test_a_refused_scope_is_forgotten_with_the_next_choice(of_the_bot, operator):
    refused = text(window(operator, 2, scope="everything", shown="everything||"))
    (part,) = re.findall(r'<div id="window-covered".*?</div>', refused, re.S)
    assert "Confirm that it silences everything." in part
    assert refused.count("Confirm that it silences everything.") == 1
    address = "/incidents/maintenance-windows/?part=scope&scope=chosen&service=bot"
    assert "Confirm" not in text(operator.get(address))


def test_a_window_of_everything_is_its_own_choice(of_the_bot, operator):
    confirmed = {"scope": "everything", "everything_confirmed": "on", "service": "bot"}
    answer = window(operator, 2, **confirmed, shown="everything||")
    assert answer.status_code == 302
    made = MaintenanceWindow.objects.get()
    assert (made.scope, made.service, made.alert_name) == ("everything", "", "")


def test_an_alert_of_another_service_is_no_scope(of_the_bot, operator, deliver):
    deliver(alert(8, end=1, service="web", alertname="WebDown"), look=False)
    cache.clear()
    answer = window(operator, 2, service="bot", alert_name="WebDown")
    assert answer.status_code == 422 and "There is no WebDown of bot." in text(answer)


def test_a_window_covers_what_fires_in_it(of_the_bot, clock, operator, deliver):
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
