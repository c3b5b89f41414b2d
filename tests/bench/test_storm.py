"""A storm of alerts is taken in one breath."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from monitoring.alerts import intake, payload
from monitoring.alerts.models import Alert
from tests.bench.conftest import SMALL, sized
from tests.monitoring.alerts.conftest import alert, webhook

FIRING = sized(10_000, 200)


@pytest.fixture(autouse=True)
def no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("celery.current_app.send_task", lambda *args, **kwargs: None)


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
            cursor.execute("VACUUM ANALYZE alerts_alert, alerts_alertevent, delivery_message")
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
    assert SMALL or took < 10
