"""Makes and prints the accounts of practice mode."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from growmies_admin.accounts.practice import make_accounts


class Command(BaseCommand):
    help = "Make the practice accounts (practice mode only) and print them as JSON."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--json", action="store_true", help="kept for scripts; always JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.PRACTICE:
            raise CommandError("There are no default accounts outside practice mode.")
        self.stdout.write(json.dumps(make_accounts(), indent=2))
