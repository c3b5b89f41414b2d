"""How much room request bodies may take in memory, in all and from one address."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from growmies_admin import policy
from growmies_admin.edge.refusing import Refused
from monitoring.ui.words import span


@dataclass(eq=False)
class Place:
    """What one body takes of a room."""

    asker: str
    end: Callable[[Refused], None]  # called when the place goes to another body
    taken_bytes: int = 0
    waits: bool = False  # for more of its body: it can be ended


@dataclass
class Room:
    """Room for the bodies of one kind of request; used on the event loop only.

    Where there is none left, whoever holds much gives way to whoever holds little, so that
    nobody is kept out by bodies that don't come. A body that is whole stays until it is answered.
    """

    most_bytes: int
    from_one_address_bytes: int
    taken_bytes: int = 0
    _places: dict[Place, None] = field(default_factory=dict)  # the oldest first
    _taken_by: Counter[str] = field(default_factory=Counter)

    def take(self, place: Place, size_bytes: int) -> None:
        """Let the place have so many bytes; what it has stays. Others may be ended for it.

        Raises Refused: 429 beyond the address's share, 503 where those who hold as much as
        this address have nothing unfinished.
        """
        more = size_bytes - place.taken_bytes
        if more <= 0:
            return
        while self._taken_by[place.asker] + more > self.from_one_address_bytes:
            self._end(self._silent(place), _too_many_at_once())
        while self.taken_bytes + more > self.most_bytes:
            self._end(self._largest(place, more), _busy())
        self._places[place] = None
        self._change(place, more)

    def leave(self, place: Place) -> None:
        self._places.pop(place, None)
        self._change(place, -place.taken_bytes)

    def _silent(self, place: Place) -> Place | None:
        """The oldest of the same address of which next to nothing came."""
        for other in self._unfinished(place):
            if other.asker == place.asker and other.taken_bytes <= policy.FORM_BYTES:
                return other
        return None

    def _largest(self, place: Place, more: int) -> Place | None:
        """The oldest of the address that holds most; None where that is the place's own."""
        found = max(self._unfinished(place), key=self._held, default=None)
        if found is None or self._held(found) < self._held(place) + more:
            return None
        return found

    def _unfinished(self, place: Place) -> list[Place]:
        return [other for other in self._places if other.waits and other is not place]

    def _held(self, place: Place) -> int:
        return self._taken_by[place.asker]

    def _end(self, place: Place | None, refused: Refused) -> None:
        """Raises `refused` where there is nobody to end."""
        if place is None:
            raise refused
        self.leave(place)
        place.end(refused)

    def _change(self, place: Place, by_bytes: int) -> None:
        place.taken_bytes += by_bytes
        self.taken_bytes += by_bytes
        self._taken_by[place.asker] += by_bytes
        if not self._taken_by[place.asker]:
            del self._taken_by[place.asker]


def _too_many_at_once() -> Refused:
    return Refused(
        "too_many_at_once",
        "Too much is being sent from your address at once; nothing was kept. "
        "Wait until the rest is through, then send it again.",
    )


def _busy() -> Refused:
    return Refused(
        "busy",
        "Too many people are sending something right now; nothing was kept. "
        f"Send it again in {span(policy.EDGE_RETRY_AFTER)}.",
    )
