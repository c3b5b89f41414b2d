"""The inbox in the navigation, with how much waits for the reader."""

from compliance.desk import inbox
from monitoring.people import Person
from monitoring.ui import nav


def _waiting(reader: Person) -> int:
    return sum(inbox.counted(reader).values())


nav.register(
    nav.Entry(
        "Inbox",
        "/inbox/",
        ("verification.decide", "verification.settle_disputes", "appeals.decide"),
        position=5,
        count=nav.Count(_waiting),
    )
)
