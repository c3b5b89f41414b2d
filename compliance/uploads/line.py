"""Who sends a picture stands in line: one upload is read at a time, first come, first served.

The line is this web process's own, in memory: a second process has a line and a darkroom of its
own, and takes as much memory again.
"""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from compliance import policy
from compliance.refusals import Refusal


@dataclass(eq=False)
class Turn:
    """One upload's place. `key` says whose it is: one waits for each key at most."""

    key: bytes
    given_up: bool = False

    def check(self) -> None:
        """Refusal sent_again where it was given up, or sent once more."""
        if self.given_up:
            raise Refusal("sent_again")


class Line:
    """A line of at most `longest` who wait, behind the one whose turn it is."""

    def __init__(self, longest: int, patience: timedelta) -> None:
        self._longest, self._patience = longest, patience
        self._moved = threading.Condition()
        self._served: Turn | None = None
        self._waiting: list[Turn] = []

    @contextlib.contextmanager
    def turn(self, key: bytes) -> Iterator[Turn]:
        """Wait for one's turn and have it. Who sends again keeps the place of what waited.

        Refusals: line_long (too many wait, or it took too long), sent_again.
        """
        mine = Turn(key)
        try:
            with self._moved:
                self._join(mine)
                self._await(mine)
            yield mine
        finally:
            with self._moved:
                self._leave(mine)

    def place(self, key: bytes) -> int | None:
        """Place in line, 1 for the next; 0 is being read; None where nobody stands."""
        with self._moved:
            waiting = [turn.key for turn in self._waiting]
            if key in waiting:
                return waiting.index(key) + 1
            return 0 if self._served is not None and self._served.key == key else None

    def leave(self, key: bytes) -> None:
        """Let go of what this key has sent; what is read is refused at its next check().

        This is for the line only: whether it was kept, the link knows (links.give_up()).
        """
        with self._moved:
            for turn in (self._served, *self._waiting):
                if turn is not None and turn.key == key:
                    turn.given_up = True
            self._moved.notify_all()

    def _join(self, mine: Turn) -> None:
        for at, turn in enumerate(self._waiting):
            if turn.key == mine.key:
                turn.given_up, self._waiting[at] = True, mine
                self._moved.notify_all()
                return
        if len(self._waiting) >= self._longest:
            raise Refusal("line_long")
        self._waiting.append(mine)

    def _await(self, mine: Turn) -> None:
        def decided() -> bool:
            return mine.given_up or (self._served is None and self._waiting[0] is mine)

        if not self._moved.wait_for(decided, self._patience.total_seconds()):
            raise Refusal("line_long")
        mine.check()
        self._served = self._waiting.pop(0)

    def _leave(self, mine: Turn) -> None:
        if self._served is mine:
            self._served = None
        if mine in self._waiting:
            self._waiting.remove(mine)
        self._moved.notify_all()


uploads = Line(policy.UPLOAD_LINE, policy.UPLOAD_WAIT)
