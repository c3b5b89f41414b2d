"""Appeals in the navigation, with those that the reader may decide."""

from compliance.appeals.claims import KIND
from compliance.desk import inbox
from monitoring.people import Person
from monitoring.ui import nav


def _waiting(reader: Person) -> int:
    return inbox.counted(reader).get(KIND.name, 0)


nav.register(
    nav.Entry(
        "Appeals",
        "/appeals/",
        ("appeals.view",),
        position=30,
        count=nav.Count(_waiting),
    )
)
