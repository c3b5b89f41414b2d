"""What is away is asked once in a while, and nobody waits for it in between."""

from datetime import timedelta

import pytest
from redis.exceptions import ConnectionError as ValkeyAway
from redis.exceptions import TimeoutError as ValkeyHangs

from monitoring.breaking import Breaker


@pytest.fixture
def away():
    """Asks something that is away, and counts how often: `away(breaker)`, `away.asked`."""

    def ask(breaker, error=ValkeyAway):
        def call():
            ask.asked += 1
            raise error

        return breaker.call(call, "nothing")

    ask.asked = 0
    return ask


def test_it_works(away):
    breaker = Breaker("x_away", timedelta(hours=1))
    assert breaker.call(lambda: 7, 0) == 7
    assert [away(breaker) for _ in range(3)] == ["nothing"] * 3
    assert away.asked == 1
    assert breaker.call(lambda: 7, 0) == 0, "it rests, whoever asks"


@pytest.mark.parametrize("error", [ValkeyAway, ValkeyHangs, OSError])
def test_after_the_pause_it_asks_again(away, error):
    breaker = Breaker("x_away", timedelta(0))
    away(breaker, error)
    away(breaker, error)
    assert away.asked == 2
    assert breaker.call(lambda: 7, 0) == 7


def test_each_has_a_pause_of_its_own(away):
    one, other = Breaker("a", timedelta(hours=1)), Breaker("b", timedelta(hours=1))
    away(one)
    assert other.call(lambda: 7, 0) == 7


def test_a_fault_of_ours_is_no_absence():
    with pytest.raises(KeyError):
        Breaker("x_away", timedelta(0)).call(lambda: {}["x"], 0)
