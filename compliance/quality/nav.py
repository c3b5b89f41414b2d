"""Second reviews, disputes and figures of quality in the navigation."""

from compliance.desk import inbox
from compliance.quality import dispute_claims, second_claims
from monitoring.people import Person
from monitoring.ui import nav


def _quality(reader: Person) -> int:
    """Second reviews that this person may do, and disputes that they may settle."""
    waiting = inbox.counted(reader)
    return sum(waiting.get(kind.name, 0) for kind in (second_claims.KIND, dispute_claims.KIND))


nav.register(
    nav.Entry(
        "Quality",
        "/queue/second-reviews/",
        ("verification.decide",),
        position=20,
        pages=("/queue/second-reviews/", "/queue/disputes/", "/queue/quality/"),
        count=nav.Count(_quality),
    )
)
