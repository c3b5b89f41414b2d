"""./dev manage export_grafana: writes Grafana's dashboards and provisioning from the panels."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from monitoring.panels import grafana


class Command(BaseCommand):
    help = "Write Grafana's dashboards, data source and folders to docker/grafana/."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, default=grafana.FOLDER, help="another folder")

    def handle(self, *args: Any, to: Path, **options: Any) -> None:
        for path in grafana.write(to):
            self.stdout.write(str(path))
