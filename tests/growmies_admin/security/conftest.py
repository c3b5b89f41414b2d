"""The fixtures of other rooms that recipes are made with."""

import pytest

from tests.compliance.conftest import (  # noqa: F401  # noqa: F401
    all_methods,
    decide,
    drawn,
    due,
    end_cool_down,
    end_undo_window,
    member,
    opened,
    pending,
    picture,
    revealed,
)
from tests.growmies_admin.security.acting import House
from tests.monitoring.alerts.conftest import alertmanager, nothing_queued  # noqa: F401


@pytest.fixture
def house(request, db):
    return House(request)
