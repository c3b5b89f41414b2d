"""One message an alert, edited as it changes; rate limits, retries, and nobody is pinged."""

from datetime import timedelta

import pytest
from django.utils import timezone

from growmies_admin.practice import seed
from monitoring import policy
from monitoring.alerts import acknowledging
from monitoring.alerts.models import Alert, AlertEvent
from monitoring.delivery import outbox, transports
from monitoring.delivery import sending as engine
from monitoring.delivery.content import To
from monitoring.delivery.models import Attempt, Message
from monitoring.delivery.transports.discord import webhooks
from monitoring.delivery.transports.discord.channels import DISCORD_CHANNELS
from tests.monitoring.alerts.conftest import alert, deliver, discord, nothing_queued
from tests.running import REPOSITORY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_workers(nothing_queued):
    """These tests deliver themselves."""


def due_now():
    Message.objects.update(not_before=timezone.now() - timedelta(seconds=1))


def test_it_works(discord, deliver):
    deliver(alert(1))
    assert engine.send_due() == 1
    (body,) = discord.bodies()
    (embed,) = body["embeds"]
    assert embed["title"] == "🔥 Discord bot is offline (DiscordBotDown)"
    assert embed["color"] == 0xFF0000
    assert embed["footer"] == {"text": "Growmies NJ Monitoring System"}
    assert body["allowed_mentions"] == {"parse": []}
    delivery = Message.objects.get()
    assert (delivery.state, delivery.target, delivery.receipt) == (
        "sent",
        "critical-alerts",
        "1001",
    )
    assert AlertEvent.objects.filter(
        kind="told", text="Discord, DISCORD_ALERT_WEBHOOK_URL"
    ).exists()


def test_the_end_edits_the_message(discord, deliver):
    deliver(alert(1))
    engine.send_due()
    deliver(alert(1, end=5))
    engine.send_due()
    assert [method for method, *_ in discord.asked] == ["POST", "PATCH"]
    assert discord.asked[1][1].startswith("/webhooks/7/token/messages/1001")
    (embed,) = discord.bodies("PATCH")[0]["embeds"]
    assert embed["title"].startswith("✅ Resolved: ")
    outcomes = Attempt.objects.order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == ["sent", "edited"]


def test_a_repeat_says_nothing(discord, deliver):
    deliver(alert(1))
    engine.send_due()
    deliver(alert(1))
    assert engine.send_due() == 0


def test_an_acknowledgement_edits_the_message(discord, deliver, staff):
    deliver(alert(1))
    engine.send_due()
    acknowledging.acknowledge(
        Alert.objects.get().pk, by=staff("operator", username="ada"), comment="On it"
    )
    engine.send_due()
    fields = {f["name"]: f["value"] for f in discord.bodies("PATCH")[0]["embeds"][0]["fields"]}
    assert fields["State"].endswith("Acknowledged by ada: On it")


def test_a_change_before_it_went_needs_no_second_message(discord, deliver):
    deliver(alert(1))
    deliver(alert(1, end=5))
    engine.send_due()
    assert len(discord.asked) == 1
    assert Message.objects.get().state == "sent"


def test_an_alert_of_which_only_the_end_comes_wakes_nobody(discord, deliver):
    deliver(alert(1, end=5))
    assert not Message.objects.exists()


def test_the_bots_webhook_has_buttons(discord, deliver, settings):
    webhooks.keep("critical-alerts", 9, f"{discord.url}/webhooks/9/own")
    deliver(alert(1))
    engine.send_due()
    pk = Alert.objects.get().pk
    assert discord.asked[0][1] == "/webhooks/9/own?wait=true"
    buttons = discord.bodies()[0]["components"][0]["components"]
    assert buttons[0]["url"] == f"{settings.PUBLIC_URL}/alerts/{pk}/"
    ids = [button.get("custom_id") for button in buttons[1:]]
    assert ids == [f"alert:acknowledge:{pk}", f"alert:silence:{pk}"]


def test_another_webhook_has_the_link_alone(discord, deliver):
    deliver(alert(1))
    engine.send_due()
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
    assert Message.objects.get().target == channel


def test_nobody_is_told_of_the_watchdog(discord, deliver):
    deliver(alert(1, alertname="Watchdog", severity="none"))
    assert not Message.objects.exists()


def test_what_alertmanager_writes_itself_is_not_written_twice(discord, deliver):
    deliver(alert(1, alertname="WorkerDown"))
    assert not Message.objects.exists()


def test_quoted_text_pings_nobody(discord, deliver):
    one = alert(1, severity="warning", violation_type="sales_activity", service="compliance")
    one["annotations"] |= {"content": "@everyone <@1> [x](http://bad) " + "y" * 200, "user": "<@5>"}
    deliver(one)
    engine.send_due()
    body = discord.bodies()[0]
    fields = {field["name"]: field["value"] for field in body["embeds"][0]["fields"]}
    assert "@everyone" not in fields["Content"] and "](" not in fields["Content"]
    assert len(fields["Content"].replace("\u200b", "").replace("\\", "")) == policy.ALERT_QUOTE
    assert "<@5>" not in fields["User"]


def test_patience_holds_the_whole_target(discord, deliver):
    discord.answers = [(429, {"retry_after": 40.0, "global": False}, {})]
    deliver(alert(1), alert(2))
    assert engine.send_due() == 1
    waits = [d.not_before - timezone.now() for d in Message.objects.all()]
    assert all(timedelta(seconds=35) < wait < timedelta(seconds=41) for wait in waits)
    due_now()
    assert engine.send_due() == 2
    outcomes = Attempt.objects.order_by("id").values_list("outcome", flat=True)
    assert list(outcomes) == ["retry", "sent", "sent"]


def test_patience_with_one_target_holds_no_other(discord, deliver):
    discord.answers = [(429, {"retry_after": 40.0, "global": False}, {})]
    deliver(alert(1), alert(2, severity="warning"))
    assert engine.send_due() == 2
    assert sorted(Message.objects.values_list("state", flat=True)) == ["sent", "waiting"]


def test_a_full_line_of_one_target_bundles_nothing_of_another(discord, deliver):
    deliver(*(alert(n, severity="warning") for n in range(policy.DELIVERY_BACKLOG + 2)))
    deliver(alert(900))
    assert Message.objects.get(target="critical-alerts").state == "waiting"
    (bundle,) = Message.objects.filter(kind="bundle")
    assert bundle.target == "monitoring-alerts"


def test_each_target_has_a_bundle_of_its_own(discord, deliver):
    most = policy.DELIVERY_BACKLOG
    deliver(*(alert(n, severity="warning") for n in range(most + 1)))
    deliver(*(alert(500 + n) for n in range(most + 3)))
    bundles = Message.objects.filter(kind="bundle")
    sizes = {bundle.target: bundle.parts.count() for bundle in bundles}
    assert sizes == {"monitoring-alerts": 1, "critical-alerts": 3}
    for bundle in bundles:
        assert set(bundle.parts.values_list("target", flat=True)) == {bundle.target}


def test_discord_is_away(discord, deliver):
    discord.answers = [(503, {}, {})] * 3
    deliver(alert(1))
    for _ in range(4):
        engine.send_due()
        due_now()
    assert Message.objects.get().state == "sent"
    assert Attempt.objects.filter(outcome="retry").count() == 3
    assert AlertEvent.objects.filter(kind="told").count() == 1


def test_a_refusal_is_recorded_and_not_repeated(discord, deliver):
    discord.answers = [(400, {"code": 50035, "message": "Invalid Form Body"}, {})]
    deliver(alert(1))
    engine.send_due()
    assert Message.objects.get().state == "failed"
    assert "Invalid Form Body" in AlertEvent.objects.get(kind="not_told").text
    assert engine.send_due() == 0


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_page_of_cloudflares_is_not_discords_answer(discord, deliver, status):
    page = (status, "error code: 1010", {"Content-Type": "text/plain"})
    discord.answers = [page, page, (403, {"code": 40333, "message": "internal network error"}, {})]
    deliver(alert(1))
    for _ in range(4):
        engine.send_due()
        due_now()
    assert Message.objects.get().state == "sent"
    assert Attempt.objects.filter(outcome="retry").count() == 3


def test_discord_is_told_who_asks(discord, deliver, settings):
    deliver(alert(1))
    engine.send_due()
    (agent,) = discord.agents
    assert agent.startswith(f"DiscordBot ({settings.PUBLIC_URL}, ")


def test_a_message_that_somebody_removed_is_sent_anew(discord, deliver):
    deliver(alert(1))
    engine.send_due()
    discord.answers = [(404, {"code": 10008, "message": "Unknown Message"}, {})]
    deliver(alert(1, end=5))
    engine.send_due()
    assert [method for method, *_ in discord.asked] == ["POST", "PATCH", "POST"]
    assert Message.objects.get().receipt == "1003"


def test_a_webhook_that_is_gone_is_forgotten(discord, deliver, settings):
    settings.DISCORD_ALERT_WEBHOOK_URL = ""
    webhooks.keep("critical-alerts", 9, f"{discord.url}/webhooks/9/own")
    discord.answers = [(404, {"code": 10015, "message": "Unknown Webhook"}, {})]
    deliver(alert(1))
    engine.send_due()
    assert webhooks.channels() == {}
    assert Message.objects.get().state == "waiting"


def test_a_dead_workers_message_is_due_again(discord, deliver):
    deliver(alert(1))
    Message.objects.update(state="sending", leased_until=timezone.now() - timedelta(seconds=1))
    assert engine.send_due() == 1
    assert Message.objects.get().state == "sent"


def test_a_storm_is_a_bundle(discord, deliver):
    deliver(*(alert(number, instance=f"host-{number}") for number in range(200)))
    assert Message.objects.filter(state="waiting", kind="single").count() == policy.DELIVERY_BACKLOG
    due_now()
    engine.send_due()
    assert len(discord.bodies()) == policy.DELIVERY_BACKLOG + 1
    titles = [body["embeds"][0]["title"] for body in discord.bodies()]
    assert "🔥 175 more alerts, 175 of them fire" in titles
    deliver(*(alert(number, end=5, instance=f"host-{number}") for number in range(200)))
    due_now()
    engine.send_due()
    titles = [body["embeds"][0]["title"] for body in discord.bodies("PATCH")]
    assert "✅ 175 more alerts, 0 of them fire" in titles


def test_a_test_of_a_channel(discord, staff):
    made = outbox.test("discord", "critical-alerts", by=staff("operator", username="ada"))
    engine.send_due()
    made.refresh_from_db()
    assert made.state == "sent"
    assert "ada asked for it" in discord.bodies()[0]["embeds"][0]["description"]


def test_a_message_to_a_channel_that_is_missing_says_where_it_went(discord, deliver):
    webhooks.keep("monitoring-alerts", 9, f"{discord.url}/webhooks/9/own")
    deliver(alert(1))
    engine.send_due()
    row = Message.objects.get()
    assert (row.target, row.reached) == ("critical-alerts", "monitoring-alerts")
    assert AlertEvent.objects.filter(kind="told", text="Discord, monitoring-alerts").exists()


def test_once_the_channel_is_there_it_gets_through(discord, deliver):
    deliver(alert(1))
    engine.send_due()
    assert Message.objects.get().reached == "DISCORD_ALERT_WEBHOOK_URL"
    webhooks.keep("critical-alerts", 9, f"{discord.url}/webhooks/9/own")
    deliver(alert(2, instance="b"))
    engine.send_due()
    assert Message.objects.latest("id").reached == ""


def test_the_page_says_which_channels_are_missing(discord, deliver, sign_in, staff):
    for name in ("critical-alerts", "monitoring-alerts"):
        webhooks.keep(name, 9, f"{discord.url}/webhooks/9/own")
    deliver(alert(1, severity="warning", service="compliance"))
    engine.send_due()
    page = sign_in(staff("operator")).get("/alerts/channels/").content.decode()
    targets, newest = page.split("Newest messages", 1)
    rows = {row.split('class="mono">')[1].split("<")[0]: row for row in targets.split("<tr>")[2:]}
    assert "does not exist" in rows["compliance-alerts"]
    assert "monitoring-alerts" in rows["compliance-alerts"]
    assert "Send a test" not in rows["compliance-alerts"]
    assert "Send a test" in rows["critical-alerts"]
    assert "went elsewhere" in newest and "got through" not in newest


def test_names_in_docs_code_and_practice_guild_agree():
    there = {name for _, channels in seed.CHANNELS for name, *_ in channels}
    assert set(DISCORD_CHANNELS) <= there
    docs = REPOSITORY / "docs"
    for page in ("alerting.md", "bot.md"):
        text = (docs / page).read_text()
        assert all(f"`{name}`" in text for name in DISCORD_CHANNELS), page


def test_what_went_elsewhere_is_changed_there(discord, deliver):
    webhooks.keep("monitoring-alerts", 8, f"{discord.url}/webhooks/8/other")
    deliver(alert(1))
    engine.send_due()
    webhooks.keep("critical-alerts", 9, f"{discord.url}/webhooks/9/own")
    deliver(alert(1, end=5))
    engine.send_due()
    paths = [path.split("?")[0] for _, path, _ in discord.asked]
    assert paths == ["/webhooks/8/other", "/webhooks/8/other/messages/1001"]


def test_a_call_and_an_alert_share_the_patience_of_their_channel(discord, deliver, ada):
    transport = transports.get("discord")
    assert transport.place(To("ada", ada)) == transport.place(To("critical-alerts"))
    assert transport.place(To("ops-alerts")) == "ops-alerts"
