"""Every metric and label that a rule or a board asks for is exported by somebody."""

import re
from functools import cache

import pytest

from monitoring.metrics import families
from tests.monitoring.prometheus.promql import (
    REPOSITORY,
    alerts,
    in_code,
    recordings,
    used,
)

# Asked for by rules, and not exported yet -> (labels, the room that brings it). Take a line out
# when the room exports it: a test below says so.
EXPECTED = {
    "backup_last_success_timestamp_seconds": (set(), "monitoring/backups"),
    "backup_verification_failed": (set(), "monitoring/backups"),
    "backup_restore_test_last_success_timestamp_seconds": (set(), "monitoring/backups"),
}
# Prometheus adds these to everything that it scrapes.
TARGET = {"job", "instance"}
OF_PROMETHEUS = {
    "up": set(),
    "ALERTS": {"alertname", "alertstate", "severity", "service"},
}
# Recorded from a real scrape of Debian's exporters: a name and its labels a line.
EXPORTERS = ("node", "postgres", "valkey", "prometheus", "alertmanager")


def _ours():
    """Names and labels of our families, with the values where they are bounded."""
    from prometheus_client import REGISTRY

    import growmies_admin.urls  # noqa: F401 - registers what only views import

    found = {}
    for source in getattr(families, "FIGURES", {"database": families.DATABASE_GAUGES}).values():
        found |= {name: set(labels) for name, (_, labels, *_) in source.items()}
    for family in REGISTRY.collect():
        labels = {label for sample in family.samples for label in sample.labels}
        if family.type == "counter":
            found[f"{family.name}_total"] = labels
        elif family.type == "histogram":
            plain = labels - {"le"}
            found |= {f"{family.name}_{end}": plain for end in ("sum", "count")}
            found[f"{family.name}_bucket"] = labels | {"le"}
        else:
            found[family.name] = labels
    for name, label in _bounded():  # also of a family that has no series yet
        found.setdefault(name, set()).add(label)
    return found


def _bounded():
    """(metric, label) -> its known values, for the families of our code."""
    import gc

    gc.unfreeze()  # a bot that ran in this process took everything out of sight (_settle_memory)
    found = {}
    for bounded in (o for o in gc.get_objects() if type(o) is families.Bounded):
        for label, values in bounded.values.items():
            found[bounded.name, label] = set(values)
    return found


def _exporters():
    found = {}
    for name in EXPORTERS:
        path = REPOSITORY / "tests" / "prometheus" / "exported" / f"{name}.txt"
        for line in path.read_text().splitlines():
            metric, *labels = line.split()
            found.setdefault(metric, set()).update(labels)
    return found


def _recorded(known):
    """Labels of recording rules: those that they group by or that they add."""
    found = {}
    for rule in recordings():
        asked = used(rule["expr"])
        labels = found.setdefault(rule["record"], set())
        labels |= asked.labels | set(rule.get("labels", {}))
        if "sum" not in rule["expr"] and "min" not in rule["expr"] and "max" not in rule["expr"]:
            labels |= set().union(*(known.get(name, set()) for name, _ in asked.selectors))
    return found


@pytest.fixture(scope="module")
def exported():
    known = _exporters() | OF_PROMETHEUS | _ours()
    known |= {name: labels for name, (labels, _) in EXPECTED.items()}
    return {name: labels | TARGET for name, labels in (known | _recorded(known)).items()}


@cache
def queries():
    found = {rule["expr"]: rule.get("alert") or rule["record"] for rule in alerts() + recordings()}
    return found | in_code()


@pytest.mark.parametrize(("query", "where"), queries().items(), ids=lambda value: str(value)[:60])
def test_it_asks_for_what_is_exported(exported, query, where):
    asked = used(query)
    labels = set()
    for name, matchers in asked.selectors:
        assert name in exported, f"{where}: nobody exports {name}"
        labels |= exported[name]
        unknown = {label for label, _, _ in matchers} - exported[name]
        assert not unknown, f"{where}: {name} has no label {unknown}"
    assert asked.labels <= labels, f"{where}: nobody exports {asked.labels - labels}"


def test_values_that_are_asked_for_exist():
    bounded = _bounded()
    assert ("discord_commands_total", "status") in bounded
    wrong = []
    for query, where in queries().items():
        for name, matchers in used(query).selectors:
            family = re.sub(r"_(bucket|sum|count)$", "", name)
            for label, op, value in matchers:
                known = bounded.get((family, label)) or bounded.get((name, label))
                if not known or families.OTHER in known:  # learned while it runs
                    continue
                if op == "MatchOp.Equal" and value not in known:
                    wrong.append(f"{where}: {name}{{{label}={value!r}}}")
    assert not wrong


def test_what_has_come_is_no_longer_expected():
    come = EXPECTED.keys() & _ours().keys()
    assert not come, f"take out of EXPECTED: {', '.join(sorted(come))}"


def test_what_is_expected_is_asked_for():
    asked = {name for query in queries() for name, _ in used(query).selectors}
    assert EXPECTED.keys() - asked == set()


def test_the_boards_are_read():
    found = in_code()
    assert any("/panels.py:" in where for where in found.values())
    assert "sum(age_verification_overdue)" in found
    assert any("histogram_quantile(1," in query for query in found)


def test_a_wrong_name_and_a_wrong_label_are_seen(exported):
    for query in (
        'rate(discord_commands{status="error"}[5m])',
        'discord_commands_total{state="error"}',
        "sum by (channel) (discord_commands_total)",
    ):
        with pytest.raises(AssertionError, match=r"nobody exports|has no label"):
            test_it_asks_for_what_is_exported(exported, query, "here")


def test_labels_of_alerts_are_bounded(exported):
    """An alert's labels come from lists that are short: no member, message or channel."""
    allowed = TARGET | {"bot_name", "function", "queue", "device", "probe", "slo", "event"}
    allowed |= {"alertname", "severity", "service"}
    for rule in alerts():
        asked = used(rule["expr"])
        plain = [name for name, _ in asked.selectors if f"({name}" not in rule["expr"]]
        labels = asked.labels.union(*(exported[name] for name in plain)) - {"le"}
        assert not labels & {"member", "channel", "user", "command", "content"}, rule["alert"]
        assert set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"]))) <= allowed
