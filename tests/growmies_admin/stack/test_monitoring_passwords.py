"""Prometheus, Alertmanager and their exporters answer nobody on the machine but us."""

import contextlib
import os
import stat
import subprocess
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import redis
import yaml

from growmies_admin.stack import probes, starting
from growmies_admin.stack.layout import Layout, Trouble
from growmies_admin.stack.processes import all_of
from tests.growmies_admin.stack.conftest import NOTHING
from tests.running import eventually, free_port_base

ASKED = ("prometheus", "alertmanager", "node-exporter", "postgres-exporter")
EVERYTHING = {
    "matchers": [{"name": "alertname", "value": ".+", "isRegex": True}],
    "startsAt": datetime.now(UTC).isoformat(),
    "endsAt": (datetime.now(UTC) + timedelta(days=365 * 70)).isoformat(),
    "createdBy": "operator",
    "comment": "",
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """The servers of a stack that need no site, as supervisor starts them."""
    outside = {k: v for k, v in os.environ.items() if not k.endswith("_URL")}
    layout = Layout(tmp_path_factory.mktemp("stack"), free_port_base(), outside)
    layout.make()
    starting.prepare_servers(layout)
    environment = layout.environment()
    with contextlib.ExitStack() as running:
        for process in all_of(layout):
            if process.name not in (*ASKED, "valkey", "valkey-exporter"):
                continue
            started = subprocess.Popen(
                process.command,
                env=environment | process.environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            running.callback(started.wait)
            running.callback(started.kill)
        for name in (*ASKED, "valkey", "valkey-exporter"):
            eventually(
                lambda name=name: not probes.probe(layout, name, environment), within_seconds=60
            )
        yield layout


def url(stack, name, path):
    return f"http://127.0.0.1:{stack.port(name)}{path}"


def ask(stack, name, path, **more):
    return httpx.get(url(stack, name, path), trust_env=False, timeout=20, **more)


def signed(stack, server):
    found = stack.environment()
    return found[f"{server}_USER"], found[f"{server}_PASSWORD"]


def test_it_works(stack):
    """With the password each answers, and Prometheus finds all its targets.

    That it reaches Alertmanager is held by tests/faults/test_alerts.py.
    """
    answer = ask(stack, "prometheus", "/api/v1/query?query=up", auth=signed(stack, "PROMETHEUS"))
    assert answer.json()["status"] == "success"
    assert (
        ask(stack, "alertmanager", "/api/v2/silences", auth=signed(stack, "ALERTMANAGER")).json()
        == []
    )

    def up():
        query = "/api/v1/query?query=up==1"
        found = ask(stack, "prometheus", query, auth=signed(stack, "PROMETHEUS")).json()
        jobs = {series["metric"]["job"] for series in found["data"]["result"]}
        return {"prometheus", "alertmanager", "node", "postgres", "valkey"} <= jobs

    eventually(up, within_seconds=60)


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("path", ["/", "/metrics", "/-/ready", "/api/v2/silences", "/debug/pprof/"])
@pytest.mark.parametrize("auth", [None, ("growmies", "growmies"), ("operator", "")])
def test_whoever_has_no_password_gets_nothing(stack, name, path, auth):
    assert ask(stack, name, path, auth=auth).status_code == 401


@pytest.mark.parametrize("host", ["localhost", "attacker.example"])
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_a_silence_of_everything_from_the_machine_or_a_page_is_refused(stack, host, kind):
    headers = {"Host": host, "Content-Type": kind, "Origin": "http://attacker.example"}
    address = url(stack, "alertmanager", "/api/v2/silences")
    answer = httpx.post(address, json=EVERYTHING, headers=headers, trust_env=False)
    assert answer.status_code == 401
    assert "access-control-allow-origin" not in answer.headers
    asked_first = httpx.options(
        address, headers=headers | {"Access-Control-Request-Method": "POST"}, trust_env=False
    )
    assert asked_first.status_code == 401
    found = ask(stack, "alertmanager", "/api/v2/silences", auth=signed(stack, "ALERTMANAGER"))
    assert found.json() == []


@pytest.mark.parametrize("origin", ["http://attacker.example", "null", "http://localhost"])
def test_prometheus_lets_no_other_origin_read(stack, origin):
    """Not even a browser that has the password."""
    answer = ask(
        stack,
        "prometheus",
        "/api/v1/query?query=up",
        auth=signed(stack, "PROMETHEUS"),
        headers={"Origin": origin},
    )
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


def test_valkeys_exporter_shows_no_value(stack):
    """Debian's knows no password and reads what it is asked for; its account may not."""
    with redis.Redis.from_url(stack.environment()["REDIS_URL"]) as client:
        client.set("one-time:token", "a value that nobody may see")
    target = f"redis://127.0.0.1:{stack.port('valkey')}"
    for key in ("one-time:token", "db0=one-time:token"):
        query = {"target": target, "check-single-keys": key, "check-keys": "one-time*"}
        text = ask(stack, "valkey-exporter", "/scrape", params=query).text
        assert "a value that" not in text
        assert "one-time:token" not in text
    assert "redis_up 1" in ask(stack, "valkey-exporter", "/metrics").text


def test_the_account_of_valkeys_exporter_reads_figures_only(stack):
    with redis.Redis(
        port=stack.port("valkey"),
        username="exporter",
        password=stack.secret("VALKEY_EXPORTER_PASSWORD"),
    ) as client:
        assert client.info()["redis_version"]
        for command in (
            ["GET", "x"],
            ["KEYS", "*"],
            ["CONFIG", "GET", "requirepass"],
            ["FLUSHALL"],
        ):
            with pytest.raises(redis.exceptions.NoPermissionError):
                client.execute_command(*command)


def test_passwords_are_in_files_that_we_alone_read(stack):
    names = ("PROMETHEUS_PASSWORD", "ALERTMANAGER_PASSWORD", "EXPORTER_PASSWORD")
    made = {stack.secret(name) for name in (*names, "VALKEY_EXPORTER_PASSWORD")}
    assert len(made) == 4
    for path in stack.data_dir.rglob("*"):
        if path.is_file() and any(one in path.read_text(errors="ignore") for one in made):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    for place in ("prometheus", "alertmanager", "exporters"):
        assert stat.S_IMODE((stack.data_dir / place / "web.yml").stat().st_mode) == 0o600
    for process in all_of(stack):
        assert not any(one in argument for one in made for argument in process.command)
        assert not made & set(process.environment.values())


def test_a_stack_of_an_earlier_version_gets_its_passwords(tmp_path):
    layout = Layout(tmp_path, 8000, {})
    layout.make()
    secrets = tmp_path / "secrets.env"
    lines = secrets.read_text().splitlines()
    kept = [line for line in lines if "PROMETHEUS" not in line and "MANAGER" not in line]
    secrets.write_text("".join(f"{line}\n" for line in kept))
    assert "PROMETHEUS_PASSWORD" not in layout.environment()
    layout.make()
    assert len(layout.environment()["PROMETHEUS_PASSWORD"]) > 40
    assert set(kept) < set(secrets.read_text().splitlines())


def test_our_passwords_are_not_for_servers_of_ones_own(tmp_path):
    outside = {"PROMETHEUS_URL": "https://p.example.org", "ALERTMANAGER_USER": "me"}
    layout = Layout(tmp_path, 8000, outside)
    layout.make()
    found = layout.environment()
    assert "PROMETHEUS_USER" not in found
    assert "PROMETHEUS_PASSWORD" not in found


def test_an_alertmanager_of_ones_own(rendered):
    """Prometheus shows it the password that is set, and none where none is."""
    elsewhere = {"ALERTMANAGER_URL": "https://alerts.example.org"}
    public = {"PUBLIC_URL": "http://localhost:8000"}
    path = rendered(NOTHING | public, **elsewhere)[0]
    (found,) = yaml.safe_load(path.read_text())["alerting"]["alertmanagers"]
    assert found["basic_auth"] == {
        "username": NOTHING["ALERTMANAGER_USER"],
        "password_file": "alertmanager.password",
    }
    assert (path.parent / "alertmanager.password").read_text() == NOTHING["ALERTMANAGER_PASSWORD"]
    none = {name: value for name, value in NOTHING.items() if "ALERTMANAGER" not in name}
    (found,) = yaml.safe_load(rendered(none | public, **elsewhere)[0].read_text())["alerting"][
        "alertmanagers"
    ]
    assert "basic_auth" not in found


@pytest.mark.parametrize(
    ("changed", "outside"),
    [
        ({"ALERTMANAGER_USER": ""}, {}),
        ({"PROMETHEUS_PASSWORD": "x" * 73}, {}),
        ({}, {"ALERTMANAGER_URL": "https://me:hunter2@alerts.example.org"}),
        ({}, {"PROMETHEUS_URL": "https://me:hunter2@prometheus.example.org"}),
    ],
    ids=["no user", "too long for bcrypt", "in Alertmanager's URL", "in Prometheus' URL"],
)
def test_what_can_not_be_a_password_stops_the_start(rendered, changed, outside):
    with pytest.raises(Trouble, match="must") as stopped:
        rendered(NOTHING | {"PUBLIC_URL": "http://localhost:8000"} | changed, **outside)
    assert "hunter2" not in str(stopped.value)
