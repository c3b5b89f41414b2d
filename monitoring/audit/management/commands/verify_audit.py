"""Checks the audit chain: `./dev manage verify_audit`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from monitoring.alerts import raising
from monitoring.audit import chain

CHAIN_BROKEN = raising.Kind("AuditChainBroken", "critical", "compliance")


class Command(BaseCommand):
    help = "Verify the audit chain; names the first bad entry and exits 1 when it is broken."

    def handle(self, *args: Any, **options: Any) -> None:
        report = chain.verify()
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
