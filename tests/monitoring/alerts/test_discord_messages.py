"""One message an alert, edited as it changes; rate limits, retries, and nobody is pinged."""

from datetime import timedelta

import pytest
from django.utils import timezone

from monitoring import policy
from monitoring.alerts import acknowledging, delivering, sending, webhooks
from monitoring.alerts.models import Alert, AlertEvent, Delivery, DeliveryAttempt
from tests.monitoring.alerts.conftest import alert

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_workers(nothing_queued):
    """These tests deliver themselves."""


def due_now():
    Delivery.objects.update(not_before=timezone.now() - timedelta(seconds=1))


def test_it_works(discord, deliver):
    deliver(alert(1))
    assert delivering.deliver_due() == 1
    (body,) = discord.bodies()
    (embed,) = body["embeds"]
    assert embed["title"] == "🔥 Discord bot is offline (DiscordBotDown)"
    assert embed["color"] == 0xFF0000
    assert embed["footer"] == {"text": "Growmies NJ Monitoring System"}
    assert body["allowed_mentions"] == {"parse": []}
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.target, delivery.message_id) == (
        "sent",
        "critical-alerts",
        1001,
    )
    assert AlertEvent.objects.filter(kind="told", text="Discord, critical-alerts").exists()


def test_the_end_edits_the_message(discord, deliver):
    deliver(alert(1))
    delivering.deliver_due()
    deliver(alert(1, end=5))
    delivering.deliver_due()
    assert [method for method, *_ in discord.asked] == ["POST", "PATCH"]
    assert discord.asked[1][1].startswith("/webhooks/7/token/messages/1001")
    (embed,) = discord.bodies("PATCH")[0]["embeds"]
    assert embed["title"].startswith("✅ Resolved: ")
    outcomes = DeliveryAttempt.objects.order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == ["sent", "edited"]


def test_a_repeat_says_nothing(discord, deliver):
    deliver(alert(1))
    delivering.deliver_due()
    deliver(alert(1))
    assert delivering.deliver_due() == 0


def test_an_acknowledgement_edits_the_message(discord, deliver, staff):
    deliver(alert(1))
    delivering.deliver_due()
    acknowledging.acknowledge(
        Alert.objects.get().pk, by=staff("operator", username="ada"), comment="On it"
    )
    delivering.deliver_due()
    fields = {f["name"]: f["value"] for f in discord.bodies("PATCH")[0]["embeds"][0]["fields"]}
    assert fields["State"].endswith("Acknowledged by ada: On it")


def test_a_change_before_it_went_needs_no_second_message(discord, deliver):
    deliver(alert(1))
    deliver(alert(1, end=5))
    delivering.deliver_due()
    assert len(discord.asked) == 1
    assert Delivery.objects.get().state == "sent"


def test_an_alert_of_which_only_the_end_comes_wakes_nobody(discord, deliver):
    deliver(alert(1, end=5))
    assert not Delivery.objects.exists()


def test_the_bots_webhook_has_buttons(discord, deliver, settings):
    webhooks.keep("critical-alerts", 9, f"{discord.url}/webhooks/9/own")
    deliver(alert(1))
    delivering.deliver_due()
    pk = Alert.objects.get().pk
    assert discord.asked[0][1] == "/webhooks/9/own?wait=true"
    buttons = discord.bodies()[0]["components"][0]["components"]
    assert buttons[0]["url"] == f"{settings.PUBLIC_URL}/alerts/{pk}/"
    ids = [button.get("custom_id") for button in buttons[1:]]
    assert ids == [f"alert:acknowledge:{pk}", f"alert:silence:{pk}"]


def test_another_webhook_has_the_link_alone(discord, deliver):
    deliver(alert(1))
    delivering.deliver_due()
    assert "with_components=true" in discord.asked[0][1]
    assert [b["label"] for b in discord.bodies()[0]["components"][0]["components"]] == ["Open"]


@pytest.mark.parametrize(
    ("labels", "channel"),
    [
        ({"severity": "critical", "service": "compliance"}, "critical-alerts"),
        ({"severity": "warning", "service": "compliance"}, "compliance-alerts"),
        ({"severity": "warning", "service": "infrastructure"}, "ops-alerts"),
        ({"severity": "info", "service": "other"}, "monitoring-alerts"),
    ],
)
def test_who_is_told(discord, deliver, labels, channel):
    deliver(alert(1, **labels))
    assert Delivery.objects.get().target == channel


def test_nobody_is_told_of_the_watchdog(discord, deliver):
    deliver(alert(1, alertname="Watchdog", severity="none"))
    assert not Delivery.objects.exists()


def test_what_alertmanager_writes_itself_is_not_written_twice(discord, deliver):
    deliver(alert(1, alertname="WorkerDown"))
    assert not Delivery.objects.exists()


def test_quoted_text_pings_nobody(discord, deliver):
    one = alert(1, severity="warning", violation_type="sales_activity", service="compliance")
    one["annotations"] |= {"content": "@everyone <@1> [x](http://bad) " + "y" * 200, "user": "<@5>"}
    deliver(one)
    delivering.deliver_due()
    body = discord.bodies()[0]
    fields = {field["name"]: field["value"] for field in body["embeds"][0]["fields"]}
    assert "@everyone" not in fields["Content"] and "](" not in fields["Content"]
    assert len(fields["Content"].replace("\u200b", "").replace("\\", "")) == policy.ALERT_QUOTE
    assert "<@5>" not in fields["User"]


def test_patience_holds_the_whole_target(discord, deliver):
    discord.answers = [(429, {"retry_after": 40.0, "global": False}, {})]
    deliver(alert(1), alert(2))
    assert delivering.deliver_due() == 1
    waits = [d.not_before - timezone.now() for d in Delivery.objects.all()]
    assert all(timedelta(seconds=35) < wait < timedelta(seconds=41) for wait in waits)
    due_now()
    assert delivering.deliver_due() == 2
    outcomes = DeliveryAttempt.objects.order_by("id").values_list("outcome", flat=True)
    assert list(outcomes) == ["retry", "sent", "sent"]


def test_discord_is_away(discord, deliver):
    discord.answers = [(503, {}, {})] * 3
    deliver(alert(1))
    for _ in range(4):
        delivering.deliver_due()
        due_now()
    assert Delivery.objects.get().state == "sent"
    assert DeliveryAttempt.objects.filter(outcome="retry").count() == 3
    assert AlertEvent.objects.filter(kind="told").count() == 1


def test_a_refusal_is_recorded_and_not_repeated(discord, deliver):
    discord.answers = [(400, {"code": 50035, "message": "Invalid Form Body"}, {})]
    deliver(alert(1))
    delivering.deliver_due()
    assert Delivery.objects.get().state == "failed"
    assert "Invalid Form Body" in AlertEvent.objects.get(kind="not_told").text
    assert delivering.deliver_due() == 0


def test_a_message_that_somebody_removed_is_sent_anew(discord, deliver):
    deliver(alert(1))
    delivering.deliver_due()
    discord.answers = [(404, {"code": 10008, "message": "Unknown Message"}, {})]
    deliver(alert(1, end=5))
    delivering.deliver_due()
    assert [method for method, *_ in discord.asked] == ["POST", "PATCH", "POST"]
    assert Delivery.objects.get().message_id == 1003


def test_a_webhook_that_is_gone_is_forgotten(discord, deliver, settings):
    settings.DISCORD_ALERT_WEBHOOK_URL = ""
    webhooks.keep("critical-alerts", 9, f"{discord.url}/webhooks/9/own")
    discord.answers = [(404, {"code": 10015, "message": "Unknown Webhook"}, {})]
    deliver(alert(1))
    delivering.deliver_due()
    assert webhooks.channels() == {}
    assert Delivery.objects.get().state == "waiting"


def test_a_dead_workers_message_is_due_again(discord, deliver):
    deliver(alert(1))
    Delivery.objects.update(state="sending", leased_until=timezone.now() - timedelta(seconds=1))
    assert delivering.deliver_due() == 1
    assert Delivery.objects.get().state == "sent"


def test_a_storm_is_a_bundle(discord, deliver):
    deliver(*(alert(number, instance=f"host-{number}") for number in range(200)))
    assert Delivery.objects.filter(state="waiting", kind="alert").count() == policy.ALERT_BACKLOG
    due_now()
    delivering.deliver_due()
    assert len(discord.bodies()) == policy.ALERT_BACKLOG + 1
    titles = [body["embeds"][0]["title"] for body in discord.bodies()]
    assert "🔥 175 more alerts, 175 of them fire" in titles
    deliver(*(alert(number, end=5, instance=f"host-{number}") for number in range(200)))
    due_now()
    delivering.deliver_due()
    titles = [body["embeds"][0]["title"] for body in discord.bodies("PATCH")]
    assert "✅ 175 more alerts, 0 of them fire" in titles


def test_a_test_of_a_channel(discord, staff):
    made = sending.test("discord", "critical-alerts", by=staff("operator", username="ada"))
    delivering.deliver_due()
    made.refresh_from_db()
    assert made.state == "sent"
    assert "ada asked for it" in discord.bodies()[0]["embeds"][0]["description"]
