"""What the roles of the database may do that they should not: `./dev manage check_database`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from monitoring.database import roles


class Command(BaseCommand):
    help = "Say what a role of the database may do that it should not; exits 1 when there is any."

    def handle(self, *args: Any, **options: Any) -> None:
        found = roles.faults()
        for line in found:
            self.stdout.write(line)
        if found:
            raise CommandError(
                f"{len(found)} faults in the roles of the database (docs/operations.md, Roles of"
                " the database)."
            )
        self.stdout.write("Each role of the database may do what it must, and no more.")
