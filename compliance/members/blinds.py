"""Members of whom somebody must not learn, for now, what was decided about them.

A room that keeps such a secret registers who is concerned; pages about members and what
Discord has to do for them leave those facts out for this reader.
"""

from collections.abc import Callable
from typing import Any

from monitoring.people import Person

Find = Callable[[Any], frozenset[int]]
_finders: list[Find] = []


def register(find: Find) -> None:
    """`find(user)` answers with ids of members."""
    if find not in _finders:
        _finders.append(find)


def member_ids(user: Person) -> frozenset[int]:
    """Ids of members about whom this user has to stay blind now."""
    return frozenset().union(*(find(user) for find in _finders))
