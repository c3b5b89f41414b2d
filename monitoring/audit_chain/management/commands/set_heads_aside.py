"""Begins a new file of heads: `./dev manage set_heads_aside "restored the backup of …"`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from monitoring.audit_chain import heading, outside


class Command(BaseCommand):
    help = "Rename the file of heads and begin a new one, after a restore of an older backup."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("reason", help="Why, for the audit entry.")

    def handle(self, *args: Any, reason: str, **options: Any) -> None:
        if not reason.strip():
            raise CommandError("Say why: the audit entry keeps the reason.")
        outside.deliver()
        aside = heading.set_aside(reason.strip()[:300])
        self.stdout.write(f"Set aside as {aside}. Keep it." if aside else "There was no file.")
