"""The site asks Prometheus with its password, and says so when that is refused."""

import socket
import subprocess

import bcrypt
import httpx
import pytest

from growmies_admin.stack.servers import debian_program
from monitoring.health import checks
from monitoring.health.registry import Unhealthy
from monitoring.prometheus import client
from monitoring.prometheus.client import PrometheusUnavailable
from tests.running import eventually

USER, PASSWORD = "somebody", "a password: ü"


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """Debian's Prometheus, which asks for a password."""
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "prometheus.yml").write_text("{}")
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    (folder / "web.yml").write_text(f"basic_auth_users: {{{USER}: {hashed}}}")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = subprocess.Popen(
        [debian_program("prometheus"), f"--config.file={folder / 'prometheus.yml'}"]
        + [f"--web.config.file={folder / 'web.yml'}", f"--storage.tsdb.path={folder / 'data'}"]
        + [f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"],
        stderr=subprocess.DEVNULL,
    )
    found = f"http://127.0.0.1:{port}"

    def is_ready():
        try:
            answer = httpx.get(f"{found}/-/ready", auth=(USER, PASSWORD), trust_env=False)
        except httpx.HTTPError:
            return False
        return answer.is_success

    try:
        eventually(is_ready, within_seconds=60)
        yield found
    finally:
        running.terminate()
        running.wait(15)


@pytest.fixture(autouse=True)
def site(settings, url):
    settings.PROMETHEUS_URL = url
    settings.PROMETHEUS_USER, settings.PROMETHEUS_PASSWORD = USER, PASSWORD


def test_it_works():
    assert [sample.value for sample in client.query("vector(7)")] == [7.0]
    assert client.firing_alerts() == []
    assert checks.prometheus() == {"ready": True}


@pytest.mark.parametrize(("user", "password"), [("", ""), (USER, "wrong"), ("other", PASSWORD)])
def test_a_wrong_password_is_said_and_not_shown(settings, user, password):
    settings.PROMETHEUS_USER, settings.PROMETHEUS_PASSWORD = user, password
    for ask in (lambda: client.query("vector(1)"), client.firing_alerts):
        with pytest.raises(PrometheusUnavailable, match="refuses the site's password") as why:
            ask()
        assert "wrong" not in str(why.value)
    with pytest.raises(Unhealthy, match="PROMETHEUS_PASSWORD"):
        checks.prometheus()
