"""The panels of alerts show what fires, then what was over last."""

from datetime import timedelta

import pytest

from monitoring.alerts.models import Alert, Status
from monitoring.panels import board as boards
from monitoring.panels.boards import Board
from tests.monitoring.alerts.conftest import START

pytestmark = pytest.mark.django_db


@pytest.fixture
def lasted_long():
    """It fired before ten others, and ended after them."""
    for number in range(11):
        Alert.objects.create(
            fingerprint=str(number),
            name="Long" if number == 0 else f"Short{number}",
            severity="warning",
            starts_at=START + timedelta(minutes=number),
            ends_at=START + timedelta(hours=1 if number == 0 else 0, minutes=number + 1),
            status=Status.RESOLVED,
        )


@pytest.mark.parametrize(
    ("board", "slug"), [(Board.MAIN, "recent-alerts"), (Board.SECONDARY, "alert-history")]
)
def test_what_ended_last_is_first(lasted_long, board, slug):
    words = [item.words for item in boards.now(board).of(slug).shown.items]
    assert words[:3] == ["Long", "Short10", "Short9"]
