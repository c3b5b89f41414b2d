"""Maintenance windows silence through Alertmanager itself, and end with their silence."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import sleep

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from monitoring.alerts import alertmanager as client
from monitoring.incidents import windows
from monitoring.incidents.models import MaintenanceWindow
from monitoring.refusals import Refusal
from tests.monitoring.alerts.alertmanagers import Server

pytestmark = pytest.mark.django_db


@pytest.fixture
def alertmanager(settings, tmp_path):
    """Debian's Alertmanager itself."""
    server = Server(tmp_path, "http://127.0.0.1:1")
    server.start()
    server.set_for(settings)
    yield server
    server.stop()


def plan(by, *, begins=0, hours=2, **more):
    now = timezone.now() + timedelta(minutes=begins)
    more = more or {"everything": True}
    return windows.plan(
        by=by, title="Restart", starts_at=now, ends_at=now + timedelta(hours=hours), **more
    )


def silences():
    return [one for one in client.silences() if one.state == "active"]


def test_it_works(person, alertmanager):
    window = plan(person("ada"), service="discord-bot")
    (silence,) = silences()
    matchers = sorted(str(matcher) for matcher in silence.matchers)
    assert matchers == ['alertname!="Watchdog"', 'service="discord-bot"']
    assert abs(silence.ends_at - window.ends_at) < timedelta(seconds=1)
    assert silence.created_by == "ada"
    assert "Restart" in silence.comment
    windows.keep_silences()
    assert len(silences()) == 1


def test_the_end_ends_the_silence(person, alertmanager):
    ada = person("ada")
    window = plan(ada)
    windows.end_early(window.pk, by=ada)
    assert silences() == []
    with pytest.raises(Refusal, match="over already"):
        windows.end_early(window.pk, by=ada)


def test_one_that_is_planned_does_not_silence_yet(person, alertmanager):
    plan(person("ada"), begins=60)
    assert silences() == []
    assert windows.active() == []


def test_alertmanager_comes_back(person, settings, alertmanager):
    url, settings.ALERTMANAGER_URL = settings.ALERTMANAGER_URL, "http://127.0.0.1:1"
    plan(person("ada"))
    assert MaintenanceWindow.objects.get().silence_error == "Alertmanager does not answer."
    settings.ALERTMANAGER_URL = url
    windows.keep_silences()
    assert len(silences()) == 1
    assert MaintenanceWindow.objects.get().silence_error == ""


@pytest.mark.django_db(transaction=True)
def test_the_end_waits_for_a_silence_that_is_being_made(person, alertmanager, monkeypatch):
    ada = person("ada")
    add_silence = client.add_silence

    def end(pk):
        try:
            windows.end_early(pk, by=ada)
        finally:
            connections.close_all()

    def while_it_is_made(*arguments, **named):
        ending.append(pool.submit(end, MaintenanceWindow.objects.get().pk))
        sleep(0.5)
        return add_silence(*arguments, **named)

    ending = []
    monkeypatch.setattr(client, "add_silence", while_it_is_made)
    with ThreadPoolExecutor(1) as pool:
        plan(ada)
        ending[0].result()
    assert silences() == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_one_silence(person, alertmanager, monkeypatch):
    add_silence = client.add_silence

    def look(_):
        try:
            windows.keep_silences()
        finally:
            connections.close_all()

    def slowly(*arguments, **named):
        sleep(0.5)
        return add_silence(*arguments, **named)

    monkeypatch.setattr(client, "add_silence", slowly)
    now = timezone.now()
    MaintenanceWindow.objects.create(
        title="Restart", starts_at=now, ends_at=now + timedelta(hours=1), made_by=person("ada")
    )
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(look, range(2)))
    assert len(silences()) == 1


@pytest.mark.parametrize(
    ("begins", "hours", "why"),
    [(0, 25, "24 hours at most"), (-300, 2, "over already"), (0, -1, "end after it begins")],
)
def test_refused(person, begins, hours, why):
    with pytest.raises(Refusal, match=why):
        plan(person("ada"), begins=begins, hours=hours)


@pytest.mark.parametrize(
    ("scope", "matcher"),
    [
        ({"everything": True}, 'alertname=~".+"'),
        ({"service": "infrastructure"}, 'service="infrastructure"'),
    ],
)
def test_no_window_silences_the_dead_mans_switch(person, alertmanager, scope, matcher):
    plan(person("ada"), **scope)
    (silence,) = silences()
    matchers = [str(matcher) for matcher in silence.matchers]
    assert sorted(matchers) == sorted(['alertname!="Watchdog"', matcher])


@pytest.mark.parametrize(
    ("scope", "why"),
    [
        ({"everything": False}, "Choose what it silences"),
        ({"everything": True, "service": "discord-bot"}, "either everything"),
        ({"everything": True, "alert_name": "WebDown"}, "either everything"),
    ],
)
def test_a_window_without_a_scope_is_refused(person, scope, why):
    with pytest.raises(Refusal, match=why):
        plan(person("ada"), **scope)
    assert not MaintenanceWindow.objects.exists()


@pytest.mark.parametrize(
    "scope",
    [{"scope": "chosen"}, {"scope": "everything", "service": "discord-bot"}, {"scope": "all"}],
)
def test_the_database_holds_the_scope(person, scope):
    now = timezone.now()
    span = {"starts_at": now, "ends_at": now + timedelta(hours=1)}
    ada = person("ada")
    with pytest.raises(IntegrityError, match="window_scope_is_chosen"), transaction.atomic():
        MaintenanceWindow.objects.create(title="Restart", made_by=ada, **span, **scope)
