"""Acts on alerts and incidents that once left no trace: a test message, a note."""

import pytest

from monitoring.audit.models import Entry
from monitoring.incidents import opening

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(staff):
    return staff("operator", username="ada")


def test_a_test_message(ada, sign_in, discord):
    client = sign_in(ada)
    form = {"channel": "discord", "target": "DISCORD_ALERT_WEBHOOK_URL"}
    client.post("/alerts/channels/test/", form)
    entry = Entry.objects.get(action="alert.test_sent")
    assert (entry.actor, entry.category, entry.data) == (ada, "technical", form)


def test_a_test_message_that_was_refused(ada, sign_in, discord):
    sign_in(ada).post("/alerts/channels/test/", {"channel": "discord", "target": "nowhere"})
    assert not Entry.objects.filter(action="alert.test_sent").exists()


def test_a_note_without_its_words(ada, sign_in):
    incident = opening.open_by_hand(by=ada, title="Down", severity="critical", text="", service="")
    sign_in(ada).post(f"/incidents/{incident.pk}/note/", {"text": "Olga's phone is 555-0100"})
    entry = Entry.objects.get(action="incident.noted")
    assert (entry.actor, entry.target_id, entry.data) == (ada, str(incident.pk), {})
    assert incident.timeline.filter(kind="note").count() == 1


def test_an_empty_note(ada, sign_in):
    incident = opening.open_by_hand(by=ada, title="Down", severity="critical", text="", service="")
    sign_in(ada).post(f"/incidents/{incident.pk}/note/", {"text": " "})
    assert not Entry.objects.filter(action="incident.noted").exists()
