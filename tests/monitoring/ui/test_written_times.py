"""Times that programs wrote into texts stand on pages as times do everywhere."""

from datetime import timedelta

import pytest
from django.utils import timezone

from monitoring.ui.templatetags.ui import fact, timely


def test_it_works():
    until = timezone.now() + timedelta(minutes=30, seconds=2)
    shown = timely(f"Silenced until {until.isoformat()} by <operator>.")
    assert f'<time datetime="{until.isoformat(timespec="seconds")}"' in shown
    assert "in 30 min</time> by &lt;operator&gt;." in shown


@pytest.mark.parametrize(
    "written",
    ["2026-03-01T05:06:07.123456+00:00", "2026-03-01T05:06:07Z", "2026-03-01 05:06 UTC"],
)
def test_each_way_of_writing(written):
    assert timely(written).startswith('<time datetime="2026-03-01T05:06:0')
    assert ">1 Mar 2026</time>" in timely(written)


def test_a_day_alone():
    assert timely("from 2026-03-01 on") == "from 1 Mar 2026 on"


@pytest.mark.parametrize("other", ["2026-99-99", "2026-03-01T05:06:07", "12026-03-01", "9-9", ""])
def test_what_is_no_moment_stays(other):
    assert timely(other) == other


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "yes"),
        (None, "–"),
        (3, "3"),
        (["a", "b"], "a, b"),
        ({"to_whom": "a"}, "to whom a"),
        ("x" * 50, "x" * 39 + "…"),
        ("d1e10413-7e52-4276-9039-4cba0009e9b9", "d1e10413…"),
        ("2026-03-01", "1 Mar 2026"),
    ],
)
def test_facts(value, shown):
    assert fact(value) == shown


def test_a_time_in_a_long_fact_is_not_cut():
    shown = fact({"until": "2026-03-01T05:06:07.123456+00:00", "title": "x" * 50})
    assert shown.startswith('until <time datetime="2026-03-01T05:06:07+00:00"')
    assert shown.endswith(">1 Mar 2026</time>, title xxxxxxxxxxxxxxx…")


def test_a_time_that_does_not_fit_is_left_out():
    assert fact("x" * 35 + " 2026-03-01T05:06:07Z") == "x" * 35 + " …"
