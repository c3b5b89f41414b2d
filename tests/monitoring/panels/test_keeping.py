"""Values are worked out once for all, in the background; nobody waits for a slow source."""

import threading
import time
from datetime import timedelta

import pytest

from monitoring.prometheus.client import PrometheusUnavailable
from monitoring.prometheus.keeping import Keeper, NothingMeasured

EVERY = timedelta(seconds=0.5)
SELDOM = timedelta(days=1)  # nothing is renewed but by renew()
NO_WAIT = timedelta(0)


class Source:
    """Something that is asked, counts how often, and may hang or fail."""

    def __init__(self):
        self.asked = 0
        self.fails = None
        self.goes_on = threading.Event()
        self.goes_on.set()

    def __call__(self):
        self.asked += 1
        asked = self.asked
        self.goes_on.wait(20)
        if self.fails:
            raise self.fails
        return asked


@pytest.fixture
def source():
    found = Source()
    yield found
    found.goes_on.set()


@pytest.fixture
def keep(source):
    """Makes keepers as other processes have them: same name, same Valkey."""
    made = []

    def make(every=EVERY):
        keeper = Keeper()
        keeper.register("one", every, source)
        made.append(keeper)
        return keeper

    yield make
    source.goes_on.set()
    for keeper in made:
        keeper.forget()
        # What it still works out would be kept where the next test looks.
        keeper._pool.shutdown(wait=True)


def test_whoever_renews_it_soon_waits_for_nobody(keep, source):
    keeper = keep()
    source.goes_on.clear()
    began = time.monotonic()
    keeper.renew_soon("one")
    assert time.monotonic() - began < 5, "it waited for its source"
    source.goes_on.set()
    until(lambda: keeper.get(["one"], wait=NO_WAIT)["one"].is_known)


def until(true, seconds=10):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_it_works(keep, source):
    kept = keep(SELDOM).get(["one"])["one"]
    assert kept.value == 1
    assert kept.age_seconds(time.time()) < 20


def test_it_is_kept_fresh_while_somebody_asks(keep):
    keeper = keep()
    first = keeper.get(["one"])["one"]
    until(lambda: keeper.get(["one"], wait=NO_WAIT)["one"].at > first.at)


def test_many_askers_in_many_processes_cost_one_question_a_slot(keep, source):
    keepers = [keep(timedelta(seconds=1)) for _ in range(4)]
    began = time.time()
    while time.time() - began < 2.5:
        for keeper in keepers:
            keeper.get(["one"], wait=NO_WAIT)
        time.sleep(0.01)
    assert 2 <= source.asked <= int(time.time() - began) + 2  # slots that began meanwhile
    known = {keeper.get(["one"], wait=NO_WAIT)["one"].value for keeper in keepers}
    assert len(known) <= 2, "they tell different values"


def test_a_source_that_hangs_holds_nobody_up(keep, source):
    keeper = keep()
    keeper.get(["one"])
    source.goes_on.clear()
    asked = source.asked
    until(lambda: keeper.get(["one"], wait=NO_WAIT) and source.asked > asked)
    known = keeper.get(["one"], wait=NO_WAIT)["one"].value
    for _ in range(20):
        assert keeper.get(["one"], wait=NO_WAIT)["one"].value == known
    source.goes_on.set()
    until(lambda: keeper.get(["one"], wait=NO_WAIT)["one"].value > known)


def test_the_first_asker_waits_within_bounds(keep, source):
    source.goes_on.clear()
    assert not keep().get(["one"], wait=timedelta(seconds=0.1))["one"].is_known


@pytest.mark.parametrize("why", [PrometheusUnavailable("Away."), NothingMeasured("Nobody.")])
def test_the_last_value_stays_with_the_reason(keep, source, why):
    keeper = keep(SELDOM)
    first = keeper.get(["one"])["one"]
    source.fails = why
    keeper.renew("one")
    kept = keeper.get(["one"], wait=NO_WAIT)["one"]
    assert (kept.value, kept.failed) == (1, str(why))
    assert kept.at == first.at, "it would not look old"
    source.fails = None
    keeper.renew("one")
    assert not keeper.get(["one"], wait=NO_WAIT)["one"].failed


def test_another_process_knows_the_last_value(keep, source):
    keep(SELDOM).renew("one")  # and others are told, which get() would not wait for
    source.fails = PrometheusUnavailable("Away.")
    restarted = keep(SELDOM)
    restarted.renew("one")
    kept = restarted.get(["one"], wait=NO_WAIT)["one"]
    assert (kept.value, kept.failed) == (1, "Away.")


def test_a_mistake_in_it_ends_nothing(keep, source):
    keeper = keep()
    source.fails = ValueError("secret")
    until(lambda: keeper.get(["one"], wait=NO_WAIT)["one"].failed)
    assert "secret" not in keeper.get(["one"], wait=NO_WAIT)["one"].failed
    source.fails = None
    until(lambda: keeper.get(["one"], wait=NO_WAIT)["one"].is_known)


def test_without_valkey_each_process_works_it_out(keep, source, settings):
    settings.CACHES = {
        "default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/1"}
    }
    assert keep().get(["one"], wait=timedelta(seconds=5))["one"].value
    assert keep().get(["one"], wait=timedelta(seconds=5))["one"].value


def test_nobody_asks_the_source_is_left_alone(keep, source, monkeypatch):
    from monitoring import policy

    monkeypatch.setattr(policy, "BOARD_KEPT_FRESH", timedelta(seconds=0.2))
    keep().get(["one"])
    time.sleep(0.6)
    asked = source.asked
    time.sleep(1.2)
    assert source.asked == asked
