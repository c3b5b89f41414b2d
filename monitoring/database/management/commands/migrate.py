"""Django's migrate, as the owner of the database; afterwards the site's role has its rights."""

from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from monitoring.database import connecting, grants

# Every database of 0.1 has one of these; since 0.2.0 no migration has these names.
BEFORE = {("alerts", "0002_comparison"), ("members", "0002_consent_method")}
TOO_OLD = (
    "This database is from before version 0.2.0, where the migrations begin anew: it can't be "
    "migrated. To begin again, stop the stack (./dev down) and remove its data folder, or choose "
    "another one by GROWMIES_DATA_DIR (docs/migrations.md)."
)


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with connecting.as_owner():
            if is_too_old(set(MigrationRecorder(connection).applied_migrations())):
                raise CommandError(TOO_OLD)
            super().handle(*args, **options)
            if settings.DATABASE_OWNER is not None:
                grants.give(settings.DATABASES["default"]["USER"])


def is_too_old(applied: set[tuple[str, str]]) -> bool:
    """Whether these are migrations of a version that can't be migrated from."""
    return not BEFORE.isdisjoint(applied)
