"""The practice guild, for the bot."""

from tests.growmies_admin.practice.conftest import guild, http, start_bot  # noqa: F401 - fixtures
