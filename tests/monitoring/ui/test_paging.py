"""Pages by keyset: every row once, in order, whatever comes; and only from real places."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as of_hypothesis
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from monitoring.incidents.models import MaintenanceWindow
from monitoring.ui import paging
from monitoring.uptime.models import Probe

pytestmark = pytest.mark.django_db


def probes(*rows):
    facts = {"url": "https://x.example", "since": timezone.now(), "checked_at": timezone.now()}
    Probe.objects.bulk_create(
        Probe(name=name, up=up, took_seconds=0.1, error="" if up else "no answer", **facts)
        for name, up in rows
    )


def walk(*order, size, found=None):
    after, seen = "", []
    while True:
        page = paging.page(found or Probe.objects.all(), *order, after=after, size=size)
        assert len(page.rows) <= size
        seen += page.rows
        if not page.next:
            return seen
        assert len(page.rows) == size
        after = page.next


class EveryOrder(TestCase):
    @of_hypothesis(max_examples=15, deadline=None)
    @given(
        rows=st.dictionaries(st.text("abcÄ'%|", min_size=1, max_size=3), st.booleans(), max_size=9),
        order=st.sampled_from([("name",), ("-name",), ("up", "name"), ("up", "-name")]),
        size=st.integers(1, 4),
    )
    def test_each_row_once_in_order(self, rows, order, size):
        probes(*rows.items())
        assert walk(*order, size=size) == list(Probe.objects.order_by(*order))


def test_it_works():
    probes(("a", True), ("b", False), ("c", True))
    assert [one.name for one in walk("up", "-name", size=2)] == ["b", "c", "a"]


def test_what_comes_before_the_place_moves_nothing():
    probes(("b", True), ("d", True))
    first = paging.page(Probe.objects.all(), "name", after="", size=1)
    probes(("a", True), ("c", True))
    second = paging.page(Probe.objects.all(), "name", after=first.next, size=9)
    assert [one.name for one in second.rows] == ["c", "d"]


def test_moments_keep_their_microseconds(staff):
    by, now = staff("operator"), timezone.now()
    for n in range(4):
        MaintenanceWindow.objects.create(
            title=str(n),
            service="bot",
            made_by=by,
            starts_at=now + timedelta(microseconds=n // 2),
            ends_at=now + timedelta(hours=1),
        )
    found = walk("-starts_at", "-id", size=1, found=MaintenanceWindow.objects.all())
    assert [one.title for one in found] == ["3", "2", "1", "0"]


@pytest.mark.parametrize("damage", ["", "x", "1", "W10:abc", "\x00", "a" * 5000])
def test_a_damaged_cursor_is_the_first_page(damage):
    probes(("a", True), ("b", True))
    after = paging.page(Probe.objects.all(), "name", after="", size=1).next
    wrong = f"{after[:-1]}{damage}" if damage else ""
    page = paging.page(Probe.objects.all(), "name", after=wrong, size=1)
    assert [one.name for one in page.rows] == ["a"]
    if wrong:
        with pytest.raises(paging.DamagedCursor):
            paging.page(Probe.objects.all(), "name", after=wrong, size=1, strict=True)


def test_a_cursor_fits_its_own_list_and_order_only():
    probes(("a", True), ("b", True))
    after = paging.page(Probe.objects.all(), "name", after="", size=1).next
    for order in (("-name",), ("up", "name")):
        with pytest.raises(paging.DamagedCursor):
            paging.page(Probe.objects.all(), *order, after=after, size=1, strict=True)
    with pytest.raises(paging.DamagedCursor):
        windows = MaintenanceWindow.objects.all()
        paging.page(windows, "title", after=after, size=1, strict=True)


def test_the_same_place_is_the_same_cursor():
    """Lists that are polled compare what they show, the way on included."""
    probes(("a", True), ("b", True))
    pages = [paging.page(Probe.objects.all(), "name", after="", size=1) for _ in range(2)]
    assert pages[0].next == pages[1].next != ""


def test_one_query_and_no_count():
    probes(*((f"{n:02}", True) for n in range(30)))
    with CaptureQueriesContext(connection) as asked:
        paging.page(Probe.objects.all(), "name", after="", size=10)
    assert len(asked) == 1 and "LIMIT 11" in asked[0]["sql"]
