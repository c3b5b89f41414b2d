"""Prometheus' configuration: what is scraped, where the rules are, where alerts go."""

import subprocess

import pytest
import yaml

from growmies_admin.stack.layout import REPOSITORY, Trouble
from growmies_admin.stack.servers import debian_program
from tests.growmies_admin.stack.conftest import NOTHING

JOBS = ["discord-bot", "growmies-web", "growmies-worker", "prometheus", "alertmanager"]
EXPORTERS = ["node", "postgres", "valkey"]


def config(path):
    return yaml.safe_load(path.read_text())


def jobs(path):
    return [job["job_name"] for job in config(path)["scrape_configs"]]


def test_it_works(rendered):
    path = rendered(NOTHING)[0]
    assert jobs(path) == JOBS + EXPORTERS
    done = subprocess.run(
        [debian_program("promtool"), "check", "config", str(path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 rule" not in done.stdout


def test_what_we_do_not_run_is_not_scraped(rendered):
    path = rendered(
        NOTHING, DATABASE_URL="postgresql://a@10.0.0.1/b", REDIS_URL="redis://10.0.0.1"
    )[0]
    assert jobs(path) == JOBS + ["node"]


def test_alerts_go_to_an_alertmanager_elsewhere(rendered):
    path = rendered(
        {"PUBLIC_URL": "http://localhost:8000"}, ALERTMANAGER_URL="https://alerts.example.org/am"
    )[0]
    (found,) = config(path)["alerting"]["alertmanagers"]
    assert (found["scheme"], found["path_prefix"]) == ("https", "/am")
    assert found["static_configs"] == [{"targets": ["alerts.example.org"]}]
    assert "alertmanager" in jobs(path)


def test_rules_may_lie_elsewhere(rendered, tmp_path):
    own = tmp_path / "rules"
    own.mkdir()
    files = config(rendered({"PROMETHEUS_RULES_DIR": str(own)})[0])["rule_files"]
    assert files == [f"{own}/*.yml"]
    shipped = config(rendered(NOTHING)[0])["rule_files"]
    assert shipped == [f"{REPOSITORY}/docker/prometheus/rules/*.yml"]
    with pytest.raises(Trouble, match="PROMETHEUS_RULES_DIR"):
        rendered({"PROMETHEUS_RULES_DIR": str(tmp_path / "nowhere")})
