"""Runs the Discord bot."""

import asyncio
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from growmies_admin.bot.running import WrongSetup, run

WRONG_SETUP = 2  # exit code: restarting alone won't help


class Command(BaseCommand):
    help = "Run the Discord bot until SIGTERM. Exits with 2 when a person must change something."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DISCORD_TOKEN:
            self._stop("DISCORD_TOKEN is missing. Set it, or run with GROWMIES_PRACTICE=1.")
        try:
            asyncio.run(run())
        except WrongSetup as wrong:
            self._stop(str(wrong))

    def _stop(self, line: str) -> None:
        self.stderr.write(f"The bot can't start: {line}")
        sys.exit(WRONG_SETUP)
