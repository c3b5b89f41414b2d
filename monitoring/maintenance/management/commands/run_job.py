"""Runs one recorded job here and now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from monitoring.maintenance import registry, running
from monitoring.maintenance.models import RunState
from monitoring.refusals import Refusal


class Command(BaseCommand):
    help = "Run a recorded job in this process: ./dev manage run_job daily_cleanup"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("job", choices=[job.name for job in registry.all_jobs()])

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            row = running.run_now(options["job"])
        except Refusal as why:
            raise CommandError(str(why)) from why
        for _, text in row.lines:
            self.stdout.write(text)
        if row.state != RunState.SUCCEEDED:
            raise CommandError(row.error)
