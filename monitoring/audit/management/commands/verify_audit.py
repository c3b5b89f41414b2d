"""Checks the audit chain: `./dev manage verify_audit`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from monitoring.audit import chain


class Command(BaseCommand):
    help = "Verify the audit chain; names the first bad entry and exits 1 when it is broken."

    def handle(self, *args: Any, **options: Any) -> None:
        report = chain.verify()
        if report.first_bad_entry is not None:
            raise CommandError(
                f"The chain is broken at entry {report.first_bad_entry}: {report.why}. "
                f"{report.sealed} entries before it are as they were sealed."
            )
        self.stdout.write(
            f"{report.sealed} entries are as they were sealed, {report.unsealed} not sealed yet."
        )
        self.stdout.write(f"Head {report.head}")
