"""What comes as text becomes a number that the database holds, or nothing."""

import pytest

from monitoring.ui import params


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("17", 17), (str(2**63 - 1), 2**63 - 1)])
def test_it_works(text, number):
    assert params.whole(text) == number


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1.0", " 1", "1e3", "١٢", "²", "0x1", str(2**63), "9" * 5000, "1\x00"]
)
def test_what_is_no_number(text):
    assert params.whole(text) is None


def test_a_bound_of_its_own():
    assert params.whole("9999", 9999) == 9999
    assert params.whole("10000", 9999) is None
    assert params.whole(str(params.VERSION + 1), params.VERSION) is None
