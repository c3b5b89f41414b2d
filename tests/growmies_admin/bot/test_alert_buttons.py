"""Buttons under a message about an alert: they act with the rights of the staff member."""

import pytest
from django.utils import timezone

from growmies_admin.accounts.models import Staff
from growmies_admin.bot.alert_desk import _act
from monitoring.alerts.messages import ACKNOWLEDGE, SILENCE
from monitoring.alerts.models import Acknowledgement, Alert

pytestmark = pytest.mark.django_db
DISCORD_ID = 1187342001234567890


@pytest.fixture
def firing():
    return Alert.objects.create(
        fingerprint="1", starts_at=timezone.now(), name="X", severity="critical", status="firing"
    )


@pytest.fixture
def linked(staff):
    """Staff with a Discord account: `linked("operator")`."""

    def make(*roles):
        person = staff(*roles)
        person.discord_id = DISCORD_ID
        person.save(update_fields=["discord_id"])
        return person

    return make


def test_acknowledge(firing, linked):
    person = linked("moderator")
    assert _act(ACKNOWLEDGE, firing.pk, DISCORD_ID) == "Acknowledged. Thank you."
    assert Acknowledgement.objects.get().by == person
    words = _act(ACKNOWLEDGE, firing.pk, DISCORD_ID)
    assert words == "moderator has acknowledged it already."


def test_silence_when_alertmanager_is_away(firing, linked, settings):
    settings.ALERTMANAGER_URL = "http://127.0.0.1:9"
    linked("operator")
    assert "Alertmanager does not answer" in _act(SILENCE, firing.pk, DISCORD_ID)


def test_a_stranger(firing):
    assert "belongs to nobody on staff" in _act(ACKNOWLEDGE, firing.pk, DISCORD_ID)
    assert not Acknowledgement.objects.exists()


def test_who_has_left(firing, linked):
    linked("operator")
    Staff.objects.update(is_active=False)
    assert "belongs to nobody on staff" in _act(ACKNOWLEDGE, firing.pk, DISCORD_ID)


@pytest.mark.parametrize(("role", "button"), [("viewer", ACKNOWLEDGE), ("moderator", SILENCE)])
def test_without_the_right(firing, linked, role, button):
    linked(role)
    assert _act(button, firing.pk, DISCORD_ID).startswith("You may not ")
    assert not Acknowledgement.objects.exists()


def test_an_alert_that_is_gone(linked):
    linked("operator")
    assert _act(ACKNOWLEDGE, 77, DISCORD_ID) == "This alert is not kept any more."
