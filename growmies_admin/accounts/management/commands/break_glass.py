"""An administrator for one hour, when nobody else can get in."""

from typing import Any

from django.core.management.base import BaseCommand

from growmies_admin.accounts import staff


class Command(BaseCommand):
    help = "Make somebody administrator for one hour. Writes a critical audit entry."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        _, link = staff.break_glass(options["username"])
        self.stdout.write(f"For one hour from now. Open this once:\n{link}")
