"""The Community Activity Heat Map has each hour of seven days once, in New York's time."""

from datetime import UTC, datetime

import pytest

from growmies_admin.bot import panels
from monitoring.panels.registry import panel
from monitoring.panels.shown import Shown
from monitoring.prometheus.client import Sample

HOUR = 3600
ONCE_EACH = [["1"] * 24 for _ in range(7)]
WEDNESDAY = 2


@pytest.fixture
def counted(monkeypatch):
    """Rows of the map at a time: 169 points of whole hours as Prometheus gives them, and this
    hour so far."""

    def rows(at, *, so_far, number=lambda _at: 1.0):
        last = int(at.timestamp()) // HOUR * HOUR
        points = [(float(t), number(t)) for t in range(last - 168 * HOUR, last + HOUR, HOUR)]
        found = [Sample({}, points[-1][1], tuple(points))]

        class Clock(datetime):
            @classmethod
            def now(cls, tz=None):
                return at.astimezone(tz)

        monkeypatch.setattr(panels, "datetime", Clock)
        monkeypatch.setattr(panels, "query_range", lambda *_a, **_k: found)
        monkeypatch.setattr(panels, "value", lambda _promql: so_far)
        shown = Shown()
        panels._community(panel("community-activity-heat-map"), shown)
        return [row[1:] for row in shown.chart_table.rows]

    return rows


def test_each_hour_of_the_week_is_there_once(counted):
    assert counted(datetime(2026, 7, 15, 18, 0, 30, tzinfo=UTC), so_far=None) == ONCE_EACH


def test_this_hour_so_far_takes_the_place_of_last_weeks(counted):
    found = counted(datetime(2026, 7, 15, 18, 30, tzinfo=UTC), so_far=7.0)
    assert found[WEDNESDAY][14] == "7"  # 18:30 UTC is 14:30 in New York
    found[WEDNESDAY][14] = "1"
    assert found == ONCE_EACH


def test_without_a_figure_of_this_hour_last_weeks_stays(counted):
    assert counted(datetime(2026, 7, 15, 18, 30, tzinfo=UTC), so_far=None) == ONCE_EACH


def test_the_hour_before_the_clock_is_put_back_is_its_own(counted):
    """01:00 to 02:00 comes twice on 1 November 2026; midnight to 01:00 once."""
    sunday = datetime(2026, 11, 1, tzinfo=UTC).timestamp()
    found = counted(
        datetime(2026, 11, 4, 12, 0, 30, tzinfo=UTC),
        so_far=None,
        number=lambda at: 1.0 if sunday + 4 * HOUR < at <= sunday + 7 * HOUR else 0.0,
    )
    assert found[6][:3] == ["1", "2", "0"]
