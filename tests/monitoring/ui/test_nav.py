"""The navigation is made of what rooms register."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.urls import resolve

from growmies_admin.accounts.rights import RIGHTS
from monitoring.ui import nav


@pytest.fixture
def registered(monkeypatch):
    """A navigation of its own: `registered(nav.Entry(…))`."""
    monkeypatch.setattr(nav, "_ENTRIES", {})
    return nav.register


def reader(*rights, pk=1):
    return SimpleNamespace(pk=pk, has_perm=lambda right: right in rights)


def entry(title="Things", url="/things/", position=1, **more):
    return nav.Entry(title, url, ("things.view",), position, **more)


def test_it_works(registered):
    registered(entry("Later", "/later/", 2))
    registered(entry(count=nav.Count(lambda who: 3, "open", tone=lambda: "critical")))
    first, second = nav.of(reader("things.view"), "/things/7/")
    assert (first.title, first.current, first.count, first.counted) == ("Things", True, "3", "open")
    assert first.tone == "critical"
    assert (second.title, second.current, second.count) == ("Later", False, "")


def test_every_entry_of_the_site_leads_somewhere_and_has_a_right():
    assert [one.title for one in nav.entries()] == [
        "Inbox",
        "Verification",
        "Quality",
        "Appeals",
        "Members",
        "Cases",
        "Deliveries",
        "Alerts",
        "Incidents",
        "Maintenance",
        "KPIs",
        "Audit",
        "Staff",
        "Displays",
        "Wall",
        "Status",
    ]
    for one in nav.entries():
        resolve(one.url)
        assert set(one.rights) <= set(RIGHTS), one


def test_any_of_the_rights_is_enough(registered):
    registered(nav.Entry("Things", "/things/", ("things.view", "things.own"), 1))
    assert nav.of(reader("things.own"), "/")
    assert not nav.of(reader("others.view"), "/")


def test_the_longest_address_is_the_current_one(registered):
    registered(entry("Queue", "/queue/", 1))
    registered(entry("Quality", "/queue/second/", 2, pages=("/queue/second/", "/queue/disputes/")))
    for path, title in (("/queue/4/", "Queue"), ("/queue/disputes/4/", "Quality"), ("/other/", "")):
        shown = nav.of(reader("things.view"), path)
        assert "".join(one.title for one in shown if one.current) == title


@pytest.mark.parametrize(("number", "shown"), [(0, ""), (1, "1"), (999, "999"), (1000, "999+")])
def test_counts_in_words(registered, number, shown):
    registered(entry(count=nav.Count(lambda who: number, tone=lambda: "critical")))
    (one,) = nav.of(reader("things.view"), "/")
    assert one.count == shown
    assert bool(one.tone) == bool(number)


@pytest.mark.parametrize(("own", "asked"), [(False, 1), (True, 2)])
def test_a_kept_count_is_shared_unless_it_is_ones_own(registered, own, asked):
    calls = []
    count = nav.Count(lambda who: calls.append(who) or 1, kept=timedelta(seconds=60), own=own)
    registered(entry(count=count))
    for pk in (1, 2, 1):
        nav.of(reader("things.view", pk=pk), "/")
    assert len(calls) == asked


def test_who_may_not_see_it_pays_for_no_count(registered):
    registered(entry(count=nav.Count(lambda who: pytest.fail("counted"))))
    assert nav.of(reader(), "/") == []


def test_a_title_stands_once(registered):
    registered(entry())
    with pytest.raises(ValueError, match="already"):
        registered(entry(url="/others/"))
