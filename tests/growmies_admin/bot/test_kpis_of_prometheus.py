"""KPIs that a real Prometheus is asked about: a day of the past that it remembers."""

import socket
import subprocess
from datetime import timedelta

import httpx
import pytest

from growmies_admin.bot import kpi_figures
from growmies_admin.stack.servers import debian_program
from monitoring.kpis import registry
from monitoring.kpis.days import day_of, today
from monitoring.kpis.registry import NotMeasured, SourceAway
from tests.running import eventually

EVERY = 60
BUCKETS = (("0.1", 0), ("0.5", 90), ("1.0", 95), ("2.0", 99), ("+Inf", 100))


def series(begins, seconds):
    """Of yesterday: away for a tenth of it, four fifths of the limit used once, 100 commands."""
    names = {
        'growmies:unavailable{slo="bot"}': lambda n, of: 1 if n < of / 10 else 0,
        "growmies:discord_rate_limit:left_ratio": lambda n, of: 0.2 if n == of // 2 else 1,
        'host_memory_percent{job="growmies-worker"}': lambda n, of: 40 if n < of / 2 else 60,
        'host_cpu_percent{job="growmies-worker"}': lambda n, of: 90,
        'third_party_bot_health{job="discord-bot",bot_name="carl-bot"}': lambda n, of: 1,
        'third_party_bot_health{job="discord-bot",bot_name="sesh"}': lambda n, of: n < of / 2,
    }
    for le, count in BUCKETS:
        name = f'discord_command_duration_seconds_bucket{{job="discord-bot",le="{le}"}}'
        names[name] = lambda n, of, count=count: count * n / of
    count = seconds // EVERY
    for name, value in names.items():
        yield f"# TYPE {name.partition('{')[0]} gauge"
        for number in range(count):
            yield f"{name} {float(value(number, count))} {begins + number * EVERY}"


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prometheus")
    day = day_of(today().earlier(1))
    lines = dict.fromkeys(series(int(day.begins.timestamp()), int(day.seconds)))
    (folder / "yesterday.txt").write_text("\n".join([*lines, "# EOF", ""]))
    making = [debian_program("promtool"), "tsdb", "create-blocks-from", "openmetrics"]
    subprocess.run(
        [*making, str(folder / "yesterday.txt"), str(folder / "data")],
        check=True,
        capture_output=True,
    )
    (folder / "prometheus.yml").write_text("global: {}\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = subprocess.Popen(
        [
            debian_program("prometheus"),
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=error",
        ]
    )
    url = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: _ready(url), within_seconds=30)
        yield url
    finally:
        running.terminate()
        running.wait(15)


def _ready(url):
    try:
        return httpx.get(f"{url}/-/ready", trust_env=False).is_success
    except httpx.HTTPError:
        return False


@pytest.fixture
def yesterday(prometheus, settings):
    settings.PROMETHEUS_URL = prometheus
    return day_of(today().earlier(1))


def parts(reading):
    return {part.label: part.value for part in reading.parts}


def about(value):
    return pytest.approx(value, rel=0.02, abs=0.002)


def test_uptime(yesterday):
    found = kpi_figures.uptime(yesterday)
    assert found.value == about(0.9)
    assert found.note.startswith("Watched for ")  # a sample a minute here, not every 5 seconds


def test_commands(yesterday):
    found = kpi_figures.command_time(yesterday)
    assert found.value == about(1.0)
    assert parts(found) == {"p95": about(1.0), "p99": about(2.0)}


def test_rate_limit(yesterday):
    found = kpi_figures.rate_limit(yesterday)
    assert found.value == about(0.8)
    assert parts(found)["Average"] < 0.01


def test_host(yesterday):
    kpi = registry.get("memory-and-cpu")
    found = kpi.measure(yesterday)
    assert found.value == about(0.5)
    assert parts(found) == {
        "Memory, average": about(0.5),
        "Memory, highest": about(0.6),
        "CPU, average": about(0.9),
        "CPU, highest": about(0.9),
    }
    assert kpi.is_met(found) is False  # CPU above its 80 %


def test_other_bots(yesterday):
    found = registry.get("third-party-bots").measure(yesterday)
    assert found.value == about(0.75)
    assert parts(found)["sesh"] == about(0.5)
    assert parts(found)["xenon"] is None


SLUGS = ["bot-uptime", "command-response-time", "rate-limit-use", "memory-and-cpu",
         "third-party-bots"]  # fmt: skip


@pytest.mark.parametrize("slug", SLUGS)
def test_a_day_that_it_does_not_know(yesterday, slug):
    with pytest.raises(NotMeasured) as why:
        registry.get(slug).measure(day_of(today().earlier(4)))
    assert not isinstance(why.value, SourceAway)


@pytest.mark.parametrize("slug", SLUGS)
def test_without_it_a_day_is_asked_for_again(settings, slug):
    for url in ("http://127.0.0.1:1", ""):
        settings.PROMETHEUS_URL = url
        with pytest.raises(SourceAway, match="Prometheus"):
            registry.get(slug).measure(day_of(today().earlier(1)))


def test_a_day_that_has_just_begun(yesterday):
    day = today()
    just_begun = day_of(day.on, day.begins + timedelta(seconds=20))
    with pytest.raises(NotMeasured, match="just begun"):
        kpi_figures.rate_limit(just_begun)
