"""./dev manage seed_golden_cases: made-up requests with a known answer, into the queue."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.quality import golden
from compliance.quality.golden_pictures import Kind
from compliance.refusals import Refusal


class Command(BaseCommand):
    help = (
        "Puts practice cases into the queue: made-up members and pictures with a known answer. "
        "Reviewers can't tell them apart; they are told after their decision."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--count", type=int, default=1, help="how many (1; 20 at most)")
        parser.add_argument("--kind", choices=[kind.value for kind in Kind], default=None)

    def handle(self, *args: Any, count: int, kind: str | None, **options: Any) -> None:
        if not 1 <= count <= 20:
            raise CommandError("--count must be from 1 to 20.")
        try:
            for _ in range(count):
                golden.seed(kind=Kind(kind) if kind else None)
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        self.stdout.write(f"{count} in the queue.")
