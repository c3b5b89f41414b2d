"""Panels are declared once, and the boards have their places."""

from dataclasses import replace

import pytest
from django.utils.text import slugify

from monitoring.panels import registry
from monitoring.panels.boards import LAYOUTS, Board
from monitoring.panels.registry import Misdeclared, all_panels, panel, panels_of
from tests.monitoring.prometheus.promql import REPOSITORY

GUIDE = {
    Board.MAIN: [
        "System Status Overview",
        "Active User Count",
        "Live Command Activity",
        "Error Rate Trends",
        "Memory/CPU Usage",
        "Third-Party Bot Status",
        "Recent Alerts",
        "Community Activity Heat Map",
        "Age Verification Queue",
        "Compliance Violation Log",
        "Performance Metrics",
        "Backup Status",
    ],
    Board.SECONDARY: [
        "Live Chat Activity",
        "Moderation Queue",
        "System Logs",
        "Alert History",
    ],
    Board.OVERVIEW: [
        "Bot Status",
        "Active Users",
        "Command Execution Rate",
        "Memory Usage",
        "Age Verification Status",
        "Compliance Violations (24h)",
    ],
    Board.COMMUNITY: [
        "Member Growth",
        "Channel Activity Heatmap",
        "Growing Help Requests",
        "Educational Content Engagement",
        "Moderation Actions",
        "Third-Party Bot Health",
    ],
    Board.MOBILE: [
        "Bot Online Status",
        "Critical Alerts",
        "Emergency Contact Info",
        "System Health Score",  # last: its formula is under what is urgent
    ],
}


@pytest.mark.parametrize("board", Board)
def test_a_board_has_exactly_the_guides_panels(board):
    assert [one.title for one in panels_of(board)] == GUIDE[board]
    assert [one.position for one in panels_of(board)] == list(range(1, len(GUIDE[board]) + 1))
    assert LAYOUTS[board].columns * LAYOUTS[board].rows == len(GUIDE[board])


@pytest.mark.parametrize("one", all_panels(), ids=lambda one: one.slug)
def test_a_panel_is_whole(one):
    assert one.slug == slugify(one.title.replace("/", " "))
    assert one.about.endswith(".") and one.empty.endswith(".")
    assert (REPOSITORY / one.runbook).is_file()
    assert one.stale_after == 3 * max(one.refresh, one.source_every)
    assert [t.value for t in one.thresholds] == sorted(t.value for t in one.thresholds)


def test_the_highest_threshold_that_is_reached_counts():
    errors = panel("error-rate-trends")
    assert errors.threshold(0.09) is None
    assert errors.threshold(0.1).words == "High"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, "already"),
        ({"slug": "another"}, "already"),
        ({"slug": "another", "position": 99, "look": None}, "either"),
    ],
)
def test_a_wrong_declaration_is_refused(change, why):
    with pytest.raises(Misdeclared, match=why):
        registry.register(replace(panel("recent-alerts"), **change))
