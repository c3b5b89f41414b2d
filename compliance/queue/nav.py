"""The desk of verifications in the navigation."""

from compliance.verification.models import VerificationRequest
from monitoring.people import Person
from monitoring.ui import nav


def _open(reader: Person) -> int:
    return VerificationRequest.objects.reviewable()[: nav.COUNT_MOST].count()


nav.register(
    nav.Entry(
        "Verification",
        "/queue/",
        ("verification.view",),
        position=10,
        count=nav.Count(_open, kept=nav.KEPT),
    )
)
