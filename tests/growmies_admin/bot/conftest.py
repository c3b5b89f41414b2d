"""The practice guild, for the bot."""

import pytest

from tests.growmies_admin.practice.conftest import guild, http, start_bot  # noqa: F401 - fixtures


@pytest.fixture(autouse=True)
def memory_as_it_is(monkeypatch):
    """The heap of a test run is ten times a bot's, and would be gone through at each start."""
    monkeypatch.setattr("growmies_admin.bot.client._settle_memory", lambda: None)
