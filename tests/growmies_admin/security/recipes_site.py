"""Acts of everybody else: staff, tokens, displays, jobs, alerts, incidents."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from growmies_admin.accounts import staff as staff_acts
from growmies_admin.accounts import tokens
from growmies_admin.accounts.scopes import Scope
from growmies_admin.displays.models import Display
from monitoring.alerts import acknowledging
from monitoring.alerts.models import Alert
from monitoring.incidents import opening, planning, windows
from monitoring.incidents.models import EmergencyContact, EscalationPolicy, Override, Shift
from tests.growmies_admin.security.acting import Act, House, leaves

# --- Staff ------------------------------------------------------------------------------------


@leaves("staff", "staff.invited")
def invite(house):
    return house.act("administrator", "staff", username="ada", roles=["viewer"])


def change(house: House, act: str, **form) -> Act:
    person = house.person("moderator")
    return house.act("administrator", "staff_change", person.pk, act=act, **form)


@leaves("staff_change", "staff.roles_changed")
def change_roles(house):
    return change(house, "roles", roles=["viewer"])


@leaves("staff_change", "staff.deactivated")
def deactivate(house):
    return change(house, "deactivate")


@leaves("staff_change", "verification.released")
def deactivate_whoever_holds_a_claim(house):
    house.revealed(house.person("moderator"))
    return change(house, "deactivate")


@leaves("staff_change", "verification.released")
def take_the_role_of_whoever_holds_a_claim(house):
    house.revealed(house.person("moderator"))
    return change(house, "roles", roles=["viewer"])


@leaves("staff_change", "staff.reactivated")
def reactivate(house):
    staff_acts.deactivate(house.person("moderator"), by=house.person("administrator"))
    return change(house, "reactivate")


@leaves("staff_change", "staff.password_link_made")
def make_a_password_link(house):
    return change(house, "password")


@leaves("staff_tokens", "token.issued")
def issue_a_token(house):
    form = {"name": "daily check", "scopes": [Scope.QUEUE_READ], "days": 90}
    return house.act("administrator", "staff_tokens", owner=house.person("moderator").pk, **form)


def issued(house: House):
    by = house.person("administrator")
    scopes = [Scope.QUEUE_READ]
    return tokens.issue("daily check", owner=house.person("moderator"), scopes=scopes, by=by)


@leaves("staff_key_open", "token.opened")
def open_a_token(house):
    return house.act("moderator", "staff_key_open", issued(house).pk)


@leaves("staff_token_revoke", "token.revoked")
def revoke_a_token(house):
    return house.act("administrator", "staff_token_revoke", issued(house).pk)


# --- Displays ---------------------------------------------------------------------------------


@leaves("display_confirm", "display.paired")
def pair(house):
    asked = Client().post(reverse("pair_code"), {"board": "main"}, REMOTE_ADDR="192.168.4.17")
    form = {"code": asked.json()["code"], "name": "Lobby", "board": "main"}
    return house.act("operator", "display_confirm", **form)


@leaves("display_code", "display.code_refused")
def enter_a_code_that_no_screen_shows(house):
    return house.act("operator", "display_code", code="CCCC-CCCC")


def display(house: House) -> Display:
    facts = {"name": "Lobby", "board": "main", "browser": "x", "address": "x"}
    return Display.objects.create(paired_by=house.person("operator"), **facts)


@leaves("display_change", "display.changed")
def change_a_display(house):
    form = {"name": "Hall", "board": "secondary"}
    return house.act("operator", "display_change", display(house).pk, **form)


@leaves("display_revoke", "display.revoked")
def revoke_a_display(house):
    return house.act("operator", "display_revoke", display(house).pk, reason="Sold.")


# --- Jobs and alerts --------------------------------------------------------------------------


@leaves("job_run", "job.run_requested")
def run_a_job(house):
    house.nothing_queued  # noqa: B018 - no worker runs
    return house.act("operator", "job_run", "daily_cleanup")


def alert() -> Alert:
    facts = {"fingerprint": "1", "name": "X", "severity": "info", "status": "firing"}
    return Alert.objects.create(starts_at=timezone.now(), **facts)


@leaves("alert_acknowledge", "alert.acknowledged")
def acknowledge_an_alert(house):
    return house.act("operator", "alert_acknowledge", alert().pk, comment="Mine.")


@leaves("alert_withdraw", "alert.acknowledgement_withdrawn")
def withdraw_an_acknowledgement(house):
    found = alert()
    acknowledging.acknowledge(found.pk, by=house.person("operator"), comment="")
    return house.act("operator", "alert_withdraw", found.pk)


@leaves("alert_silence", "alert.silenced")
def silence(house):
    house.alertmanager  # noqa: B018 - a server at the edge
    return house.act("operator", "alert_silence", alert().pk, hours="1", comment="Planned.")


@leaves("alert_silence_end", "alert.silence_ended")
def end_a_silence(house):
    house.alertmanager  # noqa: B018
    silence_id = "5b0c1a9e-0000-4000-8000-000000000001"
    return house.act("operator", "alert_silence_end", silence_id)


@leaves("alert_channel_test", "alert.test_sent")
def test_a_channel(house):
    house.nothing_queued  # noqa: B018
    house.settings.DISCORD_ALERT_WEBHOOK_URL = "http://127.0.0.1:9/webhooks/7/token"
    form = {"channel": "discord", "target": "DISCORD_ALERT_WEBHOOK_URL"}
    return house.act("operator", "alert_channel_test", **form)


# --- Incidents and who is on call -------------------------------------------------------------


@leaves("incident_open", "incident.opened")
def open_an_incident(house):
    return house.act("operator", "incident_open", title="Dark", severity="critical")


def on_incident(house: House, act: str, **form) -> Act:
    by = house.person("operator")
    incident = opening.open_by_hand(by=by, title="Dark", severity="critical")
    return house.act("operator", f"incident_{act}", incident.pk, **form)


@leaves("incident_acknowledge", "incident.acknowledged")
def acknowledge_an_incident(house):
    return on_incident(house, "acknowledge")


@leaves("incident_note", "incident.noted")
def note_something(house):
    return on_incident(house, "note", text="Look.")


@leaves("incident_move", "incident.moved")
def move_an_incident(house):
    return on_incident(house, "move", to="resolved", reason="Restarted.")


@leaves("incident_commander", "incident.commander_named")
def name_a_commander(house):
    return on_incident(house, "commander", person=house.person("moderator").pk)


@leaves("incident_escalate", "incident.escalated")
def escalate_an_incident(house):
    return on_incident(house, "escalate")


def span(hours: int = 2) -> dict[str, str]:
    now = timezone.localtime()
    later = now + timedelta(hours=hours)
    return {"starts_at": f"{now:%Y-%m-%dT%H:%M}", "ends_at": f"{later:%Y-%m-%dT%H:%M}"}


def on_call(house: House, act: str, **form) -> Act:
    prefixed = {f"{act}-{name}": value for name, value in form.items()}
    return house.act("operator", "on_call_change", act=act, **prefixed)


def rota(house: House):
    return planning.make_rota("First level", by=house.person("operator"))


@leaves("on_call_change", "oncall.rota_made")
def make_a_rota(house):
    return on_call(house, "rota", name="First level")


@leaves("on_call_change", "oncall.shift_added")
def add_a_shift(house):
    person = house.person("operator").pk
    return on_call(house, "shift", rota=rota(house).pk, person=person, **span())


@leaves("on_call_change", "oncall.override_added")
def add_an_override(house):
    person = house.person("operator").pk
    return on_call(house, "override", rota=rota(house).pk, person=person, **span())


def drop(house: House, what: str, pk: int) -> Act:
    return house.act("operator", "on_call_change", act=f"drop_{what}", pk=pk)


@leaves("on_call_change", "oncall.rota_removed")
def remove_a_rota(house):
    return drop(house, "rota", rota(house).pk)


@leaves("on_call_change", "oncall.shift_removed")
def remove_a_shift(house):
    act = add_a_shift(house)
    act.client.post(act.url, act.form)
    return drop(house, "shift", Shift.objects.get().pk)


@leaves("on_call_change", "oncall.override_removed")
def remove_an_override(house):
    act = add_an_override(house)
    act.client.post(act.url, act.form)
    return drop(house, "override", Override.objects.get().pk)


@leaves("policy_change", "escalation.policy_saved")
def save_a_policy(house):
    form = {"new-name": "Levels", "new-whom_1": "everyone", "pk": ""}
    return house.act("operator", "policy_change", **form)


@leaves("policy_change", "escalation.policy_removed")
def remove_a_policy(house):
    act = save_a_policy(house)
    act.client.post(act.url, act.form)
    pk = EscalationPolicy.objects.get().pk
    return house.act("operator", "policy_change", pk=pk, act="drop")


@leaves("window_change", "window.planned")
def plan_a_window(house):
    everything = {"scope": "everything", "everything_confirmed": "on", "shown": "everything||"}
    return house.act("operator", "window_change", title="Restart", **everything, **span())


@leaves("window_change", "window.ended")
def end_a_window(house):
    now = timezone.now()
    made = windows.plan(
        everything=True,
        by=house.person("operator"),
        title="Restart",
        service="",
        alert_name="",
        starts_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(hours=1),
    )
    return house.act("operator", "window_change", act="end", pk=made.pk)


CONTACT = {"new-name": "Sam", "new-role": "Owner", "new-phone": "+1 609 555 0100"}


@leaves("contact_change", "contact.saved")
def save_a_contact(house):
    return house.act("operator", "contact_change", **CONTACT, **{"new-position": "1"})


@leaves("contact_change", "contact.removed")
def remove_a_contact(house):
    act = save_a_contact(house)
    act.client.post(act.url, act.form)
    pk = EmergencyContact.objects.get().pk
    return house.act("operator", "contact_change", act="drop", pk=pk)
