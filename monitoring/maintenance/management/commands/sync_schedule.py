"""Brings beat's schedule up to date with the registered jobs."""

from typing import Any

from django.core.management.base import BaseCommand

from monitoring.maintenance import schedule


class Command(BaseCommand):
    help = "Create missing schedule entries; what people changed stays as they left it."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{schedule.sync()} schedule entries changed.")
