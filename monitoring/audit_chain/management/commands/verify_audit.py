"""Checks the audit trail: `./dev manage verify_audit`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from monitoring import policy
from monitoring.audit_chain import verifying
from monitoring.audit_chain.chain import NumbersUnreadable
from monitoring.audit_chain.heads import HeadsUnreadable
from monitoring.audit_chain.standing import ChainBroken, EndsEarly

# 2 is what a wrong argument gives.
CHANGED, ENDS_EARLY, UNREADABLE = 1, 3, 4


class Command(BaseCommand):
    help = (
        "Verify the audit trail. Exits with 1 when it was changed, with 3 when it ends before "
        "what was written down, with 4 when the file of heads or the sequence of entries can't be "
        "read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--heads",
            type=Path,
            help="A copy of the heads that was kept elsewhere; the site's own file otherwise.",
        )
        parser.add_argument(
            "--processes",
            type=int,
            default=policy.AUDIT_VERIFY_PROCESSES,
            help="How many walk at the same time (%(default)s).",
        )

    def handle(self, *args: Any, heads: Path | None, processes: int, **options: Any) -> None:
        try:
            found = verifying.verify(processes, copy=heads)
        except ChainBroken as why:
            raise CommandError(str(why), returncode=CHANGED) from why
        except EndsEarly as why:
            raise CommandError(str(why), returncode=ENDS_EARLY) from why
        except (HeadsUnreadable, NumbersUnreadable) as why:
            raise CommandError(str(why), returncode=UNREADABLE) from why
        report = found.report
        self.stdout.write(
            f"{report.sealed} entries are as they were sealed, {report.unsealed} not sealed yet."
        )
        self.stdout.write(f"Head {report.head}")
        for sentence in found.sentences:
            self.stdout.write(sentence)
