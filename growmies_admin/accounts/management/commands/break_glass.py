"""An administrator for a short time, when nobody else can get in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from growmies_admin import policy
from growmies_admin.accounts import staff
from monitoring.refusals import Refusal
from monitoring.ui.words import span


class Command(BaseCommand):
    help = (
        f"Make somebody administrator for {span(policy.BREAK_GLASS)}. "
        "Writes a critical audit entry."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            _, link = staff.break_glass(options["username"])
        except Refusal as why:
            raise CommandError(str(why)) from None
        self.stdout.write(f"For {span(policy.BREAK_GLASS)} from now. Open this once:\n{link}")
