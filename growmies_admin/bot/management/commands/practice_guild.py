"""Runs the practice guild, the local stand-in of Discord."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from growmies_admin.practice.server import run


class Command(BaseCommand):
    help = "Run the practice guild on loopback. Only with GROWMIES_PRACTICE=1."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(run())
