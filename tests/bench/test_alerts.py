"""The pages of alerts do not slow down with history, and a storm is taken in one breath."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from monitoring.alerts import intake, payload
from monitoring.alerts.models import Alert
from monitoring.uptime.models import Probe
from tests.bench.conftest import costs_of
from tests.monitoring.alerts.conftest import alert, webhook

FEW, MANY, EVENTS_EACH, FIRING = 1_000, 100_000, 10, 10_000
PROBES = 2_000


@pytest.fixture(autouse=True)
def no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("celery.current_app.send_task", lambda *args, **kwargs: None)


def fill(first: int, last: int, firing_to: int, events: int = EVENTS_EACH) -> None:
    """Alerts number `first` to `last` with so many events each; those up to `firing_to` fire."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO alerts_alert (fingerprint, starts_at, ends_at, name, severity, service,"
            " status, labels, annotations, group_key, generator_url, runbook,"
            " first_received_at, last_received_at)"
            " SELECT to_hex(g), now() - g * interval '1 minute',"
            " CASE WHEN g <= %(firing)s THEN NULL ELSE now() - g * interval '50 seconds' END,"
            " 'Alert' || g %% 40, (ARRAY['critical', 'warning', 'info'])[1 + g %% 3],"
            " 'service' || g %% 7, CASE WHEN g <= %(firing)s THEN 'firing' ELSE 'resolved' END,"
            " jsonb_build_object('alertname', 'Alert' || g %% 40, 'instance', 'host-' || g),"
            " '{\"summary\": \"Something is wrong\"}', '', '', '', now(), now()"
            " FROM generate_series(%(first)s, %(last)s) g",
            {"first": first, "last": last, "firing": firing_to},
        )
        cursor.execute(
            "INSERT INTO alerts_alertevent (alert_id, at, kind, text)"
            " SELECT a.id, now(), 'told', '' FROM alerts_alert a, generate_series(1, %s)"
            " WHERE NOT EXISTS (SELECT 1 FROM alerts_alertevent e WHERE e.alert_id = a.id)",
            [events],
        )
        cursor.execute("ANALYZE alerts_alert, alerts_alertevent")


@pytest.mark.django_db
def test_the_pages(staff: Any, say: Callable[..., None]) -> None:
    client = Client()
    client.force_login(
        staff("operator"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )

    def page(url: str) -> Callable[[], None]:
        def get() -> None:
            assert client.get(url).status_code == 200

        return get

    fill(1, FEW, FEW // 2, events=1)
    one = f"/alerts/{Alert.objects.order_by('id').first().pk}/"  # type: ignore[union-attr]
    urls = {
        "firing": "/alerts/",
        "history": "/alerts/?tab=history",
        "history of a service, resolved": "/alerts/?tab=history&service=service3&status=resolved",
        "firing, not acknowledged": "/alerts/?acknowledged=no&severity=warning",
        "one alert": one,
    }
    few = {name: costs_of(page(url), times=15)[0] for name, url in urls.items()}
    fill(FEW + 1, MANY, FIRING)
    for name, url in urls.items():
        many = costs_of(page(url), times=15)[0]
        with CaptureQueriesContext(connection) as captured:
            page(url)()
        say(
            f"alerts, {name}: 1,000,000 events and 10,000 firing, times 1,000 events",
            many.cpu / few[name].cpu,
            "1.3 at most, under 1 s",
            f"{many.cpu * 1000:.1f} ms and {few[name].cpu * 1000:.1f} ms of processor time, "
            f"{many.wall * 1000:.1f} ms by the clock; {len(captured)} queries",
        )
        assert many.wall < 1
        assert many.cpu / few[name].cpu <= 1.3


@pytest.mark.django_db
def test_an_acknowledgement_among_ten_thousand(staff: Any, say: Callable[..., None]) -> None:
    client = Client()
    client.force_login(
        staff("operator"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    fill(1, FIRING, FIRING)
    ids = iter(Alert.objects.values_list("pk", flat=True)[:100])

    def acknowledge() -> None:
        pk = next(ids)
        answer = client.post(
            f"/alerts/{pk}/acknowledge/",
            headers={"HX-Request": "true", "HX-Target": f"alert-{pk}"},
        )
        assert answer.status_code == 200
        assert client.get("/alerts/").status_code == 200

    took = costs_of(acknowledge, times=30)[0].wall
    say(
        "an acknowledgement and the list after it, seconds with 10,000 firing",
        took,
        "0.5 at most",
        "30 of them through the whole site",
    )
    assert took < 0.5


@pytest.mark.django_db(transaction=True)
def test_a_storm(say: Callable[..., None]) -> None:
    """To the commit and the incidents after it, on a connection that has only seen few alerts."""

    def take_in(*alerts: Any) -> tuple[float, float]:
        body = json.dumps(webhook(*alerts)).encode()
        began = time.perf_counter()
        found = payload.parse(body)
        parsed = time.perf_counter() - began
        intake.take_in(found)
        return time.perf_counter() - began, parsed

    for vacuumed in (False, True):
        for number in range(8):
            one = FIRING + number + 8 * vacuumed
            take_in(alert(one, instance=f"early-{one}"))
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE alerts_alert, alerts_alertevent, alerts_delivery")
    storm = [alert(number, instance=f"host-{number}") for number in range(FIRING)]
    took, parsed = take_in(*storm)
    again, _ = take_in(*storm)
    say(
        "10,000 alerts in one webhook, seconds",
        took,
        "10 at most: Alertmanager waits no longer",
        f"to the answer, with the incident opened; read in {parsed:.2f} s; again in {again:.2f} s",
    )
    assert Alert.objects.firing().count() == FIRING + 16
    assert took < 10


@pytest.mark.django_db
def test_status_pages(staff: Any, say: Callable[..., None]) -> None:
    """With 2,000 probes, and with one, of the pages that tell how things are."""
    client = Client()
    client.force_login(
        staff("operator"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )

    def page(url: str) -> Callable[[], None]:
        def get() -> None:
            assert client.get(url).status_code == 200

        return get

    def probes(first: int, last: int) -> None:
        now = timezone.now()
        Probe.objects.bulk_create(
            Probe(
                name=f"probe-{number:04}",
                url=f"https://{number}.example.org/",
                up=number > 59 and number % 10 > 0,  # a page of what is down, before and after
                error="" if number > 59 and number % 10 else "answers 503",
                since=now,
                checked_at=now,
                took_seconds=0.2,
            )
            for number in range(first, last)
        )

    urls = ("/uptime/", "/mobile/", "/alerts/")
    fill(1, FEW, FEW // 2, events=1)
    probes(0, 60)  # a whole page of them, as with many
    few = {url: costs_of(page(url), times=15)[0] for url in urls}
    probes(60, PROBES)
    fill(FEW + 1, MANY, FIRING)
    for url in urls:
        many = costs_of(page(url), times=15)[0]
        say(
            f"{url}: {PROBES:,} probes and 1,000,000 events, times 60 probes and 1,000 events",
            many.cpu / few[url].cpu,
            "1.3 at most, under 1 s",
            f"{many.cpu * 1000:.1f} ms and {few[url].cpu * 1000:.1f} ms of processor time, "
            f"{many.wall * 1000:.1f} ms by the clock",
        )
        assert many.wall < 1
        assert many.cpu / few[url].cpu <= 1.3
