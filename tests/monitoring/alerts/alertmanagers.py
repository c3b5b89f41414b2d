"""A real Alertmanager, and alerts that it has."""

import contextlib
import socket
import subprocess

import bcrypt
import httpx
import pytest

from growmies_admin.stack.servers import debian_program
from monitoring.alerts import raising
from monitoring.alerts.models import Alert
from tests.running import eventually

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
        hashed = bcrypt.hashpw(b"its password", bcrypt.gensalt(4)).decode()
        (folder / "web.yml").write_text(f"basic_auth_users: {{site: {hashed}}}")
        self.process = None

    def start(self):
        program = debian_program("prometheus-alertmanager")
        assert program, "apt-get install prometheus-alertmanager"
        self.process = subprocess.Popen(
            [program, f"--config.file={self.folder}/config.yml"]
            + [f"--web.config.file={self.folder}/web.yml"]
            + [f"--storage.path={self.folder}/data", "--cluster.listen-address="]
            + [f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=error"],
            stderr=subprocess.DEVNULL,
        )
        eventually(self._is_ready, within_seconds=20)

    def _is_ready(self):
        with contextlib.suppress(httpx.HTTPError):
            return self.ask("GET", "/-/ready").is_success

    def ask(self, method, path, **more):
        """As somebody beside the site who knows the password."""
        signed = ("site", "its password")
        return httpx.request(method, self.url + path, auth=signed, trust_env=False, **more)

    def set_for(self, settings):
        settings.ALERTMANAGER_URL = self.url
        settings.ALERTMANAGER_USER, settings.ALERTMANAGER_PASSWORD = "site", "its password"

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def server(tmp_path, live_server, settings, nothing_queued):
    settings.ALERT_WEBHOOK_TOKEN = "a token"
    found = Server(tmp_path, live_server.url)
    found.set_for(settings)
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
