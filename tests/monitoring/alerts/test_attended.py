"""What fires and is attended needs nobody: in the score, on phone and walls, in the header."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from monitoring import policy
from monitoring.alerts import acknowledging, attended, fingerprints, reconciling, silencing
from monitoring.alerts.models import Alert, Comparison
from monitoring.health import score
from monitoring.health.answers import web_sampler
from monitoring.incidents import moving, opening
from monitoring.incidents.models import Incident, MaintenanceWindow
from monitoring.panels import board as boards
from monitoring.panels.boards import Board
from monitoring.prometheus.client import PrometheusUnavailable, Sample
from monitoring.tones import Tone

pytestmark = pytest.mark.django_db
WELL = {"checks": {"database": {"status": "healthy"}}}
BOT_DOWN = {"checks": {"discord": {"status": "unhealthy", "error": "Not connected"}}}
SILENCE = "5b0c1a9e-0000-4000-8000-000000000001"


@pytest.fixture(autouse=True)
def prometheus(monkeypatch):
    """Prometheus at the edge: the labels of what fires there."""
    found = []

    def query(promql):
        if "ALERTS" not in promql:
            return []
        return [Sample(one | {"__name__": "ALERTS", "alertstate": "firing"}, 1.0) for one in found]

    monkeypatch.setattr(score, "query", query)
    return found


@pytest.fixture
def operator(staff):
    return staff("operator", username="opal")


def labels(name="DiscordBotDown", severity="critical", service="discord-bot"):
    return {"alertname": name, "severity": severity, "service": service}


def fires(**more):
    found = labels(**more)
    return Alert.objects.create(
        fingerprint=fingerprints.of(found),
        name=found["alertname"],
        severity=found["severity"],
        service=found["service"],
        labels=found,
        status="firing",
        starts_at=timezone.now() - timedelta(minutes=9),
    )


def now(sample=WELL):
    return score.of(sample, score.firing())


def window(by, **more):
    at = timezone.now()
    return MaintenanceWindow.objects.create(
        title="Restart", made_by=by, starts_at=at, ends_at=at + timedelta(hours=1), **more
    )


def attended_now():
    return [(one.words, one.why) for one in now().attended]


def test_it_works(prometheus):
    fires()
    prometheus.append(labels("HighServerLoad", "warning", "infrastructure"))
    found = now()
    assert (found.words, found.value, found.tone) == ("2 items need attention", 78, Tone.CRITICAL)
    assert found.attended == []


def test_who_acknowledged_it_has_it(operator, nothing_queued):
    acknowledging.acknowledge(fires().pk, by=operator)
    found = now()
    assert (found.words, found.value, found.tone) == ("1 item being handled", 100, Tone.INFO)
    assert attended_now() == [("DiscordBotDown", "acknowledged by opal")]


def test_who_withdraws_leaves_it_to_others(operator, nothing_queued):
    alert = fires()
    acknowledging.acknowledge(alert.pk, by=operator)
    acknowledging.withdraw(alert.pk, by=operator)
    assert now().words == "1 item needs attention"


def test_who_has_the_incident_has_its_alerts(operator, nothing_queued):
    fires()
    opening.take_up()
    incident = Incident.objects.get()
    assert now().words == "1 item needs attention", "nobody looks after the incident yet"
    moving.acknowledge(incident.pk, by=operator)
    assert attended_now() == [("DiscordBotDown", f"opal has {incident}")]


def test_who_has_left_looks_after_nothing(operator, staff, nothing_queued):
    alert = fires()
    acknowledging.acknowledge(alert.pk, by=operator)
    assert now().words == "1 item being handled"
    operator.is_active = False
    operator.save()
    assert now().words == "1 item needs attention"
    ada = staff("operator", username="ada")
    acknowledging.acknowledge(alert.pk, by=ada)
    assert attended_now() == [("DiscordBotDown", "acknowledged by ada")]
    assert alert.acknowledgements.open().count() == 1


def test_an_incident_of_somebody_who_has_left_attends_nothing(operator, nothing_queued):
    fires()
    opening.take_up()
    moving.acknowledge(Incident.objects.get().pk, by=operator)
    operator.is_active = False
    operator.save()
    assert now().words == "1 item needs attention"


def test_a_resolved_incident_attends_nothing(operator, nothing_queued):
    fires()
    opening.take_up()
    number = Incident.objects.get().pk
    moving.acknowledge(number, by=operator)
    moving.move(number, "resolved", by=operator, reason="Restarted", although_firing=True)
    assert now().words == "1 item needs attention"


def test_a_window_covers_what_has_not_come_in_yet(operator, prometheus):
    """Alertmanager says nothing of what begins silenced: only Prometheus has it."""
    prometheus.append(labels())
    window(operator, service="discord-bot")
    assert attended_now() == [("DiscordBotDown", "maintenance: Restart")]


def test_a_window_of_another_service_covers_nothing(operator, prometheus):
    prometheus.append(labels())
    window(operator, service="compliance")
    assert now().words == "1 item needs attention"


def test_what_is_silenced_needs_nobody(operator, alertmanager, nothing_queued):
    alert = fires()
    silencing.silence(alert.pk, by=operator, until=timezone.now() + timedelta(hours=1))
    assert attended_now() == [("DiscordBotDown", "silenced")]


def test_what_began_silenced_needs_nobody(prometheus, alertmanager):
    prometheus.append(labels())
    known = {
        "fingerprint": fingerprints.of(labels()),
        "startsAt": timezone.now().isoformat(),
        "labels": labels(),
        "status": {"silencedBy": [SILENCE]},
    }
    alertmanager.usual["/api/v2/alerts"] = [known]
    reconciling.reconcile()
    assert attended_now() == [("DiscordBotDown", "silenced")]
    known["status"]["silencedBy"] = []
    reconciling.reconcile()
    assert now().words == "1 item needs attention"


def test_of_two_with_one_name_one_may_need_somebody(operator, prometheus, nothing_queued):
    acknowledging.acknowledge(fires().pk, by=operator)
    prometheus.append(labels() | {"instance": "b"})
    found = now()
    assert [one.words for one in found.deductions] == ["DiscordBotDown"]
    assert [one.words for one in found.attended] == ["DiscordBotDown"]


def test_who_has_the_alert_has_the_check_of_its_cause(operator, nothing_queued):
    alert = fires()
    assert now(BOT_DOWN).words == "2 items need attention"
    acknowledging.acknowledge(alert.pk, by=operator)
    found = now(BOT_DOWN)
    assert (found.words, found.value) == ("2 items being handled", 100)
    fires(name="DiscordGatewayDisconnected")
    assert now(BOT_DOWN).words == "2 items need attention", "another alert of its cause needs one"


@pytest.mark.parametrize(
    ("check", "alert"),
    [
        ("memory", "HighMemoryUsage"),
        ("rateLimit", "DiscordRateLimitHigh"),
        ("thirdParty", "ThirdPartyBotOffline"),
        ("effects", "EffectsFailed"),
    ],
)
def test_an_alert_of_another_cause_has_no_check(operator, nothing_queued, check, alert):
    acknowledging.acknowledge(fires(name=alert).pk, by=operator)
    failing = {"checks": {check: {"status": "unhealthy", "error": "Not well"}}}
    assert now(failing).words == "1 item needs attention"


def test_without_prometheus_no_check_is_attended(operator, monkeypatch, nothing_queued):
    acknowledging.acknowledge(fires().pk, by=operator)

    def away(promql):
        raise PrometheusUnavailable("It is away.")

    monkeypatch.setattr(score, "query", away)
    assert now(BOT_DOWN).words == "1 item needs attention"


def test_boards_list_it_as_attended(operator, nothing_queued):
    acknowledging.acknowledge(fires().pk, by=operator)
    fires(name="HighServerLoad", severity="warning", service="infrastructure")
    recent = boards.now(Board.MAIN).of("recent-alerts").shown
    assert [(item.words, item.tone, item.icon) for item in recent.items] == [
        ("HighServerLoad", Tone.WARN, "alert-triangle"),
        ("DiscordBotDown", Tone.INFO, "user-check"),
    ]
    assert (recent.chip, recent.chip_tone) == ("2 firing, 1 handled", Tone.WARN)
    phone = boards.now(Board.MOBILE)
    (critical,) = phone.of("critical-alerts").shown.items
    assert critical.below.endswith("acknowledged by opal") and not critical.ack
    of_score = phone.of("system-health-score").shown.items
    assert {("HighServerLoad", "−2", ""), ("DiscordBotDown", "", "acknowledged by opal")} <= {
        (item.words, item.note, item.below) for item in of_score
    }


def test_header_phone_and_wall_say_the_same(operator, sign_in, nothing_queued):
    client = sign_in(operator)
    acknowledging.acknowledge(fires().pk, by=operator)
    fires(name="HighServerLoad", severity="warning", service="infrastructure")
    words = client.get("/mobile/").content.decode().split('class="answer')[1].split("<")[0]
    said = words.split(">")[1]
    assert said in client.get("/status-chip/").content.decode()
    assert f'data-needs="{said}"' in client.get("/wall/main/panels/").content.decode()


def test_alerts_that_nobody_confirms_are_no_good_news(sign_in, staff):
    Comparison.objects.create(at=timezone.now() - policy.ALERT_UNCONFIRMED_AFTER * 2)
    found = now()
    assert (found.words, found.tone) == ("Alerts unknown", Tone.WARN)
    assert "Alertmanager's alerts" in found.not_measured
    web_sampler.sample()
    page = sign_in(staff("viewer")).get("/mobile/").content.decode()
    assert "Alerts are not known at the moment." in page
    assert "Nothing needs you" not in page and "All systems normal" not in page
    assert "No critical alerts" not in page


def test_what_is_known_counts_while_the_rest_is_not():
    fires()
    Comparison.objects.create(at=timezone.now() - policy.ALERT_UNCONFIRMED_AFTER * 2)
    found = now()
    assert (found.words, found.alerts_known) == ("1 item needs attention", False)


def test_without_the_cache_what_began_silenced_needs_somebody(prometheus):
    prometheus.append(labels())
    attended.note_silenced([fingerprints.of(labels())])
    assert now().deductions == []
    cache.clear()
    assert now().words == "1 item needs attention"
