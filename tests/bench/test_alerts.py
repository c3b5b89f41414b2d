"""The pages of alerts and of probes do not slow down with history, nor with what is wrong now."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from monitoring.alerts.models import Alert
from tests.bench.conftest import SMALL, costs_of, sized
from tests.bench.schemas import few_beside_many, look_at

FEW, MANY, EVENTS_EACH = sized(1_000, 100), sized(100_000, 400), 10
FIRING = sized(10_000, 200)
A_PAGE, PROBES = 60, sized(2_000, 200)


@pytest.fixture(autouse=True)
def no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("celery.current_app.send_task", lambda *args, **kwargs: None)


def fill(schema: str, count: int, firing: int, events: int) -> None:
    """So many alerts with so many events each; the first ones fire."""
    look_at(schema)
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
            " FROM generate_series(1, %(count)s) g",
            {"count": count, "firing": firing},
        )
        cursor.execute(
            "INSERT INTO alerts_alertevent (alert_id, at, kind, text)"
            " SELECT a.id, now(), 'told', '' FROM alerts_alert a, generate_series(1, %s)",
            [events],
        )


def probe(schema: str, count: int) -> None:
    """So many probes: a page of what is down, and a tenth of those after it."""
    look_at(schema)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO uptime_probe (name, url, up, error, since, checked_at, took_seconds)"
            " SELECT 'probe-' || lpad(g::text, 4, '0'), 'https://' || g || '.example.org/', up,"
            " CASE WHEN up THEN '' ELSE 'answers 503' END, now(), now(), 0.2"
            " FROM generate_series(1, %(count)s) g, LATERAL (SELECT g > %(page)s"
            " AND g %% 10 > 0) AS of (up)",
            {"count": count, "page": A_PAGE},
        )


@pytest.fixture(scope="module")
def both(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """In the schema `few` 1,000 events and a page of probes, in `public` a million and 2,000."""
    tables = ("alerts_alert", "alerts_alertevent", "uptime_probe")
    with django_db_blocker.unblock(), few_beside_many(*tables):
        fill("few", FEW, FEW // 2, events=1)
        fill("public", MANY, FIRING, EVENTS_EACH)
        probe("few", A_PAGE)
        probe("public", PROBES)
        with connection.cursor() as cursor:
            for schema in ("few", "public"):
                cursor.execute(f"VACUUM ANALYZE {', '.join(f'{schema}.{t}' for t in tables)}")
        yield


@pytest.fixture
def operator(both: None, staff: Any) -> Client:
    client = Client()
    client.force_login(
        staff("operator"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return client


def page(client: Client, schema: str, url: str) -> Callable[[], None]:
    def get() -> None:
        look_at(schema)
        assert client.get(url).status_code == 200

    return get


def in_turn(client: Client, of_few: str, of_many: str) -> tuple[float, float, str]:
    """(ratio, seconds by the clock, in words) of a page with many against the same with few."""
    few, many = costs_of(page(client, "few", of_few), page(client, "public", of_many), times=30)
    with CaptureQueriesContext(connection) as captured:
        client.get(of_many)
    return (
        many.cpu / few.cpu,
        many.wall,
        f"{many.cpu * 1000:.1f} ms and {few.cpu * 1000:.1f} ms of processor time, in turn, "
        f"{many.wall * 1000:.1f} ms by the clock; {len(captured)} queries",
    )


def oldest(schema: str) -> str:
    look_at(schema)
    return f"/alerts/{Alert.objects.order_by('id').values_list('pk', flat=True)[0]}/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("firing", "/alerts/"),
        ("history", "/alerts/?tab=history"),
        (
            "history of a service, resolved",
            "/alerts/?tab=history&service=service3&status=resolved",
        ),
        ("firing, not acknowledged", "/alerts/?acknowledged=no&severity=warning"),
        ("one alert", ""),
    ],
)
def test_the_pages(operator: Client, say: Callable[..., None], name: str, url: str) -> None:
    ratio, wall, words = in_turn(operator, url or oldest("few"), url or oldest("public"))
    say(
        f"alerts, {name}: 1,000,000 events and 10,000 firing, times 1,000 events",
        ratio,
        "1.3 at most, under 1 s",
        words,
    )
    assert SMALL or wall < 1
    assert SMALL or ratio <= 1.3


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/uptime/", "/mobile/"])
def test_status_pages(operator: Client, say: Callable[..., None], url: str) -> None:
    """With 2,000 probes, and with a page of them: the pages that tell how things are."""
    ratio, wall, words = in_turn(operator, url, url)
    say(
        f"{url}: 2,000 probes and 1,000,000 events, times 60 probes and 1,000 events",
        ratio,
        "1.3 at most, under 1 s",
        words,
    )
    assert SMALL or wall < 1
    assert SMALL or ratio <= 1.3


@pytest.mark.django_db
def test_an_acknowledgement_among_ten_thousand(operator: Client, say: Callable[..., None]) -> None:
    look_at("public")
    ids = iter(Alert.objects.firing().values_list("pk", flat=True)[:100])

    def acknowledge() -> None:
        pk = next(ids)
        answer = operator.post(
            f"/alerts/{pk}/acknowledge/",
            headers={"HX-Request": "true", "HX-Target": f"alert-{pk}"},
        )
        assert answer.status_code == 200
        assert operator.get("/alerts/").status_code == 200

    took = costs_of(acknowledge, times=30)[0].wall
    say(
        "an acknowledgement and the list after it, seconds with 10,000 firing",
        took,
        "0.5 at most",
        "30 of them through the whole site",
    )
    assert SMALL or took < 0.5
