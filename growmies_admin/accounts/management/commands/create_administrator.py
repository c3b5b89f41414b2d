"""Makes the first administrator."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from growmies_admin.accounts import staff
from growmies_admin.accounts.models import Staff
from growmies_admin.accounts.rights import Role


class Command(BaseCommand):
    help = "Make an administrator and print the one-time link under which they choose a password."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("username")
        parser.add_argument("--email", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        if Staff.objects.filter(username=options["username"]).exists():
            raise CommandError(f"There is a staff member {options['username']!r} already.")
        _, link = staff.invite(
            options["username"],
            by=None,
            roles=[Role.ADMINISTRATOR.value],
            email=options["email"],
            discord_id=None,
        )
        self.stdout.write(f"Open this once, soon, and choose a password:\n{link}")
