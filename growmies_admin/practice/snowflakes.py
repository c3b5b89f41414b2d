"""Discord's ids: 64 bits, milliseconds since 2015 first. Strings everywhere in this package."""

import re
import threading
import time
from datetime import UTC, datetime

EPOCH_MS = 1_420_070_400_000
_DIGITS = re.compile(r"\d{1,20}")


def is_snowflake(value: object) -> bool:
    """Whether a client's value is a snowflake: digits as text, or a whole number."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return 0 <= value < 2**64
    return isinstance(value, str) and _DIGITS.fullmatch(value) is not None and int(value) < 2**64


def created_at(snowflake: str) -> datetime:
    """The moment that the id says it was made."""
    return datetime.fromtimestamp(((int(snowflake) >> 22) + EPOCH_MS) / 1000, UTC)


class Snowflakes:
    """Makes ids that rise and never repeat, also over restarts (`after` is the highest known)."""

    def __init__(self, after: int = 0) -> None:
        self._last = after
        self._lock = threading.Lock()

    def new(self) -> str:
        """An id of now."""
        with self._lock:
            fresh = (int(time.time() * 1000) - EPOCH_MS) << 22
            self._last = max(fresh, self._last + 1)
            return str(self._last)

    def of(self, moment: datetime, distinct: int) -> str:
        """An id as if made at `moment`; `distinct` (below 4 million) tells equal moments apart."""
        milliseconds = max(int(moment.timestamp() * 1000) - EPOCH_MS, 1)
        return str((milliseconds << 22) | (distinct & 0x3FFFFF))
