"""With Debian's Alertmanager itself: what we raise comes back by its webhook, silences hold."""

import contextlib
import socket
import subprocess
import time
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from growmies_admin.stack.servers import debian_program
from monitoring.alerts import (
    acknowledging,
    alertmanager,
    fingerprints,
    raising,
    reconciling,
    silencing,
)
from monitoring.alerts.models import Alert, AlertEvent
from monitoring.audit.models import Entry
from tests.running import eventually

pytestmark = pytest.mark.django_db(transaction=True)
CONFIG = """
route: {receiver: site, group_by: [alertname], group_wait: 100ms, group_interval: 1s}
receivers:
  - name: site
    webhook_configs:
      - url: %s/api/alerts/
        http_config: {authorization: {credentials: a token}}
"""
KIND = raising.Kind("SomethingWrong", "critical", "compliance")


class Server:
    """Alertmanager on a port of its own; it can be stopped and started again."""

    def __init__(self, folder, intake):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        (folder / "config.yml").write_text(CONFIG % intake)
        self.process = None

    def start(self):
        program = debian_program("prometheus-alertmanager")
        assert program, "apt-get install prometheus-alertmanager"
        self.process = subprocess.Popen(
            [program, f"--config.file={self.folder}/config.yml"]
            + [f"--storage.path={self.folder}/data", "--cluster.listen-address="]
            + [f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=error"],
            stderr=subprocess.DEVNULL,
        )
        eventually(self._is_ready, within_seconds=20)

    def _is_ready(self):
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/-/ready", trust_env=False).is_success

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def server(tmp_path, live_server, settings, nothing_queued):
    settings.ALERT_WEBHOOK_TOKEN = "a token"
    found = Server(tmp_path, live_server.url)
    settings.ALERTMANAGER_URL = found.url
    found.start()
    yield found
    found.stop()


def the_alert():
    return Alert.objects.filter(name="SomethingWrong").first()


def raised():
    row = raising.raise_alert(KIND, summary="Wrong", labels={"instance": "a b ü"})
    raising.send_all()
    eventually(the_alert, within_seconds=20)
    return row


def test_it_works(server):
    row = raised()
    found = the_alert()
    assert (found.fingerprint, found.starts_at) == (row.fingerprint, row.starts_at)
    assert (found.source, found.status, found.summary) == ("alertmanager", "firing", "Wrong")
    raising.lower(KIND, labels={"instance": "a b ü"})
    raising.send_all()
    eventually(lambda: the_alert().status == "resolved", within_seconds=20)
    kinds = AlertEvent.objects.order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["fired", "resolved"]


def test_our_fingerprints_are_its_fingerprints(server):
    labels = {"alertname": "X", "z": "ü €", "a": "", "b_c": "1"}
    alertmanager.send([{"labels": labels, "startsAt": alertmanager.rfc3339(timezone.now())}])
    known = eventually(alertmanager.alerts, within_seconds=10)
    kept = {name: value for name, value in labels.items() if value}
    assert [one.fingerprint for one in known] == [fingerprints.of(kept)]


def test_a_silence(server, staff):
    raised()
    ada = staff("operator", username="ada")
    until = timezone.now() + timedelta(hours=1)
    silence_id = silencing.silence(the_alert().pk, by=ada, until=until, comment="Known")
    (found,) = alertmanager.silences()
    assert (found.id, found.created_by, found.comment) == (silence_id, "ada", "Known")
    assert silencing.of_alert(the_alert(), [found]) == [found]
    assert the_alert().is_silenced
    silencing.expire(silence_id, by=ada)
    assert [one.state for one in alertmanager.silences()] == ["expired"]
    reconciling.reconcile()
    assert not the_alert().is_silenced
    actions = Entry.objects.order_by("id").values_list("action", flat=True)
    assert [a for a in actions if a.startswith("alert.silence")] == [
        "alert.silenced",
        "alert.silence_ended",
    ]
    with pytest.raises(acknowledging.NotDone, match="not ended"):
        silencing.expire("5b0c1a9e-0000-4000-8000-000000000001", by=ada)


def test_a_silence_made_elsewhere_is_seen(server):
    raised()
    alertmanager.add_silence(
        [alertmanager.Matcher("alertname", "Some.*", is_regex=True)],
        until=timezone.now() + timedelta(hours=1),
        created_by="amtool",
        comment="elsewhere",
    )
    eventually(lambda: reconciling.reconcile() or the_alert().is_silenced, within_seconds=10)
    assert AlertEvent.objects.filter(kind="silenced", by=None).count() == 1


def test_what_it_lost_is_over_after_a_while(server):
    """Killed, it forgets what fires; and then no end ever comes by the webhook."""
    raised()
    server.stop()
    server.start()
    reconciling.reconcile()
    assert the_alert().missing_since is not None
    long_ago = timezone.now() - timedelta(minutes=6)
    Alert.objects.update(missing_since=long_ago)
    reconciling.reconcile()
    assert (the_alert().status, the_alert().ends_at) == (
        "resolved",
        max(long_ago, the_alert().starts_at),
    )
    assert AlertEvent.objects.filter(kind="vanished").count() == 1


def test_what_fires_after_all_is_reopened(server):
    raised()
    now = timezone.now()
    Alert.objects.update(
        status="resolved", ends_at=now, last_received_at=now - timedelta(minutes=2)
    )
    reconciling.reconcile()
    assert the_alert().status == "firing"
    assert AlertEvent.objects.filter(kind="reopened").count() == 1


def test_it_is_away_and_comes_back(server):
    """The critical alert goes past it, once; when it is back nothing is told again."""
    server.stop()
    raising.raise_alert(KIND, summary="Wrong")
    raising.send_all()
    assert the_alert().source == "direct"
    server.start()
    raising.send_all()
    time.sleep(1)
    assert alertmanager.alerts() == []
    assert Alert.objects.count() == 1
    reconciling.reconcile()
    assert the_alert().missing_since is None
    raising.lower(KIND)
    raising.send_all()
    assert the_alert().status == "resolved"
