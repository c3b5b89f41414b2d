"""Checks the audit chain: `./dev manage verify_audit`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from monitoring import policy
from monitoring.alerts import raising
from monitoring.audit import chain, heads

CHAIN_BROKEN = raising.Kind("AuditChainBroken", "critical", "compliance")


class Command(BaseCommand):
    help = "Verify the audit chain; names the first bad entry and exits 1 when it is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--heads",
            type=Path,
            help="A file of heads that were written down; the site's own one otherwise, if any.",
        )
        parser.add_argument(
            "--processes",
            type=int,
            default=policy.AUDIT_VERIFY_PROCESSES,
            help="How many walk at the same time (%(default)s).",
        )

    def handle(self, *args: Any, heads: Path | None, processes: int, **options: Any) -> None:
        report = chain.verify(processes)
        if report.first_bad_entry is not None:
            raising.raise_alert(
                CHAIN_BROKEN,
                summary="The audit trail was changed",
                description=f"verify_audit found entry {report.first_bad_entry} not as it was "
                f"sealed: {report.why}.",
            )
            raise CommandError(
                f"The chain is broken at entry {report.first_bad_entry}: {report.why}. "
                f"{report.sealed} entries before it are as they were sealed."
            )
        raising.lower(CHAIN_BROKEN)
        self.stdout.write(
            f"{report.sealed} entries are as they were sealed, {report.unsealed} not sealed yet."
        )
        self.stdout.write(f"Head {report.head}")
        self._check_heads(heads)

    def _check_heads(self, given: Path | None) -> None:
        path = given or settings.AUDIT_HEADS
        if given is None and not path.exists():
            self.stdout.write("No head was written down yet.")
            return
        try:
            written = heads.read(path)
        except heads.HeadsUnreadable as error:
            raise CommandError(str(error)) from error
        if (gone := heads.first_gone(written)) is not None:
            raise CommandError(heads.sentence(gone))
        self.stdout.write(f"{len(written)} heads that were written down stand where they stood.")
