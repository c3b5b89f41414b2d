"""Behind a proxy that ends TLS: to https, and staying there; loopback is asked without."""

import os
import subprocess
import sys

import pytest

from growmies_admin.stack.layout import REPOSITORY
from tests.growmies_admin.edge.conftest import running_web
from tests.growmies_admin.environments import GOOD
from tests.running import eventually

PRODUCTION = {
    "PUBLIC_URL": "https://admin.example.org",
    "TRUSTED_PROXIES": "127.0.0.1",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "DISCORD_TOKEN": "a.real.one",
    "GROWMIES_PRACTICE": "",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running_web(tmp_path_factory.mktemp("https"), **PRODUCTION) as running:
        yield running


def ask(site, line, *headers):
    """Status and headers of an answer; nothing behind the redirect works without a database."""
    head = [f"{line} HTTP/1.1", "Host: localhost", "Connection: close", *headers, "", ""]
    answer = site.raw("\r\n".join(head).encode()).partition(b"\r\n\r\n")[0].decode()
    lines = answer.split("\r\n")
    return int(lines[0].split()[1]), dict(line.lower().split(": ", 1) for line in lines[1:])


def test_it_works(site):
    status, headers = ask(site, "GET /no/such/?a=b")
    assert (status, headers["location"]) == (301, "https://admin.example.org/no/such/?a=b")
    assert "strict-transport-security" not in headers


def test_by_https_it_stays_there(site):
    status, headers = ask(site, "GET /metrics", "X-Forwarded-Proto: https")
    assert status == 200
    assert headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize(
    "line",
    ["GET /live", "GET /ready", "GET /health", "GET /up", "GET /metrics", "POST /api/alerts/"],
)
def test_what_is_asked_on_loopback_is_answered_there(site, line):
    assert ask(site, line)[0] in (200, 401, 503)


def test_the_client_is_whom_the_proxy_names(site):
    ask(site, "POST /api/alerts/", "X-Forwarded-For: 203.0.113.9, 198.51.100.7")
    eventually(lambda: '"ip": "198.51.100.7"' in site.log.read_text(), within_seconds=10)
    assert "203.0.113.9" not in site.log.read_text()


@pytest.mark.parametrize("path", ["/metrics/x", "/api/admin/", "/livex", "/api/alerts/x/"])
def test_nothing_else_is(site, path):
    assert ask(site, f"GET {path}")[0] == 301


def deploy_check(tmp_path, **changes):
    env = {"PATH": os.environ["PATH"], "GROWMIES_DATA_DIR": str(tmp_path), **GOOD}
    (tmp_path / "static").mkdir()
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env=env | PRODUCTION | changes,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("changes", [{}, {"HTTPS_REDIRECT": "0"}])
def test_check_deploy_is_clean(tmp_path, changes):
    done = deploy_check(tmp_path, **changes)
    assert done.returncode == 0, done.stderr


def test_check_deploy_still_finds_something(tmp_path):
    done = deploy_check(tmp_path, SECRET_KEY="short")
    assert done.returncode != 0
    assert "security.W009" in done.stderr


@pytest.mark.parametrize("redirect", ["1", "0", ""])
def test_https_without_a_proxy_to_trust_stops_the_start(tmp_path, redirect):
    """Also where the proxy redirects: everybody would share the limits of its address."""
    done = deploy_check(tmp_path, TRUSTED_PROXIES="", HTTPS_REDIRECT=redirect)
    assert done.returncode == 2
    assert "TRUSTED_PROXIES must name the proxy that ends TLS" in done.stderr
    assert done.stderr.count("\n") == 1
