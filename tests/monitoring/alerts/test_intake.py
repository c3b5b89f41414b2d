"""Alertmanager's webhook: what it brings is kept once; what is no payload changes nothing."""

import json

import pytest
from django.forms.models import model_to_dict

from monitoring.alerts.models import Alert, AlertEvent
from tests.monitoring.alerts.conftest import START, alert, webhook

pytestmark = pytest.mark.django_db
TOKEN = "a token of Alertmanager"


@pytest.fixture(autouse=True)
def token(settings):
    settings.ALERT_WEBHOOK_TOKEN = TOKEN


@pytest.fixture
def post(client):
    def send(body, *, token=TOKEN, **headers):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token}"} | headers
        return client.post("/api/alerts/", data, "application/json", headers=headers)

    return send


def test_it_works(post):
    answer = post(webhook(alert(1), alert(2, severity="warning", service="compliance")))
    assert (answer.status_code, answer.json()) == (200, {"received": 2, "changed": 2})
    first, second = Alert.objects.order_by("fingerprint")
    assert (first.name, first.severity, first.service) == ("DiscordBotDown", "critical", "bot")
    assert (first.status, first.starts_at, first.ends_at) == ("firing", START, None)
    assert first.labels["alertname"] == "DiscordBotDown"
    assert first.summary == "Discord bot is offline"
    assert second.service == "compliance"
    assert [event.kind for event in AlertEvent.objects.all()] == ["fired", "fired"]


def test_a_repeat_changes_nothing_but_the_count(post):
    post(webhook(alert(1)))
    assert post(webhook(alert(1))).json() == {"received": 1, "changed": 0}
    assert Alert.objects.get().received_count == 2
    assert AlertEvent.objects.count() == 1


def test_the_same_alert_twice_in_one_payload(post):
    assert post(webhook(alert(1), alert(1, end=5), alert(1))).json()["changed"] == 1
    assert Alert.objects.get().status == "resolved"


def test_unknown_severities_are_loud_and_missing_ones_quiet(post):
    watchdog = alert(3)
    del watchdog["labels"]["severity"]
    post(webhook(alert(1, severity="page"), alert(2, severity="none"), watchdog))
    found = dict(Alert.objects.values_list("fingerprint", "severity"))
    assert sorted(found.values()) == ["info", "info", "warning"]
    assert Alert.objects.get(severity="warning").labels["severity"] == "page"


def test_what_was_left_out_is_noted(post, caplog):
    assert post(webhook(alert(1), truncatedAlerts=7)).status_code == 200
    assert any("alerts_truncated" in str(record.msg) for record in caplog.records)


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x"])
def test_a_wrong_token(post, token):
    answer = post(webhook(alert(1)), token=token)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_unknown")
    assert not Alert.objects.exists()


def test_no_token_is_configured(post, settings):
    settings.ALERT_WEBHOOK_TOKEN = ""
    assert post(webhook(alert(1)), token="").status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        webhook(alert(1), version="3"),
        webhook(),
        webhook("alert"),
        webhook(alert(1) | {"status": "perhaps"}),
        webhook(alert(1) | {"fingerprint": ""}),
        webhook(alert(1) | {"fingerprint": 7}),
        webhook(alert(1) | {"startsAt": "yesterday"}),
        webhook(alert(1) | {"startsAt": "0001-01-01T00:00:00Z"}),
        webhook(alert(1) | {"startsAt": "2026-04-20T16:20:00"}),
        webhook(alert(1, end=5) | {"endsAt": "0001-01-01T00:00:00Z"}),
        webhook(alert(1) | {"labels": {"alertname": 7}}),
        webhook(alert(1) | {"labels": None}),
        webhook(alert(1), truncatedAlerts=-1),
        webhook(alert(1), groupKey=[]),
        webhook(alert(1), alert(2) | {"status": ""}),
    ],
)
def test_what_is_no_payload(post, body):
    answer = post(body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert not Alert.objects.exists()


def test_too_large(post, monkeypatch):
    monkeypatch.setattr("monitoring.policy.ALERT_PAYLOAD_BYTES", 100)
    answer = post(webhook(alert(1)))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert not Alert.objects.exists()


def test_only_post(client):
    answer = client.get("/api/alerts/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_characters_that_the_database_can_not_keep(post):
    one = alert(1) | {"annotations": {"summary": "a\x00b \ud800"}}
    assert post(json.dumps(webhook(one)).encode()).status_code == 200
    assert Alert.objects.get().summary == "ab ?"


def test_an_end_before_the_start_is_the_start(post):
    assert post(webhook(alert(1, end=-5))).status_code == 200
    assert Alert.objects.get().ends_at == START


def test_a_storm_of_ten_thousand(post):
    storm = webhook(*(alert(number, instance=f"host-{number}") for number in range(10_000)))
    assert post(storm).json() == {"received": 10_000, "changed": 10_000}
    assert Alert.objects.firing().count() == 10_000
    assert post(storm).json() == {"received": 10_000, "changed": 0}
    assert AlertEvent.objects.count() == 10_000


def test_its_event_is_what_the_model_would_write(deliver):
    deliver(alert())
    by_sql = AlertEvent.objects.get()
    assert (by_sql.kind, by_sql.at) == (AlertEvent.Kind.FIRED, by_sql.alert.first_received_at)
    by_model = AlertEvent.objects.create(alert=by_sql.alert, at=by_sql.at, kind=by_sql.kind)
    assert model_to_dict(by_sql, exclude=["id"]) == model_to_dict(by_model, exclude=["id"])
