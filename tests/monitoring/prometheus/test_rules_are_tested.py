"""promtool's tests (tests/prometheus/) have a firing and a quiet case for every rule."""

from functools import cache
from pathlib import Path

import promql_parser
import pytest
import yaml

from growmies_admin.stack import testing
from tests.monitoring.prometheus.promql import REPOSITORY, alerts, recordings

FOLDER = REPOSITORY / "tests" / "prometheus"
ALWAYS = {"Watchdog"}  # has no quiet case, on purpose


@cache
def cases():
    found = []
    for path in sorted(FOLDER.glob("*.yml")):
        document = yaml.safe_load(path.read_text())
        for file in document["rule_files"]:
            assert (path.parent / file).is_file()
        found += document["tests"]
    return found


def alert_cases(rule):
    """Of each test that asks for this alert: whether it expects this severity of it."""
    for case in cases():
        for test in case.get("alert_rule_test", ()):
            if test["alertname"] == rule["alert"]:
                yield any(
                    expected["exp_labels"]["severity"] == rule["labels"]["severity"]
                    for expected in test["exp_alerts"]
                )


def record_cases(rule):
    """Of each test that asks for this record: whether it expects something other than 0."""
    wanted = set(rule.get("labels", {}).items())
    for case in cases():
        for test in case.get("promql_expr_test", ()):
            selector = promql_parser.parse(test["expr"])
            given = {(m.name, m.value) for m in selector.matchers.matchers}
            if selector.name == rule["record"] and wanted <= given:
                yield any(sample["value"] != 0 for sample in test["exp_samples"])


def name(rule):
    labels = "-".join(rule.get("labels", {}).values())
    return f"{rule.get('alert') or rule['record']}-{labels}"


@pytest.mark.parametrize("rule", alerts(), ids=name)
def test_each_alert_fires_and_keeps_quiet(rule):
    wanted = {True} if rule["alert"] in ALWAYS else {True, False}
    assert set(alert_cases(rule)) == wanted


@pytest.mark.parametrize("rule", recordings(), ids=name)
def test_each_record_is_computed_and_is_nothing_when_there_is_nothing(rule):
    assert set(record_cases(rule)) == {True, False}


def test_a_rule_without_a_case_is_seen():
    assert set(alert_cases({"alert": "Nobody", "labels": {"severity": "critical"}})) == set()


def test_the_test_command_runs_them(tmp_path):
    (step,) = (step for step in testing._checks(tmp_path) if step.name == "alert rules")
    assert {Path(argument) for argument in step.command[3:]} == set(FOLDER.glob("*.yml"))
