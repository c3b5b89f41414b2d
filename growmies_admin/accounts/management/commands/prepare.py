"""Everything between an installed checkout and a running site; safe to run at every start."""

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError

from growmies_admin.accounts import practice, staff
from monitoring.database import roles
from monitoring.incidents import deploys


class Command(BaseCommand):
    help = "Migrate, collect static files, keep the schedule, and make or end practice accounts."

    def handle(self, *args: Any, **options: Any) -> None:
        self._check_evidence_store()
        call_command("migrate", interactive=False, verbosity=1)
        self._check_roles()
        if not settings.PRACTICE:
            self._end_practice_accounts()
        self._collect_static()
        if "sync_schedule" in get_commands():
            call_command("sync_schedule")
        deploys.record(settings.VERSION)
        if settings.PRACTICE:
            try:
                practice.make_accounts()
            except practice.NameTaken as why:
                raise CommandError(str(why)) from None

    def _end_practice_accounts(self) -> None:
        """On a database that was once used for practice. Raises CommandError."""
        try:
            ended = staff.end_practice_accounts()
        except practice.NoAdministrator as why:
            raise CommandError(str(why)) from None
        if ended:
            self.stdout.write(f"Practice accounts are deactivated: {', '.join(ended)}.")

    def _check_evidence_store(self) -> None:
        """A store that can't be written would be found by the first member otherwise."""
        folder: Path = settings.EVIDENCE_DIR
        probe = folder / ".writable"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            probe.write_text("")
            probe.unlink()
        except OSError as error:
            raise CommandError(
                f"The evidence store {folder} can't be written ({error.strerror}). "
                "Set EVIDENCE_DIR to a folder of yours."
            ) from error

    def _check_roles(self) -> None:
        """Where the roles are ours to make a wrong one stops the start; elsewhere it is said."""
        found = [] if settings.DATABASE_ROLES == "off" else roles.faults()
        for fault in found:
            self.stderr.write(f"Roles of the database: {fault}")
        if found and settings.DATABASE_ROLES == "strict":
            raise CommandError(f"the roles of the database are wrong: {found[0]}")

    def _collect_static(self) -> None:
        """Collect and compress only when a file has changed: it takes seconds."""
        stamp = Path(settings.STATIC_ROOT) / ".collected"
        digest = _fingerprint()
        if stamp.exists() and stamp.read_text() == digest:
            return
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        stamp.write_text(digest)


def _fingerprint() -> str:
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
