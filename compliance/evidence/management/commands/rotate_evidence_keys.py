"""Wraps all keys of the evidence store by the first of EVIDENCE_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.evidence import rotation


class Command(BaseCommand):
    help = (
        "Wrap every key of the evidence store by the first of EVIDENCE_KEYS, without touching "
        "pictures. May be interrupted and run again; exits 1 when a key can't be opened."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = rotation.rotate()
        self.stdout.write(
            f"{found.rewrapped} re-wrapped, {found.current} already current, "
            f"{len(found.unusable)} unusable."
        )
        if found.unusable:
            raise CommandError(
                "None of EVIDENCE_KEYS opens: " + ", ".join(str(one) for one in found.unusable)
            )
