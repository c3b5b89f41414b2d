"""Deliveries repeat, are late and overtake each other: the order must not matter."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from monitoring.alerts import intake
from monitoring.alerts.models import Alert, AlertEvent
from monitoring.alerts.payload import Payload, from_labels
from monitoring.alerts.signals import alert_changed
from tests.monitoring.alerts.conftest import START, alert

deliveries = st.lists(
    st.tuples(
        st.sampled_from(["aa", "bb"]),  # fingerprint
        st.sampled_from([0, 60]),  # start, in minutes
        st.sampled_from([None, None, 1, 5, 9]),  # end, in minutes after the start
    ),
    min_size=1,
    max_size=8,
)


def incoming(fingerprint, start, end):
    starts_at = START + timedelta(minutes=start)
    return from_labels(
        {"alertname": "X"},
        {},
        fingerprint=fingerprint,
        starts_at=starts_at,
        ends_at=None if end is None else starts_at + timedelta(minutes=end),
    )


class TestAnyOrder(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(deliveries, st.randoms())
    def test_the_end_is_what_was_delivered(self, wanted, random):
        """Resolved when any delivery said so, with the latest end; else it fires."""
        Alert.objects.all().delete()
        random.shuffle(wanted)
        for one in wanted:
            intake.take_in(Payload("", (incoming(*one),), 0))
        found = {
            (row.fingerprint, row.starts_at): (row.ends_at, row.received_count)
            for row in Alert.objects.all()
        }
        expected = {}
        for key, same in itertools.groupby(sorted(wanted, key=str), lambda one: one[:2]):
            same = list(same)
            starts_at = START + timedelta(minutes=key[1])
            ends = [starts_at + timedelta(minutes=end) for *_, end in same if end is not None]
            expected[key[0], starts_at] = (max(ends, default=None), len(same))
        assert found == expected

    @settings(max_examples=40, deadline=None)
    @given(deliveries)
    def test_others_hear_of_each_change_once(self, wanted):
        """None, firing, resolved: never backwards, never twice."""
        Alert.objects.all().delete()
        heard = {}

        def hear(sender, alert, old_status, new_status, **_):
            heard.setdefault(alert.pk, []).append((old_status, new_status))

        alert_changed.connect(hear)
        try:
            for one in wanted:
                intake.take_in(Payload("", (incoming(*one),), 0))
        finally:
            alert_changed.disconnect(hear)
        possible = (
            [(None, "firing")],
            [(None, "resolved")],
            [(None, "firing"), ("firing", "resolved")],
        )
        assert heard.keys() == set(Alert.objects.values_list("pk", flat=True))
        assert all(changes in possible for changes in heard.values())


@pytest.mark.django_db
def test_a_late_firing_does_not_reopen(deliver):
    deliver(alert(1))
    deliver(alert(1, end=5))
    assert deliver(alert(1)) == 0
    assert Alert.objects.get().status == "resolved"
    kinds = AlertEvent.objects.order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["fired", "resolved"]


@pytest.mark.django_db
def test_a_new_start_is_a_new_alert(deliver):
    deliver(alert(1, end=5))
    deliver(alert(1, start=START + timedelta(hours=1)))
    statuses = Alert.objects.order_by("id").values_list("status", flat=True)
    assert list(statuses) == ["resolved", "firing"]


@pytest.mark.django_db
def test_a_receiver_that_fails_undoes_the_delivery(deliver):
    def fail(**_):
        raise RuntimeError

    alert_changed.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            deliver(alert(1))
    finally:
        alert_changed.disconnect(fail)
    assert not Alert.objects.exists()
