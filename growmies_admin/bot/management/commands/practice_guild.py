"""Runs the practice guild, the local stand-in of Discord."""

from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Run the practice guild on loopback. Only with GROWMIES_PRACTICE=1."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        from growmies_admin.practice.__main__ import run

        run()
