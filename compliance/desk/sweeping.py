"""What time does, every few seconds: each room registers its parts.

Each part is bounded, conditional and may run twice, in two workers at once; one part that fails
does not keep the others from running.
"""

from collections.abc import Callable

import structlog
from django.db.models.functions import Now

from compliance.desk import claims, giving_back, holding
from compliance.desk.models import Claim

log = structlog.get_logger(__name__)
BATCH = 200
_parts: dict[str, list[Callable[[], int]]] = {}


def register(name: str, part: Callable[[], int]) -> None:
    """`part()` does some of what is due and answers how many; `name` says what they are."""
    parts = _parts.setdefault(name, [])
    if part not in parts:
        parts.append(part)


def sweep() -> dict[str, int]:
    """One sweep over everything that is due now; how many of each name."""
    return {name: sum(_bounded(part) for part in parts) for name, parts in _parts.items()}


def _bounded(part: Callable[[], int]) -> int:
    try:
        return part()
    except Exception:
        log.exception("sweep_part_failed", part=part.__name__)
        return 0


def end_leases() -> int:
    """End claims whose lease is over, and those on which nothing waits any more."""
    over = Claim.objects.open().filter(expires_at__lte=Now()).order_by("expires_at")
    idle = Claim.objects.open().filter(item__closed_at__isnull=False).order_by("pk")
    ended = sum(claims.end(row, Claim.End.LEASE_ENDED) for row in over[:BATCH])
    return ended + sum(claims.end(row, Claim.End.MOVED) for row in idle[:BATCH])


def end_claims_without_right() -> int:
    return giving_back.of_all_who_may_not(BATCH)


register("leases", end_leases)
register("leases", end_claims_without_right)
register("held", holding.run_due)
